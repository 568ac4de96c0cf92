"""Output: sentences for people, or one JSON object a line for machines.

Who the holder is appears in neither unless ``--show-holder`` asks for it: terminals scroll back, and output ends up in
logs and tickets.
"""

import json
import sys
import unicodedata
from dataclasses import asdict
from typing import Any

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
            sys.stderr.write(printable(text) + "\n")
            sys.stderr.flush()

    def error(self, error: VerifierError | OSError, source: str | None = None) -> None:
        """Tell what went wrong, in a sentence."""
        reason, sentence = described(error)
        if self.as_json:
            self.result("", **({"source": source} if source else {}), error={"reason": reason, "sentence": sentence})
        else:
            place = "" if source is None or sentence.startswith(f"{source}: ") else f"{source}: "
            sys.stderr.write(printable(f"thechip: {place}{sentence}") + "\n")

    def report(self, report: Report, *, source: str | None = None, hidden: frozenset[str] = frozenset()) -> None:
        """Write a report; checks named in ``hidden`` say nothing about this source and are left out."""
        results = [result for result in report.results if result.check.value not in hidden]
        facts: dict[str, Any] = {"source": source} if source else {}
        facts |= {
            "outcome": report.outcome,
            "reason": report.reason,
            "sentence": report.sentence,
            "profile": report.profile,
            "at": report.at.isoformat(),
            "results": [asdict(result) for result in results],
            "tolerated": [asdict(one) for one in report.tolerated],
            "remarks": [asdict(one) for one in report.remarks],
        }
        text = (f"{source}: " if source else "") + f"{report.outcome}: {report.sentence} ({report.reason})"
        text += "".join(f"\n  {result.outcome:<13}  {result.check:<18}  {result.sentence}" for result in results)
        text += "".join(
            f"\n  tolerated      {one.code:<18}  {one.sentence} ({one.subject})" for one in report.tolerated
        )
        text += "".join(f"\n  remark         {one.code:<18}  {one.sentence} ({one.subject})" for one in report.remarks)
        if self.show_holder:
            holder = _holder(report)
            facts["holder"] = holder
            facts["chip_key_hash"] = report.chip_key_hash.hex() if report.chip_key_hash else None
            text += "\n  Holder: " + (
                ", ".join(value for value in (holder or {}).values() if value) or "not authenticated"
            )
        self.result(text, **facts)


def described(error: VerifierError | OSError) -> tuple[str, str]:
    """Return reason code and sentence."""
    if isinstance(error, VerifierError):
        return error.reason, error.sentence
    return "file-error", f"{error.filename or 'a file'}: {(error.strerror or 'cannot be used').lower()}"


def printable(text: str) -> str:
    """Return text without control characters: names from certificates and paths must not steer a terminal."""
    return "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _holder(report: Report) -> dict[str, str | None] | None:
    if report.holder is None:
        return None
    return {name: None if value is None else str(value) for name, value in asdict(report.holder).items()}


def _lines(holder: dict[str, str | None]) -> str:
    return "".join(f"\n    {name.replace('_', ' ') + ':':<17} {value}" for name, value in holder.items() if value)
