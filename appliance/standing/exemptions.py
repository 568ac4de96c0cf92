"""Exemptions: from when until when somebody is exempt, away or on special duty, and by which resolution.

They are entries of the ledger that belong to no meeting, so nothing of them is overwritten: an exemption that ends, or
was a mistake, is ended by a new entry that names it. On the day of a meeting the one that was recorded last counts;
where there is none, the status on the roster does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import Bodies, Entry, EntryKind, Ledger, NewEntry, Sequence
from appliance.ledger.canonical_json import JsonValue
from appliance.ledger.reading import entries_without_meeting
from appliance.names import clean
from appliance.roster import RosterService
from appliance.standing.entries import member_subject
from appliance.storage.database import Database
from appliance.storage.members import MemberStatus

LONGEST_RESOLUTION: Final = 1000
"""Characters."""
_KINDS: Final = (EntryKind.EXEMPTION, EntryKind.EXEMPTION_ENDED)


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption as it stands now; open-ended where ``last_day`` is None.

    One whose last day precedes its first was never in force. ``sequence`` is the entry that recorded it, ``ended_by``
    the one that ended it.
    """

    sequence: Sequence
    member_id: int
    status: MemberStatus
    first_day: date
    last_day: date | None
    resolution: str = field(repr=False)
    recorded_by: str = field(repr=False)
    recorded_at: datetime
    ended_by: Sequence | None = None

    def covers(self, day: date) -> bool:
        """Tell whether it is in force on a day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


class ExemptionService:
    """Records exemptions and their ends."""

    def __init__(self, database: Database, ledger: Ledger, roster: RosterService) -> None:
        self._database = database
        self._ledger = ledger
        self._roster = roster

    def record(
        self,
        member_id: int,
        status: MemberStatus,
        *,
        first_day: date,
        last_day: date | None = None,
        resolution: str,
        recorded_by: str,
        at: datetime,
    ) -> Exemption:
        """Record that a member is exempt, away or on special duty from a day on; open-ended without a last day.

        ``resolution`` is its number, or what it says. Raises RuleViolation without one, for a last day before the
        first, and for a status that exempts from nothing; NotFound for an unknown member.
        """
        if status is MemberStatus.ACTIVE:
            msg = "who is expected like everybody else needs no exemption; end the one that there is"
            raise RuleViolation(msg)
        if last_day is not None and last_day < first_day:
            msg = "the last day of an exemption is not before its first"
            raise RuleViolation(msg)
        body: dict[str, JsonValue] = {
            "status": status.value,
            "first_day": first_day.isoformat(),
            "last_day": None if last_day is None else last_day.isoformat(),
            "resolution": clean(resolution, "the resolution", longest=LONGEST_RESOLUTION),
            "recorded_by": clean(recorded_by, "the officer"),
        }
        with self._database.writing() as writer:
            self._roster.get(member_id, connection=writer)
            entry = NewEntry(EntryKind.EXEMPTION, subject=member_subject(member_id), body=body)
            sequence = self._ledger.append(entry, at=at, connection=writer)
            return self._get(writer, sequence)

    def end(self, sequence: int, *, last_day: date, resolution: str, recorded_by: str, at: datetime) -> Exemption:
        """Let an exemption end on a day; ended on the day before its first it was never in force: a mistake.

        What was said before stays in the ledger, and closed meetings keep the status of their roll. It may be ended
        again, the later entry counts. Raises RuleViolation without a resolution or for an earlier day, NotFound for no
        such exemption.
        """
        body: dict[str, JsonValue] = {
            "last_day": last_day.isoformat(),
            "resolution": clean(resolution, "the resolution", longest=LONGEST_RESOLUTION),
            "recorded_by": clean(recorded_by, "the officer"),
        }
        with self._database.writing() as writer:
            known = self._get(writer, sequence)
            if last_day < known.first_day - timedelta(days=1):
                msg = "an exemption that was a mistake ends on the day before its first, and not earlier"
                raise RuleViolation(msg)
            subject = member_subject(known.member_id)
            entry = NewEntry(EntryKind.EXEMPTION_ENDED, refers_to=sequence, subject=subject, body=body)
            self._ledger.append(entry, at=at, connection=writer)
            return self._get(writer, sequence)

    def of_member(self, member_id: int) -> tuple[Exemption, ...]:
        """Return every exemption of a member that was ever recorded, the first recorded first."""
        with self._database.reading() as reader:
            found = exemptions_in(reader, self._ledger.bodies)
        return tuple(exemption for exemption in found if exemption.member_id == member_id)

    def all(self) -> tuple[Exemption, ...]:
        """Return every exemption that was ever recorded, the first recorded first."""
        with self._database.reading() as reader:
            return exemptions_in(reader, self._ledger.bodies)

    def on(self, day: date) -> Mapping[int, Exemption]:
        """Return who is exempt, away or on special duty on a day, by member."""
        with self._database.reading() as reader:
            return exemptions_on(reader, day, self._ledger.bodies)

    def _get(self, reader: Connection, sequence: int) -> Exemption:
        found = _read(reader, self._ledger.bodies).get(sequence)
        if found is None:
            msg = f"entry {sequence} is no exemption, or its person was erased"
            raise NotFound(msg)
        return found


def exemptions_in(reader: Connection, bodies: Bodies) -> tuple[Exemption, ...]:
    """Return every exemption that was ever recorded, in one query, the first recorded first."""
    return tuple(_read(reader, bodies).values())


def exemptions_on(reader: Connection, day: date, bodies: Bodies) -> Mapping[int, Exemption]:
    """Return who is exempt, away or on special duty on a day, by member; of two the one that was recorded last."""
    return in_force_on(exemptions_in(reader, bodies), day)


def in_force_on(exemptions: Iterable[Exemption], day: date) -> Mapping[int, Exemption]:
    """Return those of these that are in force on a day, by member."""
    return {exemption.member_id: exemption for exemption in exemptions if exemption.covers(day)}


def _read(reader: Connection, bodies: Bodies) -> dict[int, Exemption]:
    found: dict[int, Exemption] = {}
    for entry in entries_without_meeting(reader, bodies, kinds=_KINDS):
        if entry.body is None:
            continue  # erased
        if entry.kind is EntryKind.EXEMPTION:
            found[entry.sequence] = _exemption(entry, entry.body)
        elif entry.refers_to in found:
            last_day = date.fromisoformat(entry.body["last_day"])
            found[entry.refers_to] = replace(found[entry.refers_to], last_day=last_day, ended_by=entry.sequence)
    return found


def _exemption(entry: Entry, body: Mapping[str, Any]) -> Exemption:
    return Exemption(
        sequence=entry.sequence,
        member_id=int(body["subject"].removeprefix("member:")),
        status=MemberStatus(body["status"]),
        first_day=date.fromisoformat(body["first_day"]),
        last_day=None if body["last_day"] is None else date.fromisoformat(body["last_day"]),
        resolution=body["resolution"],
        recorded_by=body["recorded_by"],
        recorded_at=entry.at,
    )
