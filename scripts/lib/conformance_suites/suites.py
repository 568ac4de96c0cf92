"""All suites, run once in a process."""

from functools import cache

from conformance_suites import (
    examples,
    figures,
    limbo_made,
    oracle,
    oracle_crls,
    pkits,
    recorded,
    table,
    wycheproof,
)
from conformance_suites.results import Suite
from conformance_suites.tr03105.plan import test_plan


@cache
def every_suite() -> tuple[Suite, ...]:
    """Run all of them."""
    return (
        wycheproof.suite(),
        figures.suite(),
        pkits.suite(),
        limbo_made.suite(),
        oracle.suite(),
        oracle_crls.suite(),
        examples.worked_examples(),
        test_plan(),
    )


def fresh_page() -> str:
    """Return docs/conformance.md as it ought to be."""
    return table.page(every_suite(), recorded.load())
