"""NIST PKITS against path finder and revocation; docs/conformance.md has the counts."""

import pytest
from conformance_suites import pkits
from conformance_suites.pkits_cases import EXCLUDED, REFUSED_AS, SECTIONS
from conformance_suites.results import Group

SUITE = {group.name: group for group in pkits.suite().groups}


@pytest.mark.parametrize("group", SUITE.values(), ids=SUITE.keys())
def test_every_case_comes_out_as_decided(group: Group) -> None:
    assert group.failures == []


def test_every_case_of_the_test_document_is_run_or_excluded_with_a_reason() -> None:
    assert {name: group.run + group.excluded for name, group in SUITE.items()} == {
        f"{section} {title}": cases for section, title, _, cases in SECTIONS
    }
    assert all(EXCLUDED.values())


def test_many_different_reasons_are_seen() -> None:
    """Otherwise one check too many could pass for all that PKITS looks for."""
    assert len(set(REFUSED_AS.values())) >= 14
