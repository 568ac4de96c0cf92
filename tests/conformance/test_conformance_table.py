"""docs/conformance.md says what the code does now."""

from pathlib import Path

from conformance_suites.results import Group, Suite
from conformance_suites.suites import every_suite, fresh_page
from conformance_suites.table import page

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"


def test_the_checked_in_table_is_that_of_a_fresh_run() -> None:
    assert PAGE.read_text() == fresh_page(), "run scripts/conformance and look at what changed"


def test_no_suite_has_a_failure() -> None:
    assert [failure for suite in every_suite() for failure in suite.failures] == []


def test_the_same_reason_is_said_once_for_all_that_it_is_for() -> None:
    first, second = Group("first"), Group("second")
    first.exclude(2, "no card has it")
    second.exclude(3, "no card has it")
    text = page([Suite("A suite", "Text.", [first, second])], [])
    assert "- first, second: no card has it." in text
    assert "| [A suite](#a-suite) | 0 | 0 | 0 | 5 |" in text
