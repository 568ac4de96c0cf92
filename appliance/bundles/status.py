"""What arrived from other appliances, shown as it is: gaps, order, clocks that differ, alarms, who is not known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from appliance.bundles.alarms import Alarm, alarms_in
from appliance.bundles.keeping import Vault
from appliance.bundles.on_record import Device, reading_pairing
from appliance.bundles.pairing import believed_in, devices_in, named_lines
from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind, Ledger
from appliance.ledger.proven import Prover
from appliance.ledger.reading import entries_of_meetings
from appliance.meetings.portable_members import PortableMember, alike
from appliance.storage.database import Database
from appliance.storage.devices import Taken, foreign_entries, foreign_people, received_bundles
from appliance.storage.meetings import meetings


@dataclass(frozen=True, slots=True)
class ReceivedBundle:
    """One bundle, of a meeting by its number here: ``made_at`` by their clock, ``received_at`` by ours."""

    first: int
    last: int
    made_at: datetime
    their_clock_trusted: bool
    received_at: datetime
    our_clock_trusted: bool
    by_network: bool
    late: bool
    meeting_id: int | None = None
    title: str = ""

    @property
    def ahead(self) -> timedelta | None:
        """How far their clock is ahead of ours: an estimate by network, by stick no less than this.

        None where a stick was on its way for longer than the clocks can tell, or differ by less than a second.
        """
        difference = self.made_at - self.received_at
        is_told = abs(difference) >= timedelta(seconds=1) and (self.by_network or difference > timedelta(0))
        return difference if is_told else None


@dataclass(frozen=True, slots=True)
class ForeignEntry:
    """One entry of another appliance, in the order of its numbers; ``here`` is the entry of our ledger."""

    device: str
    sequence: int
    at: datetime
    received_at: datetime
    kind: str
    taken: Taken
    here: int | None


@dataclass(frozen=True, slots=True)
class UnmatchedPerson:
    """Somebody whom another appliance means, and whom this roster does not know for certain.

    ``perhaps`` are members here whose name is the same but for accents, by their numbers.
    """

    id: int
    device: str
    who: PortableMember = field(repr=False)
    perhaps: Mapping[int, PortableMember] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What arrived from one appliance of a meeting, or of all.

    ``missing`` are ranges of numbers between those that arrived; ``alarms`` are of those that it signed twice.
    """

    device: Device
    bundles: tuple[ReceivedBundle, ...]
    taken: Mapping[Taken, int]
    missing: tuple[tuple[int, int], ...]
    alarms: tuple[Alarm, ...]
    is_believed: bool = True

    @property
    def is_alarming(self) -> bool:
        """Whether an alarm waits to be settled."""
        return any(alarm.settlement is None for alarm in self.alarms)


class BundleStatus:
    """Reads what arrived."""

    def __init__(self, database: Database, ledger: Ledger, vault: Vault, prover: Prover) -> None:
        self._database = database
        self._ledger = ledger
        self._vault = vault
        self._prover = prover

    def of_devices(self, meeting_uid: str | None = None) -> tuple[DeviceStatus, ...]:
        """Return what arrived from every appliance, of one meeting where it is told, also from those removed since."""
        with reading_pairing(self._database, self._prover) as (reader, record):
            closings = self._closings(reader)
            alarms = alarms_in(reader, self._prover)
            believed = believed_in(reader, record)
            return tuple(
                DeviceStatus(
                    device=device,
                    bundles=_bundles(reader, device.id, meeting_uid, closings),
                    taken=_taken(reader, device.id, meeting_uid),
                    missing=tuple(_missing(reader, device.id)),
                    alarms=tuple(alarm for alarm in alarms if alarm.device == device.card.public_key),
                    is_believed=device in believed,
                )
                for device in devices_in(reader)
            )

    def entries(self, meeting_uid: str) -> tuple[ForeignEntry, ...]:
        """Return the entries of a meeting that other appliances recorded: in their order, with both times."""
        query = (
            select(foreign_entries, received_bundles.c.received_at)
            .join(received_bundles, received_bundles.c.id == foreign_entries.c.bundle_id)
            .where(foreign_entries.c.meeting_uid == meeting_uid)
            .order_by(foreign_entries.c.device_id, foreign_entries.c.sequence)
        )
        with self._database.reading() as reader:
            name_of = named_lines(reader)
            return tuple(_entry(row, name_of) for row in reader.execute(query))

    def unmatched(self, meeting_uid: str | None = None) -> tuple[UnmatchedPerson, ...]:
        """Return who an officer is asked to name (``BundleService.assign``), and for whom something waits.

        With a meeting, those of whom something waits for that one.
        """
        waits = select(foreign_entries.c.person_id).where(foreign_entries.c.taken == Taken.UNMATCHED)
        if meeting_uid is not None:
            waits = waits.where(foreign_entries.c.meeting_uid == meeting_uid)
        query = select(foreign_people).where(foreign_people.c.member_id.is_(None), foreign_people.c.id.in_(waits))
        with self._database.reading() as reader:
            return self._people(reader, query)

    def person(self, person_id: int) -> UnmatchedPerson:
        """Return whom an officer may name; see ``unknown_person`` for what is raised where nobody may."""
        with self._database.reading() as reader:
            unknown_person(reader, person_id)
            (found,) = self._people(reader, select(foreign_people).where(foreign_people.c.id == person_id))
            return found

    def _people(self, reader: Connection, query: Select[Any]) -> tuple[UnmatchedPerson, ...]:
        name_of = named_lines(reader)
        found = []
        for row in reader.execute(query.order_by(foreign_people.c.id)):
            who = self._vault.open_person(row.subject, row.sealed)[1]
            found.append(UnmatchedPerson(row.id, name_of(row.device_id), who, alike(reader, who)))
        return tuple(found)

    def _closings(self, reader: Connection) -> Mapping[str, int]:
        """Return by which entry of ours each meeting was closed."""
        uids = {row.id: row.uid for row in reader.execute(select(meetings.c.id, meetings.c.uid))}
        closed = entries_of_meetings(reader, self._ledger.bodies, list(uids), kinds=[EntryKind.MEETING_CLOSED])
        return {uids[entry.meeting_id]: entry.sequence for entry in closed if entry.meeting_id is not None}


