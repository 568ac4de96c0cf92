"""Records: one transaction in which something of a meeting is decided and appended, and what such decisions ask for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind, Ledger, NewEntry, Sequence
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.meeting import Meeting
from appliance.meetings.roll import is_on_frozen_roll
from appliance.meetings.service import MeetingService
from appliance.roster import Member, RosterService
from appliance.storage.database import Database
from appliance.storage.meetings import MeetingMode, MeetingState

CHECKPOINT_AFTER: Final = 32
"""Entries between two checkpoints while a meeting is open."""


@dataclass(frozen=True, slots=True)
class Records:
    """What every service that records something of a meeting works with."""

    database: Database
    ledger: Ledger
    roster: RosterService
    meetings: MeetingService

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection inside BEGIN IMMEDIATE; what was appended is durable at the end."""
        with self.database.writing() as writer:
            yield writer
        self.ledger.checkpoint(at_least=CHECKPOINT_AFTER)

    def meeting(self, writer: Connection, meeting_id: int | None) -> Meeting | None:
        """Return the meeting of this number, or the open one where none is named; NotFound for an unknown number."""
        if meeting_id is None:
            return self.meetings.current(connection=writer)
        return self.meetings.get(meeting_id, connection=writer)

    def named_or_open(self, writer: Connection, meeting_id: int | None) -> Meeting:
        """Return what ``meeting`` returns; RuleViolation where none is named and none is open, or it keeps no names."""
        meeting = self.meeting(writer, meeting_id)
        if meeting is None:
            msg = "no meeting is open; name the one that this is for"
            raise RuleViolation(msg)
        require_names(meeting)
        return meeting

    def opened(self, writer: Connection, meeting_id: int | None) -> Meeting:
        """Return a meeting that was opened, or is closed since; RuleViolation for one that is only planned, or none."""
        meeting = self.named_or_open(writer, meeting_id)
        require_opened(meeting)
        return meeting

    def expected(self, writer: Connection, member_id: int, meeting: Meeting) -> Member:
        """Return a member; NotFound for nobody, and for whoever can have no line in the list of this meeting.

        Before a closing that is one who left the roster, afterwards one who was not on the roll that was frozen. An
        event without a roll has a line for everybody of whom it says something.
        """
        member = self.roster.get(member_id, connection=writer)
        if meeting.state is not MeetingState.CLOSED:
            if member.has_left:
                msg = f"member {member_id} is not on the roster any more"
                raise NotFound(msg)
        elif meeting.mode is MeetingMode.ROSTER and not is_on_frozen_roll(writer, meeting.id, member_id):
            msg = f"member {member_id} was not on the roll when this meeting closed"
            raise NotFound(msg)
        return member

    def append(
        self,
        writer: Connection,
        kind: EntryKind,
        meeting: Meeting,
        *,
        at: datetime,
        body: Mapping[str, JsonValue],
        subject: str | None = None,
        refers_to: int | None = None,
    ) -> Sequence:
        """Append an entry of a meeting inside the transaction."""
        entry = NewEntry(kind, meeting.id, refers_to=refers_to, subject=subject, body=body)
        return self.ledger.append(entry, at=at, connection=writer)


def require_names(meeting: Meeting) -> None:
    """Raise RuleViolation for an event that only counts, and must learn nothing of anybody."""
    if meeting.mode is MeetingMode.COUNTS:
        msg = "this event keeps no names; count them instead"
        raise RuleViolation(msg)


def require_opened(meeting: Meeting) -> None:
    """Raise RuleViolation for a meeting that is only planned."""
    if meeting.state is MeetingState.PLANNED:
        msg = "nobody can be present at a meeting that was not opened"
        raise RuleViolation(msg)
