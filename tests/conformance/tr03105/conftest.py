"""A case of the plan, held to what is decided about it."""

from collections.abc import Callable

import pytest
from conformance_suites.tr03105.case import FAILURE, Case
from conformance_suites.tr03105.plan import seen


@pytest.fixture
def hold() -> Callable[[Case], None]:
    """Run a case: it ends as the plan has it, or deviates as decided; what the plan leaves open must not raise."""

    def check(case: Case) -> None:
        ours = seen(case)
        assert ours.reason
        if case.expected is not None:
            assert (ours.result == case.expected) == (not case.deviating), ours
        elif case.id in REFUSED_OF_OURS:
            assert ours.result == FAILURE, ours

    return check


REFUSED_OF_OURS = {
    "ISO7816_B_10",
    "ISO7816_C_08",
    "ISO7816_D_06",
    "ISO7816_D_13",
    "ISO7816_D_15",
}
"""Cases whose result could not be read, and that ours must refuse."""
