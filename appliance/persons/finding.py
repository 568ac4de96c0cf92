"""Finding whom a request is about: by name, among members, visitors and guests, and whom other appliances told of.

Or by the number of a card.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import Entry, EntryKind, Ledger
from appliance.ledger.reading import read
from appliance.names import folded, spelled
from appliance.persons.elsewhere import ELSEWHERE, Elsewhere
from appliance.roster import RosterService
from appliance.standing.entries import FROM, member_of, member_subject, visitor_subject
from appliance.storage.database import Database
from appliance.storage.ledger import ledger_bodies, ledger_entries
from appliance.storage.members import members

_NAMING: Final = (EntryKind.VISIT, EntryKind.VISIT_BY_HAND, EntryKind.GUEST)
"""Entries whose body has the name of whom they are about."""
_MEMBER: Final = "member"
_ENTRY: Final = "entry"
_HANDLE: Final = re.compile(rf"({_MEMBER}|{_ENTRY}):([0-9]{{1,18}})|({ELSEWHERE}):([0-9]{{1,18}}(?:\.[0-9]{{1,18}})?)")


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody of whom something is kept.

    ``handle`` is what to call them by on the command line: ``member:7``, ``entry:123`` for whom entry 123 of the ledger
    is about, ``elsewhere:5`` for whom another appliance told of. ``subject`` is the opaque name; ``at`` the time of
    that entry, None for members. ``appliance`` is the name of the one that recorded it, None for this one.
    """

    handle: str
    subject: str = field(repr=False)
    name: str = field(repr=False)
    kind: str
    at: datetime | None = None
    appliance: str | None = None


class PersonFinder:
    """Looks through roster and ledger, and what other appliances told.

    A ledger of 100,000 entries takes a second or two, which a request is worth.
    """

    def __init__(self, database: Database, ledger: Ledger, roster: RosterService, elsewhere: Elsewhere) -> None:
        self._database = database
        self._ledger = ledger
        self._roster = roster
        self._elsewhere = elsewhere

    def by_name(self, text: str) -> tuple[Found, ...]:
        """Return everybody whose name holds every word of the text, accents aside; members who left among them."""
        words = folded(text).split()
        here = (*self._members(), *self._others())
        everybody = (*here, *self._told_of({one.subject: one.name for one in here}))
        return tuple(one for one in everybody if all(word in folded(one.name) for word in words))

    def by_number(self, number: str) -> tuple[Found, ...]:
        """Return whose card or personal number this is: members, and the visits with that card."""
        found = [self._found(one.id, one.name) for one in self._roster.with_identifier(number)]
        subject = visitor_subject(self._roster.identifier_hash(number))
        visits = self._ledger.entries(subject=subject, limit=1)
        return (*found, *(_named(entry) for entry in visits))

    def subject_of(self, handle: str) -> str:
        """Return the opaque name for a handle. Raises NotFound, and RuleViolation for what is no handle."""
        fits = _HANDLE.fullmatch(handle)
        if fits is None:
            msg = "say member:7, entry:123 or elsewhere:5, as person find prints them"
            raise RuleViolation(msg)
        kind, number, _, told_of = fits.groups()
        if told_of is not None:
            return self._elsewhere.subject_of(told_of)
        if kind == _MEMBER:
            return member_subject(self._roster.get(int(number)).id)
        subject = self._ledger.entry(int(number)).subject
        if subject is None:
            msg = f"entry {number} is about nobody, or about somebody who was erased"
            raise NotFound(msg)
        member_id = member_of(subject)
        if member_id is not None:
            member = f"{_MEMBER}:{member_id}"
            msg = f"entry {number} is one of {member}; say {member}, which is all of that person"
            raise RuleViolation(msg)
        return subject

    def _found(self, member_id: int, name: str) -> Found:
        return Found(f"{_MEMBER}:{member_id}", member_subject(member_id), name, _MEMBER)

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

    def _told_of(self, here: Mapping[str, str]) -> Iterator[Found]:
        """Yield whom other appliances told of and nobody found here; also members who have another name there.

        ``here`` are the names of who was found here, by subject.
        """
        seen = set(here)
        for known in self._elsewhere.people():
            if known.member_id is None:
                seen.add(known.subject)
                yield Found(f"{ELSEWHERE}:{known.number}", known.subject, known.name, _MEMBER, None, known.appliance)
            elif spelled(here.get(known.subject, "")) != spelled(known.name):
                handle = f"{_MEMBER}:{known.member_id}"
                yield Found(handle, known.subject, known.name, _MEMBER, None, known.appliance)
        for one in self._elsewhere.records():
            name = one.body.get("name")
            if isinstance(name, str) and one.subject not in seen:
                seen.add(one.subject)
                yield Found(f"{ELSEWHERE}:{one.number}", one.subject, name, one.kind, one.at, one.appliance)


def _appliance_of(body: Mapping[str, Any]) -> str | None:
    name: str | None = body.get(FROM, {}).get("name")
    return name


def _named(entry: Entry) -> Found:
    body = entry.body or {}
    name, subject = str(body.get("name", "")), str(body.get("subject", ""))
    return Found(f"{_ENTRY}:{entry.sequence}", subject, name, entry.kind.value, entry.at, _appliance_of(body))
