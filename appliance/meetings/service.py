"""Meetings: planned, opened, closed; at most one is open.

Opening and closing are entries of the ledger. Closing freezes who was expected into the meeting's roll and writes the
figures into the closing entry, so that neither a later change of the roster nor an erasure changes the minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert, select, update

from appliance.errors import NotFound, RuleViolation, StorageDamaged
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.roll import figures_of, freeze_roll, live_roll
from appliance.meetings.rule_sets import rule_set_in, rule_set_in_force
from appliance.meetings.standing import standing_of_meeting
from appliance.names import clean
from appliance.rules import RuleSet
from appliance.storage.base import utc_text
from appliance.storage.database import Database
from appliance.storage.meetings import MeetingKind, MeetingState, meetings

__all__ = ["Meeting", "MeetingKind", "MeetingService", "MeetingState"]


LATEST = timedelta(days=1)
"""The longest time after its start at which lateness may begin."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting; whoever comes after ``starts_at + late_after`` is late."""

    id: int
    kind: MeetingKind
    title: str
    place: str
    starts_at: datetime
    late_after: timedelta
    state: MeetingState
    opened_at: datetime | None
    closed_at: datetime | None
    rules_version: str

    def is_late(self, at: datetime) -> bool:
        """Tell whether somebody who comes at this time is late."""
        return at > self.starts_at + self.late_after


class MeetingService:
    """Plans, opens and closes meetings; each keeps the version of the rules that it was planned with.

    Rules come into force on a day, and a meeting's day is that of ``time_zone``.
    """

    def __init__(self, database: Database, ledger: Ledger, *, time_zone: str = "Asia/Ho_Chi_Minh") -> None:
        self._database = database
        self._ledger = ledger
        self._zone = ZoneInfo(time_zone)

    def create(
        self,
        *,
        kind: MeetingKind,
        title: str,
        place: str,
        starts_at: datetime,
        late_after: timedelta | None = None,
    ) -> Meeting:
        """Plan a meeting by the rules that are in force on its day; lateness begins when they say, or as is said here.

        Raises RuleViolation for an empty title or place, or a time without a zone.
        """
        if late_after is not None and not timedelta(0) <= late_after <= LATEST:
            msg = "lateness begins between 0 and 24 hours after the start"
            raise RuleViolation(msg)
        utc_text(starts_at)
        day = starts_at.astimezone(self._zone).date()
        row: dict[str, Any] = {
            "kind": kind,
            "title": clean(title, "the title"),
            "place": clean(place, "the place"),
            "starts_at": starts_at,
            "state": MeetingState.PLANNED,
        }
        with self._database.writing() as writer:
            rules = rule_set_in_force(writer, day)
            lateness = rules.late_after if late_after is None else late_after
            row |= {"late_after_seconds": int(lateness.total_seconds()), "rules_version": rules.version}
            meeting_id = writer.scalars(insert(meetings).returning(meetings.c.id), row).one()
            return self.get(meeting_id, connection=writer)

    def rules_on(self, day: date) -> RuleSet:
        """Return the rules by which a meeting on this day would be planned."""
        with self._database.reading() as reader:
            return rule_set_in_force(reader, day)

    def open(self, meeting_id: int, *, at: datetime, officer: str) -> Meeting:
        """Open a planned meeting; RuleViolation where it was opened before, or another one is open."""
        officer = clean(officer, "the officer")
        with self._database.writing() as writer:
            meeting = self.get(meeting_id, connection=writer)
            _require(meeting, MeetingState.PLANNED, "only a planned meeting can be opened")
            if self.current(connection=writer) is not None:
                msg = "another meeting is open; close it first"
                raise RuleViolation(msg)
            _change(writer, meeting_id, {"state": MeetingState.OPEN, "opened_at": at})
            body: dict[str, JsonValue] = {**_as_planned(meeting), "officer": officer}
            self._ledger.append(NewEntry(EntryKind.MEETING_OPENED, meeting_id, body=body), at=at, connection=writer)
            opened = self.get(meeting_id, connection=writer)
        self._ledger.checkpoint()
        return opened

    def close(self, meeting_id: int, *, at: datetime, officer: str) -> Meeting:
        """Close an open meeting: its roll and its figures are now those of the minutes."""
        officer = clean(officer, "the officer")
        with self._database.writing() as writer:
            meeting = self.get(meeting_id, connection=writer)
            _require(meeting, MeetingState.OPEN, "only an open meeting can be closed")
            standing = standing_of_meeting(writer, meeting_id)
            roll = live_roll(writer, standing)
            counted = figures_of(rule_set_in(writer, meeting.rules_version), roll, standing)
            freeze_roll(writer, meeting_id, roll)
            _change(writer, meeting_id, {"state": MeetingState.CLOSED, "closed_at": at})
            body: dict[str, JsonValue] = {"officer": officer, "figures": counted.as_body()}
            self._ledger.append(NewEntry(EntryKind.MEETING_CLOSED, meeting_id, body=body), at=at, connection=writer)
            closed = self.get(meeting_id, connection=writer)
        self._ledger.checkpoint()
        return closed

    def current(self, *, connection: Connection | None = None) -> Meeting | None:
        """Return the open meeting."""
        with self._database.reading(connection) as reader:
            row = reader.execute(select(meetings).where(meetings.c.state == MeetingState.OPEN)).one_or_none()
        return None if row is None else _meeting(row)

    def all(self) -> tuple[Meeting, ...]:
        """Return every meeting, the latest start first."""
        query = select(meetings).order_by(meetings.c.starts_at.desc(), meetings.c.id.desc())
        with self._database.reading() as reader:
            return tuple(_meeting(row) for row in reader.execute(query))

    def get(self, meeting_id: int, *, connection: Connection | None = None) -> Meeting:
        """Return a meeting; NotFound for a number that none has."""
        with self._database.reading(connection) as reader:
            return meeting_in(reader, meeting_id)


def meeting_in(reader: Connection, meeting_id: int) -> Meeting:
    """Return a meeting inside a transaction; NotFound for a number that none has."""
    row = reader.execute(select(meetings).where(meetings.c.id == meeting_id)).one_or_none()
    if row is None:
        msg = f"there is no meeting {meeting_id}"
        raise NotFound(msg)
    return _meeting(row)


def _meeting(row: Row[Any]) -> Meeting:
    if not 0 <= row.late_after_seconds <= LATEST.total_seconds():
        msg = "the store holds a lateness that this program never wrote"
        raise StorageDamaged(msg)
    return Meeting(
        id=row.id,
        kind=row.kind,
        title=row.title,
        place=row.place,
        starts_at=row.starts_at,
        late_after=timedelta(seconds=row.late_after_seconds),
        state=row.state,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        rules_version=row.rules_version,
    )


def _as_planned(meeting: Meeting) -> dict[str, str | int]:
    return {
        "kind": meeting.kind.value,
        "title": meeting.title,
        "place": meeting.place,
        "starts_at": utc_text(meeting.starts_at),
        "late_after_seconds": int(meeting.late_after.total_seconds()),
        "rules_version": meeting.rules_version,
    }


def _require(meeting: Meeting, state: MeetingState, sentence: str) -> None:
    if meeting.state is not state:
        msg = f"{sentence}; this one is {meeting.state}"
        raise RuleViolation(msg)


def _change(writer: Connection, meeting_id: int, values: Mapping[str, Any]) -> None:
    writer.execute(update(meetings).where(meetings.c.id == meeting_id).values(**values))
