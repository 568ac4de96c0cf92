"""The results of a batch as a file: one JSON object a line, so that a run which was stopped can go on.

The first line holds the terms: when, by which trust, by which list. Results that were judged by other terms do not
belong into the same file, and are refused.
"""

import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from verifier.cli import exit_codes
from verifier.cli.exit_codes import ExitCode
from verifier.cli.sources import JudgedBy
from verifier.sdk import CheckName, Outcome, Report
from verifier.sdk.batch import Judgement
from verifier.sdk.errors import EvidenceError, InvalidInput

FORMAT = "thechip-batch"
VERSION = 1
_MAX_LINE = 1 << 16
_BEGIN = b'{"format": "' + FORMAT.encode("ascii") + b'"'


@dataclass(frozen=True, slots=True)
class Terms:
    """What every result of a file was judged by."""

    at: str
    """ISO 8601, with its zone."""
    trust: str
    """SHA-256 over the fingerprints of the certificates and CRLs, in hexadecimal digits."""
    card_status: int | None
    """Sequence of the card status list, where there was one."""
    profile: str | None
    """``None``: that which each file names."""
    data_only: bool
    holders: bool
    """Whether the results say who the holders are."""

    def line(self) -> Mapping[str, object]:
        """Return the first line of a file of results."""
        return {"format": FORMAT, "version": VERSION, **asdict(self)}


class Journal:
    """Keeps results in a file, and knows those of an earlier run. Without a file it only counts."""

    def __init__(self, file: IO[bytes] | None, terms: Terms) -> None:
        self.terms = terms
        self.reasons: Counter[str] = Counter()
        self.codes: set[ExitCode] = set()
        self.refused_before = 0
        """Results of an earlier run that did not pass: they are told in the file alone."""
        self.not_looked_up = 0
        """Cards that passed though no card status list told of them."""
        self._file = file
        self._seen: set[bytes] = set()

    @classmethod
    def begin(cls, path: Path | None, terms: Terms) -> "Journal":
        """Begin a new file, readable by its owner alone; one that is there already is never overwritten."""
        if path is None:
            return cls(None, terms)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError as error:
            msg = f"{path} is there already: --resume goes on with it, or give another name"
            raise InvalidInput(msg) from error
        journal = cls(os.fdopen(descriptor, "wb"), terms)
        journal._write(terms.line())
        return journal

    @classmethod
    def resume(cls, path: Path, terms: Terms, *, same_time: bool) -> "Journal":
        """Go on with a file; a last line that was cut off is judged again, and a file without a line begun anew.

        ``same_time``: take the time from the file rather than from ``terms``. Raises ``InvalidInput`` where the file
        was made by other terms, ``EvidenceError`` where it is no such file.
        """
        if not path.exists():
            return cls.begin(path, terms)
        if not path.is_file():  # to read a pipe would be to wait for whoever writes into it
            msg = f"{path} is no file of results"
            raise EvidenceError(msg)
        file = path.open("r+b")
        try:
            if _was_cut_off_at_once(file):
                journal = cls(file, terms)
                file.truncate()
                journal._write(terms.line())
                return journal
            journal = cls(file, _checked_terms(file, path, terms, same_time=same_time))
            journal._take_lines(file, path)
        except BaseException:
            file.close()
            raise
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def __contains__(self, path: Path) -> bool:
        return _place(str(path)) in self._seen

    def __len__(self) -> int:
        return self.reasons.total()

    def keep(self, judgement: Judgement) -> None:
        """Write a result, which survives an end of the program, and count it then: no more is told than was kept."""
        if self._file is not None:
            self._write(plain(judgement, include_holder=self.terms.holders, profile=self.terms.profile))
        self._count(judgement.reason, code_of(judgement))
        self.not_looked_up += judgement.passed and not _is_looked_up(judgement.report)

    def _write(self, line: Mapping[str, object]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line).encode("ascii") + b"\n")
            self._file.flush()

    def _count(self, reason: str, code: ExitCode) -> None:
        self.reasons[reason] += 1
        self.codes.add(code)

    def _take_lines(self, file: IO[bytes], path: Path) -> None:
        """Count what was done, and end the file where its last whole line ends."""
        end = file.tell()
        while (line := file.readline(_MAX_LINE)).endswith(b"\n"):
            self._take_line(line, path)
            end = file.tell()
        if len(line) == _MAX_LINE:
            msg = f"{path} holds a line that is no result"
            raise EvidenceError(msg)
        file.seek(end)
        file.truncate()

    def _take_line(self, line: bytes, path: Path) -> None:
        result = _object(line, path)
        try:
            self._take(result)
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{path} holds a line that is no result"
            raise EvidenceError(msg) from error

    def _take(self, result: Mapping[str, Any]) -> None:
        error = result.get("error")
        if error is None:
            outcome = Outcome(result["outcome"])
            self._count(str(result["reason"]), exit_codes.of_outcome(outcome))
            looked_up = {"check": CheckName.CARD_STATUS, "outcome": Outcome.PASSED}.items()
            is_listed = any(looked_up <= dict(one).items() for one in result["results"])
            self.not_looked_up += outcome is Outcome.PASSED and not is_listed
            self.refused_before += outcome is not Outcome.PASSED
        else:
            self._count(str(error["reason"]), ExitCode.UNUSABLE_FILE)
            self.refused_before += 1
        self._seen.add(_place(str(result["source"])))


