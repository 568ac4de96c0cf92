"""One version of the rules by which attendance is counted, and the set that is built in."""

from dataclasses import dataclass
from datetime import date, timedelta

from appliance.storage.members import MemberStatus


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of the rules.

    ``late_after`` counts from the meeting's start; members whose status is in ``outside_ratio`` are in neither part of
    the ratio, even when they come, so that it cannot exceed 1; the ratio is good when it is *above* ``line_percent``.
    ``in_force_from`` is the day of the first meeting that is planned by this version.
    """

    version: str
    late_after: timedelta
    outside_ratio: frozenset[MemberStatus]
    line_percent: int
    in_force_from: date


BUILT_IN = RuleSet(
    version="built-in-1",
    late_after=timedelta(minutes=15),
    outside_ratio=frozenset({MemberStatus.EXEMPT, MemberStatus.SPECIAL_DUTY}),
    line_percent=85,
    in_force_from=date(2000, 1, 1),
)
"""What counts where no signed list says otherwise."""
