"""Output: sentences for people, or one JSON object a line for machines.

Who the holder is appears in neither unless ``--show-holder`` asks for it: terminals scroll back, and output ends up in
logs and tickets.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from verifier.cli.report_text import Line, check_lines, deviation_lines, head_lines
from verifier.cli.terminal import Terminal
from verifier.sdk import Report
from verifier.sdk.errors import VerifierError


class Output:
    """Where results go: standard output. Remarks and errors for people go to standard error."""

    def __init__(self, *, as_json: bool, show_holder: bool = False) -> None:
        self.as_json = as_json
        self.show_holder = show_holder

    def result(self, text: str, **facts: Any) -> None:
        """Write a result: ``text`` for people, or ``facts`` for machines."""
        line = json.dumps(facts, ensure_ascii=True) if self.as_json else printable(text)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def remark(self, text: str) -> None:
        """Tell people how things go; machines are not told."""
        if not self.as_json:
            sys.stderr.write(one_line(text) + "\n")
            sys.stderr.flush()

    def error(self, error: VerifierError | OSError, source: str | None = None) -> None:
        """Tell what went wrong, in a sentence."""
        reason, sentence = described(error)
        if self.as_json:
            self.result("", **({"source": source} if source else {}), error={"reason": reason, "sentence": sentence})
        else:
            place = "" if source is None or sentence.startswith(f"{source}: ") else f"{source}: "
            sys.stderr.write(one_line(f"thechip: {place}{sentence}") + "\n")

    def report(
        self,
        report: Report,
        *,
        source: str | None = None,
        hidden: frozenset[str] = frozenset(),
        notes: Iterable[Line] = (),
        **more: Any,
    ) -> None:
        """Write a report; checks named in ``hidden`` say nothing about this source and are left out.

        ``notes`` are further lines for people, ``more`` further facts for machines.
        """
        if self.as_json:
            facts = report.to_dict(include_holder=self.show_holder)
            facts["results"] = [asdict(result) for result in report.results if result.check.value not in hidden]
            self.result("", **({"source": source} if source else {}), **facts, **more)
            return
        terminal = Terminal(sys.stdout)
        for line in (*self._lines(report, source, hidden, terminal.width), *notes):
            terminal.write(one_line(line.text), line.style)

    def _lines(self, report: Report, source: str | None, hidden: frozenset[str], width: int | None) -> Iterator[Line]:
        yield from head_lines(report, source, width)
        if self.show_holder:
            yield Line(f"Holder: {_holder_text(report)}")
        yield Line("")
        yield from check_lines([result for result in report.results if result.check.value not in hidden], width)
        yield from deviation_lines("Tolerated, though not as the standard has it:", report.tolerated, width)
        yield from deviation_lines("Remarks:", report.remarks, width)


def described(error: VerifierError | OSError) -> tuple[str, str]:
    """Return reason code and sentence."""
    if isinstance(error, VerifierError):
        return error.reason, error.sentence
    return "file-error", f"{error.filename or 'a file'}: {(error.strerror or 'cannot be used').lower()}"


def printable(text: str) -> str:
    """Return text without control characters: names from certificates and paths must not steer a terminal."""
    return "".join(c if c == "\n" or not _steers(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def one_line(text: str) -> str:
    """Return text that is printable and has no line of its own: a file named ``x\\nPASSED`` must not write a report."""
    return printable(text).replace("\n", "\N{REPLACEMENT CHARACTER}")


def _steers(character: str) -> bool:
    """Whether a character is for the terminal to obey: control, direction, private use, another kind of line end."""
    category = unicodedata.category(character)
    return category[0] == "C" or category in {"Zl", "Zp"}


def _holder_text(report: Report) -> str:
    if report.holder is None:
        return "not authenticated"
    return ", ".join(str(value) for value in asdict(report.holder).values() if value)