def plain(judgement: Judgement, *, include_holder: bool, profile: str | None) -> dict[str, object]:
    """Return a result as ``thechip verify --json`` writes it; ``profile`` is that of ``--profile``."""
    facts: dict[str, object] = {"source": str(judgement.path)}
    if judgement.report is None:
        return facts | {"error": {"reason": judgement.reason, "sentence": judgement.sentence}}
    judged_by = JudgedBy.of(profile, judgement.report.profile)
    return facts | judgement.report.to_dict(include_holder=include_holder) | {"policy": asdict(judged_by)}


def _is_looked_up(report: Report | None) -> bool:
    return report is not None and report.result(CheckName.CARD_STATUS).outcome is Outcome.PASSED


def code_of(judgement: Judgement) -> ExitCode:
    """Return the exit status of one result."""
    if judgement.report is not None:
        return exit_codes.of_outcome(judgement.report.outcome)
    return ExitCode.UNUSABLE_FILE if judgement.error is None else exit_codes.of_error(judgement.error)


def time_of(terms: Terms) -> datetime:
    """Return the time that everything is judged as of."""
    return datetime.fromisoformat(terms.at)


def _checked_terms(file: IO[bytes], path: Path, terms: Terms, *, same_time: bool) -> Terms:
    """Read the first line and return the terms that go on."""
    line = file.readline(_MAX_LINE)
    first = _object(line, path)
    if first.get("format") != FORMAT or first.get("version") != VERSION or not line.endswith(b"\n"):
        msg = f"{path} holds no results of a batch"
        raise EvidenceError(msg)
    if same_time:
        terms = replace(terms, at=_time_in(first, path))
    if first != terms.line():
        differing = next((name for name, value in terms.line().items() if first.get(name) != value), "something else")
        msg = f"{path} was made by other terms ({differing} differs): verify into a new file"
        raise InvalidInput(msg)
    return terms


def _was_cut_off_at_once(file: IO[bytes]) -> bool:
    """Whether not even the first line was finished, as on a full disk. Leaves the file at its start."""
    line = file.readline(_MAX_LINE)
    file.seek(0)
    return not line.endswith(b"\n") and (line.startswith(_BEGIN) or _BEGIN.startswith(line))


def _time_in(first: Mapping[str, Any], path: Path) -> str:
    written = str(first.get("at"))
    with contextlib.suppress(ValueError):
        if datetime.fromisoformat(written).utcoffset() is not None:
            return written
    msg = f"{path} does not tell the time of its results"
    raise EvidenceError(msg)


def _object(line: bytes, path: Path) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        msg = f"{path} holds a line that is no JSON"
        raise EvidenceError(msg) from error
    if not isinstance(value, dict):
        msg = f"{path} holds a line that is no result"
        raise EvidenceError(msg)
    return value


def _place(source: str) -> bytes:
    """What is kept in memory of a source that was done: 16 bytes."""
    return hashlib.blake2b(source.encode("utf-8", "surrogateescape"), digest_size=16).digest()
