"""Layer 7, unit LDS_H: EF.SOD and the certificate of its signer."""

from collections.abc import Callable

import pytest
from conformance_suites.tr03105.case import Case
from conformance_suites.tr03105.plan import UNITS

CASES = [case for unit in UNITS if unit.id.endswith("LDS_H") for case in unit.cases if case.run]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_card_is_accepted_or_refused_as_the_plan_says_or_deviates_as_decided(
    case: Case, hold: Callable[[Case], None]
) -> None:
    hold(case)
