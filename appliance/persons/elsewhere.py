"""Persons of whom only another appliance told: found, handed out and erased like anybody else.

Two sorts: members over there whom nobody could tell here (``foreign_people``), and whoever is in an entry of theirs
that was kept and not taken over. What was taken over is in our own ledger, and found there.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, String, cast, delete, func, literal, select, update

from appliance.bundles.keeping import Vault, drop_who_is_in_no_entry
from appliance.errors import NotFound
from appliance.standing.entries import member_of, member_subject, subject_here
from appliance.storage.database import Database
from appliance.storage.devices import Taken, devices, foreign_entries, foreign_people, received_bundles
from appliance.storage.meetings import meetings

ELSEWHERE: Final = "elsewhere"
"""How the handle and the opaque name begin of somebody of whom only another appliance told."""
_ABOUT_SOMEBODY: Final = frozenset(("subject", "name"))
"""The keys of a body that is about a person; that of an opening has neither."""
_OURS: Final = (Taken.MIRRORED, Taken.HEARSAY)
"""What is in our own ledger, or was never more than a hint at another one's."""


@dataclass(frozen=True, slots=True)
class KnownElsewhere:
    """Whom an appliance means: ``number`` is ours, and ``member_id`` who that is here, where somebody could tell."""

    number: str
    appliance: str
    subject: str = field(repr=False)
    name: str = field(repr=False)
    published_list: str | None
    published_id: str | None = field(repr=False)
    member_id: int | None


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """An entry of another appliance that is kept here and was not taken over, with the body that it came with."""

    appliance: str
    device_id: int
    sequence: int
    at: datetime
    kind: str
    taken: Taken
    received_at: datetime
    meeting_id: int | None
    meeting_title: str | None
    subject: str = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)

    @property
    def number(self) -> str:
        """What follows ``elsewhere:`` in the handle of whom it is about: ``2.17``."""
        return f"{self.device_id}.{self.sequence}"


class Elsewhere:
    """Looks through what other appliances told."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def people(self) -> tuple[KnownElsewhere, ...]:
        """Return everybody whom other appliances mean, also who was matched with a member here."""
        with self._database.reading() as reader:
            return tuple(self._people(reader))

    def records(self, *, connection: Connection | None = None) -> tuple[ForeignRecord, ...]:
        """Return what was not taken over and is about somebody, by appliance, in the order that it has there."""
        with self._database.reading(connection) as reader:
            return tuple(self._records(reader))

    def subject_of(self, number: str) -> str:
        """Return the opaque name for what follows ``elsewhere:`` in a handle: ``5``, or ``2.17`` for an entry.

        A member's, where it is known by now that it is one. Raises NotFound.
        """
        if "." in number:
            found = (record.subject for record in self.records() if record.number == number)
        else:
            found = (known.subject for known in self.people() if known.number == number)
        subject = next(found, None)
        if subject is None:
            msg = f"no other appliance told of {ELSEWHERE}:{number}, or it was erased"
            raise NotFound(msg)
        return subject

    def forget(self, subjects: Collection[str], *, connection: Connection) -> int:
        """Remove what was not taken over of these people, and whom others mean by them; return of how many entries.

        The signed public entries stay, so that their chain still verifies. What was taken over goes with our own entry.
        """
        about = [record for record in self._records(connection) if record.subject in subjects]
        for record in about:
            is_it = (foreign_entries.c.device_id == record.device_id) & (foreign_entries.c.sequence == record.sequence)
            connection.execute(update(foreign_entries).where(is_it).values(_ERASED))
        of_others = [subject for subject in subjects if member_of(subject) is None]
        named = [int(known.number) for known in self._people(connection) if known.subject in of_others]
        connection.execute(delete(foreign_people).where(foreign_people.c.id.in_(named)))
        drop_who_is_in_no_entry(connection)
        return len(about)

    def _people(self, reader: Connection) -> Iterator[KnownElsewhere]:
        for row in reader.execute(_PEOPLE):
            _, who = self._vault.open_person(row.subject, row.sealed)
            yield KnownElsewhere(
                number=str(row.id),
                appliance=row.appliance,
                subject=_subject_of_person(row.subject, row.member_id),
                name=who.name,
                published_list=who.published_list,
                published_id=who.published_id,
                member_id=row.member_id,
            )

    def _records(self, reader: Connection) -> Iterator[ForeignRecord]:
        for row in reader.execute(_RECORDS):
            body = self._vault.open_body(row.device_id, row.sequence, row.sealed)
            if row.person is None and not _ABOUT_SOMEBODY & body.keys():
                continue
            yield ForeignRecord(
                appliance=row.appliance,
                device_id=row.device_id,
                sequence=row.sequence,
                at=row.at,
                kind=row.kind,
                taken=row.taken,
                received_at=row.received_at,
                meeting_id=row.meeting_id,
                meeting_title=row.title,
                subject=self._subject(row, body),
                body=body,
            )

    def _subject(self, row: Row[Any], body: Mapping[str, Any]) -> str:
        """Return what an entry's person is called here: as in what was taken over of them, if anything was."""
        if row.person is not None:
            return _subject_of_person(row.person, row.member_id)
        theirs = body.get("subject")
        if row.public_key is not None and isinstance(theirs, str) and theirs.startswith(("visitor:", "guest:")):
            return subject_here(row.public_key, theirs)
        about = theirs if isinstance(theirs, str) else f"entry {row.sequence}"
        return _subject_of_person(self._vault.tag_of(row.device_id, about), None)


def _subject_of_person(tag: bytes, member_id: int | None) -> str:
    return f"{ELSEWHERE}:{tag.hex()}" if member_id is None else member_subject(member_id)


_ERASED: Final = {"sealed": None, "person_id": None, "taken": Taken.ERASED}


def _appliance(device_id: ColumnElement[int]) -> ColumnElement[str]:
    """Return its name, or its number: a store may have lost the line of an appliance that told of somebody."""
    return func.coalesce(devices.c.name, literal("№ ") + cast(device_id, String)).label("appliance")


_PEOPLE: Final = (
    select(foreign_people, _appliance(foreign_people.c.device_id))
    .outerjoin(devices, devices.c.id == foreign_people.c.device_id)
    .order_by(foreign_people.c.id)
)
_RECORDS: Final = (
    select(
        foreign_entries,
        foreign_people.c.subject.label("person"),
        foreign_people.c.member_id,
        _appliance(foreign_entries.c.device_id),
        devices.c.public_key,
        func.coalesce(received_bundles.c.received_at, foreign_entries.c.at).label("received_at"),
        meetings.c.id.label("meeting_id"),
        meetings.c.title,
    )
    .outerjoin(received_bundles, received_bundles.c.id == foreign_entries.c.bundle_id)
    .outerjoin(devices, devices.c.id == foreign_entries.c.device_id)
    .outerjoin(foreign_people, foreign_people.c.id == foreign_entries.c.person_id)
    .outerjoin(meetings, meetings.c.uid == foreign_entries.c.meeting_uid)
    .where(foreign_entries.c.sealed.is_not(None), foreign_entries.c.taken.not_in(_OURS))
    .order_by(foreign_entries.c.device_id, foreign_entries.c.sequence)
)
