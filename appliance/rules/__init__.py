"""Rules: how attendance is counted, as versioned data, and the figures that follow from them.

The texts change, so every figure names the version it was counted by. The built-in set is the default until a signed
list brings another one (``meetings.rule_sets``); a version's meaning never changes afterwards.
"""

from appliance.rules.built_in import BUILT_IN, BUILT_INS
from appliance.rules.figures import AttendanceState, Counted, Figures, figures
from appliance.rules.member_year import MeetingOutcome, MemberYear, member_year
from appliance.rules.rule_set import RuleSet, Timing, Window

__all__ = [
    "BUILT_IN",
    "BUILT_INS",
    "AttendanceState",
    "Counted",
    "Figures",
    "MeetingOutcome",
    "MemberYear",
    "RuleSet",
    "Timing",
    "Window",
    "figures",
    "member_year",
]
