"""Cases of x509-limbo, made anew with our own keys; docs/conformance.md has the counts."""

import pytest
from conformance_suites import limbo, limbo_made
from conformance_suites.building import Cert, Crl, leaf, make
from conformance_suites.limbo_cases import CASES
from conformance_suites.limbo_rules import DEVIATING, PROFILE
from conformance_suites.results import Group

from verifier.pki.conformity.certificate_lint import lint_certificate
from verifier.pki.conformity.crl_lint import lint_crl
from verifier.pki.conformity.deviation import Deviation


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


def lint(*arguments, crls=()) -> set[tuple[str, Deviation]]:
    made = make(*arguments, crls)
    certificates = (
        finding for each in (*made.roots, *made.others, made.peer) for finding in lint_certificate(each.der)
    )
    lists = (finding for crl in made.crls for finding in lint_crl(crl.der))
    return {("certificate", finding.code) for finding in certificates} | {("CRL", finding.code) for finding in lists}


BORNE_WITH = [case for case in CASES if DEVIATING.get(case) == PROFILE]


@pytest.mark.parametrize("case", BORNE_WITH)
def test_a_form_that_is_borne_with_is_named_by_the_lint(case: str) -> None:
    _, run = CASES[case]
    plain = lint([Cert("root")], [Cert("intermediate", "root")], leaf("intermediate"), crls=[Crl("root", (4711,))])
    assert lint(*run.args, crls=run.keywords.get("crls", ())) - plain
