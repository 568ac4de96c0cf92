"""A report for people: the plain sentence first, then what was looked at, what was tolerated, what is assumed."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from verifier.sdk import CheckResult, Outcome, Report
from verifier.verification.report import Tolerated

_WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "FAILED",
    Outcome.INDETERMINATE: "undecided",
    Outcome.NOT_PERFORMED: "not made",
}
_STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.INDETERMINATE: "yellow",
    Outcome.NOT_PERFORMED: "yellow",
}
_INDENT = "  "
_OUTCOME_WIDTH = max(len(word) for word in _WORDS.values())
_CHECK_WIDTH = 18
_SIDE_BY_SIDE = 70
"""Columns from which a sentence has room beside its check."""
_TIME_LENGTH = len("2026-11-22 08:00")


class Line(NamedTuple):
    """A line, and its style where there are colours."""

    text: str
    style: str = ""


def head_lines(report: Report, source: str | None, width: int | None) -> Iterator[Line]:
    """Yield the sentence, and by what and as of when it was found."""
    sentence = report.sentence if source is None else f"{source}: {report.sentence}"
    yield from _wrapped(sentence, "", width, f"bold {_STYLES[report.outcome]}")
    facts = f"{report.outcome} ({report.reason}), profile {report.profile}, as of {_time(report.at)}"
    yield from _wrapped(facts, "", width)


def check_lines(results: Sequence[CheckResult], width: int | None) -> Iterator[Line]:
    """Yield the checks, in the order of the report; with its code where one did not pass."""
    for result in results:
        outcome, check = _WORDS[result.outcome], result.check.value
        sentence = result.sentence if result.outcome is Outcome.PASSED else f"{result.sentence} ({result.reason})"
        start = f"{_INDENT}{outcome:<{_OUTCOME_WIDTH}}  {check:<{_CHECK_WIDTH}}  "
        style = "" if result.outcome is Outcome.PASSED else _STYLES[result.outcome]
        if width is None or width >= _SIDE_BY_SIDE:
            yield from _hanging(start, sentence, width, style)
        else:
            yield Line(start.rstrip(), style)
            yield from _wrapped(sentence, _INDENT * 2, width, style)


def listed_lines(title: str, sentences: Sequence[str], width: int | None) -> Iterator[Line]:
    """Yield sentences under a title; nothing where there are none."""
    if not sentences:
        return
    yield Line("")
    yield from _wrapped(title, "", width)
    for sentence in sentences:
        yield from _hanging(f"{_INDENT}- ", sentence, width, "")


def deviation_lines(title: str, deviations: Sequence[Tolerated], width: int | None) -> Iterator[Line]:
    """Yield deviations from the standard under a title: whose, what, and by which code."""
    return listed_lines(title, [f"{one.sentence} {one.subject} ({one.code})" for one in deviations], width)


def assumption_lines(profile: str, assumptions: Sequence[str], width: int | None, *, in_full: bool) -> Iterator[Line]:
    """Yield what the profile assumes of the card, or how much that is and where to read it."""
    if in_full:
        yield from listed_lines(f"What the profile {profile} assumes of the card:", assumptions, width)
    elif assumptions:
        yield Line("")
        summary = f"This rests on what the profile {profile} assumes of the card; --assumptions prints it."
        yield from _wrapped(summary, "", width, "dim")


def _hanging(start: str, text: str, width: int | None, style: str) -> Iterator[Line]:
    """Yield text that goes on beneath its own beginning."""
    lines = [text] if width is None else textwrap.wrap(text, width - len(start), break_on_hyphens=False)
    for number, line in enumerate(lines or [""]):
        yield Line((" " * len(start) if number else start) + line, style)


def _wrapped(text: str, indent: str, width: int | None, style: str = "") -> Iterator[Line]:
    yield from _hanging(indent, text, width, style)


def _time(at: datetime) -> str:
    """Return the time to the minute: a verification is about days."""
    written = at.isoformat(" ", "minutes")
    time, zone = written[:_TIME_LENGTH], written[_TIME_LENGTH:]
    return f"{time} {'UTC' if at.utcoffset() == UTC.utcoffset(None) else zone}"
