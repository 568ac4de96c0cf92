"""Meetings: planned, opened, closed; at most one is open.

Opening and closing are entries of the ledger. Closing freezes who was expected into the meeting's roll and writes the
figures into the closing entry, so that neither a later change of the roster nor an erasure changes the minutes.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, insert, select, update

from appliance.errors import NotFound, PlanRefused, RuleViolation
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.admission import Admission
from appliance.meetings.meeting import Meeting, meeting_in, meeting_of, row_of
from appliance.meetings.plan import LATEST, UID_LENGTH, WIDEST, MeetingPlan, is_believable_start
from appliance.meetings.roll import figures_of, freeze_roll, live_roll
from appliance.meetings.rule_sets import rule_set_in, rule_set_in_force
from appliance.names import clean
from appliance.rules import RuleSet, Window
from appliance.standing.exemptions import exemptions_on
from appliance.standing.standing import standing_of_meeting
from appliance.storage.base import utc_text
from appliance.storage.database import Database
from appliance.storage.meetings import (
    MeetingKind,
    MeetingMode,
    MeetingState,
    admitted_numbers,
    home_visits,
    meetings,
)

__all__ = ["MeetingService"]


class MeetingService:
    """Plans, opens and closes meetings; each keeps the version of the rules that it was planned with.

    Rules come into force on a day, and a meeting's day is that of ``time_zone``.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        *,
        time_zone: str = "Asia/Ho_Chi_Minh",
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._random = random
        self.zone = ZoneInfo(time_zone)

    def create(
        self,
        *,
        kind: MeetingKind,
        title: str,
        place: str,
        starts_at: datetime,
        late_after: timedelta | None = None,
        window: Window | None = None,
        check_out: bool = False,
        mode: MeetingMode = MeetingMode.ROSTER,
        admission: Admission | None = None,
    ) -> Meeting:
        """Plan a meeting by the rules in force on its day; lateness and window are theirs, or as is said here.

        Raises RuleViolation for an empty title or place, a time without a zone or outside of 2000 to 2199, and what
        does not fit together.
        """
        if starts_at.tzinfo is not None and not is_believable_start(starts_at):
            msg = "a meeting starts in one of the years 2000 to 2199"
            raise RuleViolation(msg)
        utc_text(starts_at)
        day = starts_at.astimezone(self.zone).date()
        with self._database.writing() as writer:
            rules = rule_set_in_force(writer, day)
            timing = rules.timing_of(kind)
            plan = MeetingPlan(
                uid=self._random(UID_LENGTH).hex(),
                kind=kind,
                title=clean(title, "the title"),
                place=clean(place, "the place"),
                starts_at=starts_at,
                late_after=timing.late_after if late_after is None else late_after,
                window=timing.window if window is None else window,
                rules_version=rules.version,
                check_out=check_out,
                mode=mode,
                admission=admission,
            )
            return self._keep(writer, plan)

    def adopt(self, plan: MeetingPlan, *, connection: Connection | None = None) -> Meeting:
        """Hold a meeting that another appliance planned; the same plan again is the same meeting.

        Raises PlanRefused where this appliance knows the meeting otherwise, or does not know the rules that it was
        planned by; RuleViolation for what does not fit together.
        """
        with self._database.writing(connection) as writer:
            known = writer.execute(select(meetings).where(meetings.c.uid == plan.uid)).one_or_none()
            if known is not None:
                meeting = meeting_of(known)
                if meeting.plan != plan:
                    msg = "this appliance knows this meeting by another plan; adopt it before anything is changed"
                    raise PlanRefused(msg)
                return meeting
            try:
                rule_set_in(writer, plan.rules_version)
            except NotFound as error:
                msg = f"{error.sentence}; take up the signed lists that bring them, then adopt the meeting"
                raise PlanRefused(msg) from error
            return self._keep(writer, plan)

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
            body: dict[str, JsonValue] = {**meeting.plan.as_body(), "officer": officer}
            self._ledger.append(NewEntry(EntryKind.MEETING_OPENED, meeting_id, body=body), at=at, connection=writer)
            opened = self.get(meeting_id, connection=writer)
        self._ledger.checkpoint()
        return opened

    def close(
        self, meeting_id: int, *, at: datetime, officer: str, chair: str | None = None, secretary: str | None = None
    ) -> Meeting:
        """Close an open meeting: its roll and its figures are now those of the minutes, which name chair and secretary.

        A home visit ends with it, and the numbers that an event admitted are forgotten.
        """
        body: dict[str, JsonValue] = {"officer": clean(officer, "the officer")}
        for name, person in (("chair", chair), ("secretary", secretary)):
            if person is not None and person.strip():
                body[name] = clean(person, f"the {name}")
        with self._database.writing() as writer:
            meeting = self.get(meeting_id, connection=writer)
            _require(meeting, MeetingState.OPEN, "only an open meeting can be closed")
            standing = standing_of_meeting(writer, meeting_id, self._ledger.bodies)
            exempt = exemptions_on(writer, meeting.day(self.zone), self._ledger.bodies)
            roll = live_roll(writer, standing, exempt, meeting.mode)
            counted = figures_of(rule_set_in(writer, meeting.rules_version), roll, standing, meeting.mode)
            freeze_roll(writer, meeting_id, roll)
            for table in (home_visits, admitted_numbers):
                writer.execute(delete(table).where(table.c.meeting_id == meeting_id))
            _change(writer, meeting_id, {"state": MeetingState.CLOSED, "closed_at": at})
            body["figures"] = counted.as_body()
            self._ledger.append(NewEntry(EntryKind.MEETING_CLOSED, meeting_id, body=body), at=at, connection=writer)
            closed = self.get(meeting_id, connection=writer)
        self._ledger.checkpoint()
        return closed

    def current(self, *, connection: Connection | None = None) -> Meeting | None:
        """Return the open meeting."""
        with self._database.reading(connection) as reader:
            row = reader.execute(select(meetings).where(meetings.c.state == MeetingState.OPEN)).one_or_none()
        return None if row is None else meeting_of(row)

    def all(self) -> tuple[Meeting, ...]:
        """Return every meeting, the latest start first."""
        query = select(meetings).order_by(meetings.c.starts_at.desc(), meetings.c.id.desc())
        with self._database.reading() as reader:
            return tuple(meeting_of(row) for row in reader.execute(query))

    def get(self, meeting_id: int, *, connection: Connection | None = None) -> Meeting:
        """Return a meeting; NotFound for a number that none has."""
        with self._database.reading(connection) as reader:
            return meeting_in(reader, meeting_id)

    def _keep(self, writer: Connection, plan: MeetingPlan) -> Meeting:
        if not timedelta(0) <= plan.late_after <= LATEST:
            msg = "lateness begins between 0 and 24 hours after the start"
            raise RuleViolation(msg)
        spans = () if plan.window is None else (plan.window.before, plan.window.after)
        if not all(timedelta(0) <= span <= WIDEST for span in spans):
            msg = "check-in begins at most three days before the start, and ends at most three days after it"
            raise RuleViolation(msg)
        if problem := plan.contradiction():
            msg = f"this meeting {problem}"
            raise RuleViolation(msg)
        meeting_id = writer.scalars(insert(meetings).returning(meetings.c.id), row_of(plan)).one()
        return self.get(meeting_id, connection=writer)


def _require(meeting: Meeting, state: MeetingState, sentence: str) -> None:
    if meeting.state is not state:
        msg = f"{sentence}; this one is {meeting.state}"
        raise RuleViolation(msg)


def _change(writer: Connection, meeting_id: int, values: Mapping[str, Any]) -> None:
    writer.execute(update(meetings).where(meetings.c.id == meeting_id).values(**values))
