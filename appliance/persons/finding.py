"""Finding whom a request is about: by name, among members, visitors and guests; or by the number of a card."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import Entry, EntryKind, Ledger
from appliance.ledger.reading import read
from appliance.names import folded
from appliance.roster import RosterService
from appliance.standing.entries import member_subject, visitor_subject
from appliance.storage.database import Database
from appliance.storage.ledger import ledger_bodies, ledger_entries
from appliance.storage.members import members

_NAMING: Final = (EntryKind.VISIT, EntryKind.VISIT_BY_HAND, EntryKind.GUEST)
"""Entries whose body has the name of whom they are about."""
_MEMBER: Final = "member:"
_ENTRY: Final = "entry:"


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody of whom something is kept.

    ``handle`` is what to call them by on the command line: ``member:7``, or ``entry:123`` for whom entry 123 of the
    ledger is about. ``subject`` is the ledger's opaque name; ``at`` the time of that entry, None for members.
    """

    handle: str
    subject: str = field(repr=False)
    name: str = field(repr=False)
    kind: str
    at: datetime | None = None


class PersonFinder:
    """Looks through roster and ledger. A ledger of 100,000 entries takes a second or two, which a request is worth."""

    def __init__(self, database: Database, ledger: Ledger, roster: RosterService) -> None:
        self._database = database
        self._ledger = ledger
        self._roster = roster

    def by_name(self, text: str) -> tuple[Found, ...]:
        """Return everybody whose name holds every word of the text, accents aside; members who left among them."""
        words = folded(text).split()
        everybody = (*self._members(), *self._others())
        return tuple(one for one in everybody if all(word in folded(one.name) for word in words))

    def by_number(self, number: str) -> tuple[Found, ...]:
        """Return whose card or personal number this is: members, and the visits with that card."""
        found = [self._found(one.id, one.name) for one in self._roster.with_identifier(number)]
        subject = visitor_subject(self._roster.identifier_hash(number))
        visits = self._ledger.entries(subject=subject, limit=1)
        return (*found, *(_named(entry) for entry in visits))

    def subject_of(self, handle: str) -> str:
        """Return the opaque name for a handle. Raises NotFound, and RuleViolation for what is no handle."""
        kind, number = handle[: handle.find(":") + 1], handle[handle.find(":") + 1 :]
        if kind not in (_MEMBER, _ENTRY) or not number.isascii() or not number.isdigit():
            msg = "say member:7, or entry:123, as person find prints them"
            raise RuleViolation(msg)
        if kind == _MEMBER:
            return member_subject(self._roster.get(int(number)).id)
        subject = self._ledger.entry(int(number)).subject
        if subject is None:
            msg = f"entry {number} is about nobody, or about somebody who was erased"
            raise NotFound(msg)
        return subject

    def _found(self, member_id: int, name: str) -> Found:
        return Found(f"{_MEMBER}{member_id}", member_subject(member_id), name, "member")

    def _members(self) -> Iterator[Found]:
        with self._database.reading() as reader:
            rows = reader.execute(select(members.c.id, members.c.name).order_by(members.c.id)).all()
        yield from (self._found(row.id, row.name) for row in rows)

    def _others(self) -> Iterator[Found]:
        """Yield each visitor and guest once, by their first entry."""
        query: Any = (
            select(ledger_entries, ledger_bodies.c.sealed)
            .join(ledger_bodies, ledger_bodies.c.sequence == ledger_entries.c.sequence)
            .where(ledger_entries.c.kind.in_([kind.value for kind in _NAMING]))
            .order_by(ledger_entries.c.sequence)
        )
        with self._database.reading() as reader:
            entries = read(reader, self._ledger.bodies, query)
        seen: set[str | None] = set()
        for entry in entries:
            if entry.subject not in seen:
                seen.add(entry.subject)
                yield _named(entry)


def _named(entry: Entry) -> Found:
    body = entry.body or {}
    name, subject = str(body.get("name", "")), str(body.get("subject", ""))
    return Found(f"{_ENTRY}{entry.sequence}", subject, name, entry.kind.value, entry.at)
