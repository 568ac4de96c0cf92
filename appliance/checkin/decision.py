"""What was decided upon somebody who came, and what they are told."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from appliance.ledger import Sequence
from appliance.roster import Member


class Decision(StrEnum):
    """What the person in front of the reader is told."""

    PRESENT = "present"
    PRESENT_LATE = "present-late"
    ALREADY_PRESENT = "already-present"
    VISITING = "visiting"
    CHECKED_OUT = "checked-out"
    """They leave: a second tap, where the meeting wants to know."""
    REFUSED = "refused"
    TRY_AGAIN = "try-again"
    """The card was not read to its end; the station decides this, never ``admit``."""
    SEE_OFFICER = "see-officer"
    NO_MEETING = "no-meeting"
    RECORDED_BY_HAND = "recorded-by-hand"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What was decided; ``sequence`` is the entry that stands for it (of an earlier tap, where already present)."""

    decision: Decision
    reason: str
    at: datetime
    member: Member | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    sequence: Sequence | None = None
