"""The roster's file: a CSV table as officers keep it, read strictly and taken over as a whole or not at all.

Spreadsheets damage such tables in known ways: zeros dropped at the start of a number, long numbers rounded, another
encoding. Whatever looks like it is a fault, named by line and column. No fault holds anything of a person.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from appliance.errors import RuleViolation
from appliance.names import clean, folded
from appliance.roster import MemberClass, MemberStatus, Newcomer, RosterService
from appliance.roster_sheet.numbers import LONGEST_FILE, compact, number_in
from appliance.roster_sheet.table import Column, Fault, FaultyRosterFile, Table, parse_table
from appliance.storage.database import Database
from verifier.sdk import CanPassword
from verifier.sdk.errors import InvalidInput

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How .xlsx and .ods begin, which are ZIP archives, and .xls."""

_CLASSES = {
    "chinh thuc": MemberClass.OFFICIAL,
    "dang vien chinh thuc": MemberClass.OFFICIAL,
    "official": MemberClass.OFFICIAL,
    "du bi": MemberClass.PROBATIONARY,
    "dang vien du bi": MemberClass.PROBATIONARY,
    "probationary": MemberClass.PROBATIONARY,
    "sinh hoat tam thoi": MemberClass.TEMPORARY,
    "tam thoi": MemberClass.TEMPORARY,
    "temporary": MemberClass.TEMPORARY,
}
_STATUSES = {
    "": MemberStatus.ACTIVE,
    "dang sinh hoat": MemberStatus.ACTIVE,
    "active": MemberStatus.ACTIVE,
    "mien": MemberStatus.EXEMPT,
    "mien sinh hoat": MemberStatus.EXEMPT,
    "mien cong tac va sinh hoat": MemberStatus.EXEMPT,
    "exempt": MemberStatus.EXEMPT,
    "vang": MemberStatus.AWAY,
    "vang mat": MemberStatus.AWAY,
    "tam vang": MemberStatus.AWAY,
    "di vang": MemberStatus.AWAY,
    "away": MemberStatus.AWAY,
    "di cong tac dac biet": MemberStatus.SPECIAL_DUTY,
    "cong tac dac biet": MemberStatus.SPECIAL_DUTY,
    "special duty": MemberStatus.SPECIAL_DUTY,
}
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,63}")

_Word = TypeVar("_Word")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One member of the file."""

    line: int
    name: str = field(repr=False)
    """NFC, single spaces."""
    member_class: MemberClass
    status: MemberStatus
    number: str | None = field(repr=False)
    """The card's or the personal number; upper case, no spaces."""
    can: str | None = field(repr=False)
    """Six digits."""
    note: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    """What a publisher knows the member by, for ever; an import on the appliance has no use for it."""


