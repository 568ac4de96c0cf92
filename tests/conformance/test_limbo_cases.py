"""Cases of x509-limbo, made anew with our own keys; docs/conformance.md has the counts."""

import pytest
from conformance_suites import limbo, limbo_made
from conformance_suites.limbo_cases import CASES
from conformance_suites.limbo_rules import DEVIATING
from conformance_suites.results import Group


@pytest.mark.parametrize("case", CASES)
def test_a_case_succeeds_or_fails_as_limbo_has_it_or_deviates_as_decided(case: str) -> None:
    expected, run = CASES[case]
    assert limbo.why_not(case, expected) == ""
    assert (run() == "accepted") == (expected != (case in DEVIATING))


def test_an_unexpected_verdict_is_a_failure() -> None:
    group = Group("a group")
    limbo.count(group, "rfc5280::validity::expired-leaf", False, lambda: "accepted")
    limbo.count(group, "rfc5280::ski::critical-ski", False, lambda: "signature-invalid")
    assert group.passed == group.deviating == 0
    assert len(group.failures) == 2
    assert limbo_made.suite().failures == []
