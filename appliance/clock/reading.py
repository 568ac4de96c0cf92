"""A reading of the clock: what time it is, and whether that is known."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NOT_TRUSTED = "clock-not-trusted"
"""The reason code of what cannot be told for want of the time; the verifier's, too."""


class ClockState(StrEnum):
    """Whether the time is known, and if not, why."""

    TRUSTED = "trusted"
    UNCONFIRMED = "unconfirmed"
    """The system's time is possible, and nobody vouches for it."""
    BEHIND = "behind"
    """The system's time lies before what has certainly passed."""
    AHEAD = "ahead"
    """The time lies further ahead of what was signed or confirmed than an appliance is ever left alone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``at`` is the best estimate (aware, UTC) and never before ``floor``; unless ``trusted``, it may be later.

    ``source`` says by whose word it is that time: ``ntp``, ``rtc``, ``officer``, ``system``, or that of the floor.
    """

    at: datetime
    trusted: bool
    state: ClockState
    source: str
    floor: datetime
