"""Home visits: the appliance goes to people who cannot come; until the visit ends, check-ins carry place and officer.

Where somebody lives is theirs: the current visit lies sealed in the store, and its row goes when it ends. What stays
is the place in the entries of those who were visited, which is erased with them.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from appliance.errors import RuleViolation
from appliance.ledger import Bodies, Ledger
from appliance.ledger.canonical_json import canonical_json
from appliance.meetings.meeting import Meeting
from appliance.meetings.service import MeetingService
from appliance.names import clean
from appliance.storage.database import Database
from appliance.storage.meetings import home_visits

_SEALED_FOR: Final = b"thechip home visit 1\n%d"


@dataclass(frozen=True, slots=True)
class HomeVisit:
    """Where the appliance is, for which open meeting, and who answers for it."""

    meeting_id: int
    place: str = field(repr=False)
    officer: str = field(repr=False)
    begun_at: datetime


class HomeVisits:
    """Begins and ends visits; there is one at a time."""

    def __init__(self, database: Database, ledger: Ledger, meetings: MeetingService) -> None:
        self._database = database
        self._bodies = ledger.bodies
        self._meetings = meetings

    def begin(self, *, place: str, officer: str, at: datetime) -> HomeVisit:
        """Begin a visit for the open meeting; from now on check-ins are those of this place.

        Raises RuleViolation without a place, an officer or an open meeting, and where a visit was not ended.
        """
        content = canonical_json({"place": clean(place, "the place"), "officer": clean(officer, "the officer")})
        with self._database.writing() as writer:
            meeting = self._open(writer)
            if current_visit(writer, meeting, self._bodies) is not None:
                msg = "another home visit was not ended; end it first"
                raise RuleViolation(msg)
            sealed = self._bodies.sealing.seal(content, sealed_for=_SEALED_FOR % meeting.id)
            writer.execute(insert(home_visits), {"meeting_id": meeting.id, "sealed": sealed, "begun_at": at})
            visit = current_visit(writer, meeting, self._bodies)
        assert visit is not None  # noqa: S101 - it was inserted in this transaction
        return visit

    def end(self, meeting_id: int) -> bool:
        """End the visit of a meeting: check-ins are those of its own place again; False where none is on."""
        with self._database.writing() as writer:
            ended = writer.execute(delete(home_visits).where(home_visits.c.meeting_id == meeting_id))
        return bool(ended.rowcount)

    def current(self) -> HomeVisit | None:
        """Return the visit that is on."""
        with self._database.reading() as reader:
            meeting = self._meetings.current(connection=reader)
            return None if meeting is None else current_visit(reader, meeting, self._bodies)

    def _open(self, writer: Connection) -> Meeting:
        meeting = self._meetings.current(connection=writer)
        if meeting is None:
            msg = "no meeting is open; open the one that the visit is for"
            raise RuleViolation(msg)
        return meeting


def current_visit(reader: Connection, meeting: Meeting, bodies: Bodies) -> HomeVisit | None:
    """Return the visit of a meeting that is on; KeyDamaged where its row does not open."""
    row = reader.execute(select(home_visits).where(home_visits.c.meeting_id == meeting.id)).one_or_none()
    if row is None:
        return None
    sealed_for = _SEALED_FOR % meeting.id
    content = json.loads(bodies.sealing.open(row.sealed, sealed_for=sealed_for, what="home visit"))
    return HomeVisit(meeting.id, content["place"], content["officer"], row.begun_at)
