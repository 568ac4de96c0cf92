"""Figures of NIST, RFC 5114 and RFC 7027 against our primitives; docs/conformance.md has the counts."""

import pytest
from conformance_suites import figures
from conformance_suites.results import Group

GROUPS = {group.name: group for group in figures.suite().groups}


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS.keys())
def test_every_figure_comes_out(group: Group) -> None:
    assert group.failures == []
    assert group.run > 0
