"""The versions that came with releases. What one of them means never changes: a change is another version."""

from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from appliance.rules.rule_set import RuleSet, Timing, Window
from appliance.storage.meetings import MeetingKind
from appliance.storage.members import MemberStatus

_BUILT_IN_1: Final = RuleSet(
    version="built-in-1",
    late_after=timedelta(minutes=15),
    outside_ratio=frozenset({MemberStatus.EXEMPT, MemberStatus.SPECIAL_DUTY}),
    line_percent=85,
    in_force_from=date(2000, 1, 1),
)

BUILT_IN: Final = RuleSet(
    version="built-in-2",
    late_after=timedelta(minutes=15),
    outside_ratio=frozenset({MemberStatus.EXEMPT, MemberStatus.SPECIAL_DUTY}),
    line_percent=85,
    in_force_from=date(2000, 1, 1),
    window=Window(before=timedelta(hours=2), after=timedelta(hours=6)),
    by_kind=MappingProxyType(
        {
            # delegates register from early morning, and the second day has no start of its own
            MeetingKind.CONGRESS: Timing(timedelta(minutes=15), Window(timedelta(hours=4), timedelta(hours=36))),
            # people come when the event lasts: whoever opens and closes it decides
            MeetingKind.EVENT: Timing(timedelta(minutes=15)),
        }
    ),
    event_retention=timedelta(days=30),
)
"""What counts where no signed list says otherwise."""

BUILT_INS: Final = MappingProxyType({rules.version: rules for rules in (_BUILT_IN_1, BUILT_IN)})
"""Every version that was ever built in, by its name."""
