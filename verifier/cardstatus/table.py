"""The issuer's register as a table (CSV), read into the entries of a card status list.

The reason why a card is no longer good stays with the issuer: a list says what a reader must know, and nothing else of
anybody. A register has millions of rows, of which few are listed; so a row of a good card is passed over as it is seen.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Final, TypeVar

from verifier.cardstatus.layout import KEY_LENGTH, MAX_SINCE, CardState, truncated
from verifier.cardstatus.publishing import CardStatusEntry
from verifier.errors import FaultyTable, InvalidInput

MOST_FAULTS: Final = 100
_TOLD: Final = 3
"""Faults that stand in the sentence."""
_NEEDED: Final = ("hash", "state", "since")
_REASON: Final = "reason"
_GOOD: Final = "good"
_STATES: Final = {state.name.lower(): state for state in CardState}
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(rf"{_DATE.pattern}[T ][0-9:.,]+(?:Z|[+-][0-9:]+)")
_T = TypeVar("_T")


def read_card_status_csv(lines: Iterable[str]) -> Iterator[CardStatusEntry]:
    """Yield an entry for every card of a table that is not good.

    ``lines`` is an open text file, ``path.open(encoding="utf-8-sig", newline="")``, or any lines of text; separated by
    commas or semicolons, with these headings in any order:

    - ``hash``: 32 or 64 hexadecimal digits, by which the card is listed;
    - ``state``: ``good``, and then nothing else of the row is looked at; ``revoked``, ``suspended`` or ``lost``;
    - ``since``: ``YYYY-MM-DD`` (00:00 UTC), or a time with a zone in ISO 8601;
    - ``reason``: for the issuer alone; it is read over and published nowhere. The column may be missing.

    Raises ``FaultyTable`` at the end with all faults that were found, 100 at most, or as soon as nothing more can be
    made out; what was yielded before counts for nothing. No fault repeats what stands in a cell. It remembers 16 bytes
    of every card that is not good, to find one that is there twice.
    """
    if isinstance(lines, str | bytes):
        msg = "the lines of a table are those of a file that is open for reading text, or a list: not one text"
        raise InvalidInput(msg)
    return _Table(lines).entries()


class _Table:
    """A table on the way from its first line to its last, and its faults so far."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._line = 0
        self._columns: dict[str, int] = {}
        self._faults: list[tuple[int, str]] = []
        self._line_of: dict[bytes, int] = {}

    def entries(self) -> Iterator[CardStatusEntry]:
        try:
            yield from self._read()
        except csv.Error:
            self._add_fault("from here on the quotation marks or cells make no table")
        except UnicodeDecodeError:  # of the file, which is decoded some lines ahead
            self._line += 1
            self._add_fault("here, or some lines further on, it is not UTF-8; save the table as «CSV UTF-8»")
        if self._faults:
            raise self._faulty()

    def _read(self) -> Iterator[CardStatusEntry]:
        headings = _text(next(self._lines, "")).removeprefix("\ufeff")
        separator = max(",;", key=headings.count)
        rows = csv.reader(chain([headings], self._lines), delimiter=separator, strict=True)
        try:
            self._read_headings(next(rows, []))
            width, state = len(self._columns), self._columns["state"]
            for row in rows:
                if len(row) == width and row[state] == _GOOD:
                    continue
                self._line = rows.line_num
                entry = self._entry(row)
                if entry is not None and not self._faults:
                    yield entry
        finally:
            self._line = rows.line_num

    def _read_headings(self, row: list[str]) -> None:
        self._line = 1
        headings = [cell.strip().lower() for cell in row]
        self._columns = {heading: number for number, heading in enumerate(headings)}
        missing = [heading for heading in _NEEDED if heading not in self._columns]
        known = {*_NEEDED, _REASON}
        if missing:
            self._add_fault(
                f"the first line holds the headings hash, state, since, reason; missing: {', '.join(missing)}"
            )
        elif len(self._columns) != len(headings) or not known.issuperset(headings):
            self._add_fault("a column stands there twice, or is none of hash, state, since, reason: delete it")
        if self._faults:
            raise self._faulty()

    def _entry(self, row: list[str]) -> CardStatusEntry | None:
        if not any(cell.strip() for cell in row):
            return None
        if len(row) != len(self._columns):
            self._add_fault(f"it has {len(row)} cells, under {len(self._columns)} headings")
            return None
        if row[self._columns["state"]].strip().lower() == _GOOD:
            return None
        key, state, since = (
            self._take("hash", _key, row),
            self._take("state", _state, row),
            self._take("since", _since, row),
        )
        if key is None or state is None or since is None:
            return None
        first = self._line_of.setdefault(key, self._line)
        if first != self._line:
            self._add_fault(f"this card stands on line {first} already")
        return CardStatusEntry(key, state, since)

    def _take(self, heading: str, read: Callable[[str], _T], row: list[str]) -> _T | None:
        try:
            return read(row[self._columns[heading]].strip())
        except InvalidInput as error:
            self._add_fault(error.sentence)
            return None

    def _add_fault(self, sentence: str) -> None:
        self._faults.append((self._line, sentence))
        if len(self._faults) == MOST_FAULTS:
            raise self._faulty()

    def _faulty(self) -> FaultyTable:
        count = len(self._faults)
        told = "; ".join(f"line {line}: {sentence}" for line, sentence in self._faults[:_TOLD])
        more = f"; and {count - _TOLD} more" if count > _TOLD else ""
        least = "at least " if count == MOST_FAULTS else ""
        sentence = f"{least}{count} fault{'s' * (count != 1)} in the table of cards: {told}{more}"
        return FaultyTable(sentence, tuple(self._faults))


def _text(line: object) -> str:
    if not isinstance(line, str):
        msg = "the lines of a table are text: open the file with encoding='utf-8-sig'"
        raise InvalidInput(msg)
    return line


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) not in {KEY_LENGTH, 2 * KEY_LENGTH} or len(text) != 2 * len(key):  # fromhex passes over blanks
        msg = "a hash is 32 or 64 hexadecimal digits"
        raise InvalidInput(msg)
    return truncated(key)


def _state(text: str) -> CardState:
    state = _STATES.get(text.lower())
    if state is None:
        msg = f"a state is one of {_GOOD}, {', '.join(_STATES)}"
        raise InvalidInput(msg)
    return state


def _since(text: str) -> datetime:
    try:
        if _DATE.fullmatch(text):
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        else:
            moment = datetime.fromisoformat(text if _TIME.fullmatch(text) else "")
    except ValueError as error:
        msg = "since when is a date, YYYY-MM-DD, or a time with a zone, as 2026-03-01T08:00:00+07:00"
        raise InvalidInput(msg) from error
    if not 0 <= moment.timestamp() <= MAX_SINCE:
        msg = "since when lies between 1970 and 2106"
        raise InvalidInput(msg)
    return moment
