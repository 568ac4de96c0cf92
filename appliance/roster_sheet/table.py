"""The table in a roster's CSV file: its headings found, its records with their line numbers, its faults named.

Nothing of a cell ever stands in a fault: a file without headings has a person where the headings should be.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from appliance.errors import RuleViolation
from appliance.names import folded

MOST_ROWS = 5000
_SEPARATORS = ";,"


class Column(StrEnum):
    """What a column of the file is for."""

    NAME = "name"
    CLASS = "class"
    STATUS = "status"
    NUMBER = "number"
    CAN = "can"
    NOTE = "note"
    CODE = "id"
    """The member's lasting code in a published roster; no other roster keeps it."""


_HEADINGS = {
    Column.NAME: ("ho ten", "ho va ten", "ten", "name", "full name"),
    Column.CLASS: ("dien", "loai", "dien dang vien", "class"),
    Column.STATUS: ("trang thai", "tinh trang", "status"),
    Column.NUMBER: (
        "so the", "so the dang", "so the dang vien", "so dinh danh", "so dinh danh ca nhan", "so can cuoc", "so cccd",
        "so the hoac so dinh danh", "so the so dinh danh", "number", "card number", "personal number",
    ),
    Column.CAN: ("can", "so can"),
    Column.NOTE: ("ghi chu", "note"),
    Column.CODE: ("ma", "ma dang vien", "id"),
}  # fmt: skip
_COLUMN_OF = {heading: column for column, headings in _HEADINGS.items() for heading in headings}
_REQUIRED = (Column.NAME, Column.CLASS)
_NOT_NEEDED = frozenset({"stt", "tt", "so tt", "no"})
"""Headings of running numbers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell: its line in the file, from 1; its column; a sentence without anybody's data."""

    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"line {self.line}{column}: {self.sentence}"


class FaultyRosterFile(RuleViolation):
    """Nothing of the file was taken over. ``faults`` are its faulty cells; empty where it is no such file at all."""

    reason = "faulty-roster-file"

    def __init__(self, sentence: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(sentence)
        self.faults = tuple(faults)

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> Self:
        """Return the error for these faults."""
        found = tuple(faults)
        return cls(f"{len(found)} fault{'s' * (len(found) != 1)} in the file; nothing was imported", found)


@dataclass(slots=True)
class Table:
    """The records of a file, each with the line on which it begins and its cells by column, as they stand there."""

    records: list[tuple[int, Mapping[Column, str]]] = field(default_factory=list, repr=False)
    faults: list[Fault] = field(default_factory=list)
    columns: dict[int, Column] = field(default_factory=dict)
    headed: set[int] = field(default_factory=set)
    """Positions of columns with a heading, of whatever kind."""

    def place(self, column: Column) -> str:
        """Return a column as a spreadsheet and the file call it: ``B (class)``."""
        for position, found in self.columns.items():
            if found is column:
                return f"{_letter(position)} ({column})"
        return column.value


def is_heading(cell: str) -> bool:
    """Tell whether a cell holds a heading of such a table, of a column that is known or of running numbers."""
    heading = _heading(cell)
    return heading in _COLUMN_OF or heading in _NOT_NEEDED


def parse_table(text: str) -> Table:
    """Parse the file's text. Raises FaultyRosterFile where no table can be made out, or one of more than 5,000 rows."""
    if re.match(r"sep=[;,]\r?\n", text, re.IGNORECASE):  # a hint that Excel takes, and writes
        text = text[5:]
    separator = max(_SEPARATORS, key=lambda one: _headings_found(text, one))
    table = Table()
    records = _records(text, separator, table)
    _read_headings(table, *next(records, (1, [])))
    for line, cells in records:
        if len(table.records) == MOST_ROWS:
            msg = f"the file has more than {MOST_ROWS} rows"
            raise FaultyRosterFile(msg)
        table.records.append((line, _by_column(table, line, cells)))
    if not table.records and not table.faults:
        msg = "the file holds no members"
        raise FaultyRosterFile(msg)
    return table


def _headings_found(text: str, separator: str) -> int:
    _, cells = next(_records(text, separator, Table()), (1, []))
    return sum(_heading(cell) in _COLUMN_OF for cell in cells)


def _records(text: str, separator: str, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield records that are not empty, with the line on which each begins; broken quoting ends them with a fault."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            table.faults.append(Fault(line, "", "from here on the quotation marks or cells make no table"))
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _read_headings(table: Table, line: int, cells: list[str]) -> None:
    for position, cell in enumerate(cells):
        heading = _heading(cell)
        column = _COLUMN_OF.get(heading)
        if cell.strip():
            table.headed.add(position)
        if column is None:
            if heading and heading not in _NOT_NEEDED:
                known = ", ".join(f"{known} ({_HEADINGS[known][0]})" for known in Column)
                sentence = f"this heading is not known; delete the column, or call it one of {known}"
                table.faults.append(Fault(line, _letter(position), sentence))
        elif column in table.columns.values():
            table.faults.append(Fault(line, _letter(position), f"a second column for {column}"))
        else:
            table.columns[position] = column
    missing = [f"{column} ({_HEADINGS[column][0]})" for column in _REQUIRED if column not in table.columns.values()]
    if missing:
        msg = f"the first line must hold the columns' headings; missing: {', '.join(missing)}"
        raise FaultyRosterFile(msg, table.faults)


def _by_column(table: Table, line: int, cells: list[str]) -> Mapping[Column, str]:
    for position, cell in enumerate(cells):
        if position not in table.headed and cell.strip():
            table.faults.append(Fault(line, _letter(position), "a cell in a column without heading"))
    return {column: cells[position] for position, column in table.columns.items() if position < len(cells)}


def _heading(cell: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", folded(cell)).strip()


def _letter(position: int) -> str:
    """Return a column's name in a spreadsheet: A, B … Z, AA …"""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
