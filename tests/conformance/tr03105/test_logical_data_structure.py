"""Layer 7, the files: EF.COM, DG1, DG2, DG14, DG15, EF.CardSecurity, EF.ATR/INFO."""

from collections.abc import Callable

import pytest
from conformance_suites.tr03105.case import Case
from conformance_suites.tr03105.plan import UNITS

CASES = [case for unit in UNITS if unit.id.startswith("LDS") and unit.id != "LDS_H" for case in unit.cases if case.run]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_card_is_accepted_or_refused_as_the_plan_says_or_deviates_as_decided(
    case: Case, hold: Callable[[Case], None]
) -> None:
    hold(case)
