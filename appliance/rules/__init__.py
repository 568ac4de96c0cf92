"""Rules: how attendance is counted, as versioned data, and the figures that follow from them.

The texts change, so every figure names the version it was counted by. The built-in set is the default until a signed
list brings another one (``meetings.rule_sets``); a version's meaning never changes afterwards.
"""

from appliance.rules.figures import AttendanceState, Counted, Figures, figures
from appliance.rules.rule_set import BUILT_IN, RuleSet

__all__ = ["BUILT_IN", "AttendanceState", "Counted", "Figures", "RuleSet", "figures"]