def unknown_person(reader: Connection, person_id: int) -> None:
    """Raise NotFound for a number that nobody has, or not any more, RuleViolation where it is known who that is."""
    person = reader.execute(select(foreign_people).where(foreign_people.c.id == person_id)).one_or_none()
    if person is None:
        msg = f"no other appliance named a person {person_id}"
        raise NotFound(msg)
    if person.member_id is not None:
        msg = "it is known already who that is; a wrong entry is corrected"
        raise RuleViolation(msg)


def _bundles(
    reader: Connection, device_id: int, meeting_uid: str | None, closings: Mapping[str, int]
) -> tuple[ReceivedBundle, ...]:
    query = (
        select(received_bundles, meetings.c.id.label("meeting_id"), meetings.c.title)
        .outerjoin(meetings, meetings.c.uid == received_bundles.c.meeting_uid)
        .where(received_bundles.c.device_id == device_id)
    )
    if meeting_uid is not None:
        query = query.where(received_bundles.c.meeting_uid == meeting_uid)
    return tuple(
        ReceivedBundle(
            first=row.first_sequence,
            last=row.last_sequence,
            made_at=row.made_at,
            their_clock_trusted=bool(row.their_clock_trusted),
            received_at=row.received_at,
            our_clock_trusted=bool(row.our_clock_trusted),
            by_network=bool(row.by_network),
            late=row.recorded_as > closings.get(row.meeting_uid, row.recorded_as),
            meeting_id=row.meeting_id,
            title=row.title or "",
        )
        for row in reader.execute(query.order_by(received_bundles.c.id))
    )


def _taken(reader: Connection, device_id: int, meeting_uid: str | None) -> Mapping[Taken, int]:
    query = select(foreign_entries.c.taken, func.count()).where(
        foreign_entries.c.device_id == device_id, foreign_entries.c.meeting_uid.is_not(None)
    )
    if meeting_uid is not None:
        query = query.where(foreign_entries.c.meeting_uid == meeting_uid)
    return {row[0]: row[1] for row in reader.execute(query.group_by(foreign_entries.c.taken))}


def _missing(reader: Connection, device_id: int) -> Iterable[tuple[int, int]]:
    query = select(foreign_entries.c.sequence).where(foreign_entries.c.device_id == device_id)
    before: int | None = None
    for number in reader.scalars(query.order_by(foreign_entries.c.sequence)):
        if before is not None and number != before + 1:
            yield before + 1, number - 1
        before = number


def _entry(row: Row[Any], name_of: Callable[[int], str]) -> ForeignEntry:
    return ForeignEntry(
        device=name_of(row.device_id),
        sequence=row.sequence,
        at=row.at,
        received_at=row.received_at,
        kind=row.kind,
        taken=row.taken,
        here=row.mirrored_as,
    )