def read_roster_file(path: Path, *, short_numbers: bool = False) -> tuple[RosterRow, ...]:
    """Read and decode a file, as ``decode_roster`` does; FaultyRosterFile also where it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
    except OSError as error:
        msg = f"the file cannot be read: {error.strerror}"
        raise FaultyRosterFile(msg) from error
    return decode_roster(content, short_numbers=short_numbers)


def decode_roster(content: bytes, *, short_numbers: bool = False) -> tuple[RosterRow, ...]:
    """Decode a CSV file: UTF-8 with or without BOM, separated by ``;`` or ``,``, headings in Vietnamese or English.

    ``short_numbers`` takes numbers of 10 or 11 digits, which otherwise count as personal numbers that lost their zeros.
    Raises FaultyRosterFile with every fault that was found, and at least one member otherwise.
    """
    if len(content) > LONGEST_FILE:
        msg = f"the file is longer than {LONGEST_FILE // 1_000_000} MB"
        raise FaultyRosterFile(msg)
    if content.startswith(_WORKBOOKS):
        msg = "this is a workbook (Excel or LibreOffice); save it as «CSV UTF-8»"
        raise FaultyRosterFile(msg)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        msg = f"the file is not UTF-8 (line {line}); save it as «CSV UTF-8»"
        raise FaultyRosterFile(msg) from error
    table = parse_table(text)
    reading = _Reading(table, short_numbers=short_numbers)
    rows = reading.rows()
    faults = [*table.faults, *reading.faults, *_twice(rows, table)]
    if faults:
        raise FaultyRosterFile.of(sorted(faults, key=lambda fault: fault.line))
    return rows


def import_rows(rows: Sequence[RosterRow], roster: RosterService, database: Database, *, dry_run: bool = False) -> None:
    """Add all rows to the roster in one transaction, or none: FaultyRosterFile where the roster has one of them."""
    with database.reading() if dry_run else database.writing() as connection:
        faults = list(_on_the_roster(rows, roster, connection))
        if faults:
            raise FaultyRosterFile.of(faults)
        if dry_run:
            return
        roster.add_all([_newcomer(row) for row in rows], connection=connection)


def _newcomer(row: RosterRow) -> Newcomer:
    password = None if row.can is None else CanPassword(row.can)
    return Newcomer(row.name, row.member_class, row.number, row.status, password, row.note)


@dataclass
class _Reading:
    """Takes the cells of a table for what they mean, and notes what they cannot mean."""

    table: Table
    short_numbers: bool
    faults: list[Fault] = field(default_factory=list)

    def rows(self) -> tuple[RosterRow, ...]:
        return tuple(self._row(line, cells) for line, cells in self.table.records)

    def _row(self, line: int, cells: Mapping[Column, str]) -> RosterRow:
        def take(column: Column, read: Callable[[str], _Word], instead: _Word) -> _Word:
            try:
                return read(cells.get(column, ""))
            except (RuleViolation, InvalidInput) as error:
                self.faults.append(Fault(line, self.table.place(column), error.sentence))
                return instead

        return RosterRow(
            line=line,
            name=take(Column.NAME, lambda text: clean(text, "the name"), ""),
            member_class=take(Column.CLASS, lambda text: _word(text, _CLASSES), MemberClass.OFFICIAL),
            status=take(Column.STATUS, lambda text: _word(text, _STATUSES), MemberStatus.ACTIVE),
            number=take(Column.NUMBER, lambda text: number_in(text, short_numbers=self.short_numbers), None),
            can=take(Column.CAN, _can, None),
            note=take(Column.NOTE, lambda text: clean(text, "the note", longest=1000) if text.strip() else "", ""),
            code=take(Column.CODE, _code, None),
        )


def _word(text: str, words: dict[str, _Word]) -> _Word:
    word = words.get(folded(re.sub(r"[-_]", " ", text)))
    if word is None:
        known = ", ".join(word for word in words if word)
        msg = f"the cell is empty or none of the known words: {known} (accents and case do not matter)"
        raise RuleViolation(msg)
    return word


def _can(text: str) -> str | None:
    digits = compact(text)
    if not digits:
        return None
    try:
        return CanPassword(digits).digits
    except InvalidInput as error:
        msg = f"{error.sentence}; spreadsheets drop the zeros it begins with"
        raise RuleViolation(msg) from error


def _code(text: str) -> str | None:
    code = compact(text)
    if code and not _CODE.fullmatch(code):
        msg = "a code has letters A to Z, digits, dots, slashes, hyphens and underscores only, 64 at most"
        raise RuleViolation(msg)
    return code or None


def _twice(rows: Iterable[RosterRow], table: Table) -> Iterator[Fault]:
    """Find who is in the file twice: by number, by code, or by a name that no number tells from another."""
    yield from _same(rows, table, Column.NUMBER, lambda row: row.number)
    yield from _same(rows, table, Column.CODE, lambda row: row.code)
    names = Counter(row.name.casefold() for row in rows if row.name)
    for row in rows:
        if row.number is None and names[row.name.casefold()] > 1:
            sentence = "another row has this name; give each of them a number, or tell them apart by name"
            yield Fault(row.line, table.place(Column.NAME), sentence)


def _same(
    rows: Iterable[RosterRow], table: Table, column: Column, read: Callable[[RosterRow], str | None]
) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row in rows:
        word = read(row)
        if word is not None and first.setdefault(word, row.line) != row.line:
            what = "number" if column is Column.NUMBER else "code"
            yield Fault(row.line, table.place(column), f"the same {what} as in line {first[word]}")


def _on_the_roster(rows: Sequence[RosterRow], roster: RosterService, connection: Connection) -> Iterator[Fault]:
    known = roster.known_among([row.number for row in rows if row.number is not None], connection=connection)
    all_numbered: dict[str, bool] = {}
    for member in roster.members(connection=connection):
        name = member.name.casefold()
        all_numbered[name] = all_numbered.get(name, True) and member.has_identifier
    for row in rows:
        if row.number in known:
            yield Fault(row.line, Column.NUMBER, "a member of the roster has this number")
        elif row.name.casefold() in all_numbered and (row.number is None or not all_numbered[row.name.casefold()]):
            sentence = "a member of the roster has this name, and no number tells the two apart"
            yield Fault(row.line, Column.NAME, sentence)
