"""One meeting, as it was planned and as far as it has come."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from appliance.errors import NotFound, PlanRefused, StorageDamaged
from appliance.ledger.canonical_json import canonical_json
from appliance.meetings.admission import Admission
from appliance.meetings.plan import LATEST, WIDEST, MeetingPlan, as_admission, seconds
from appliance.rules import Window
from appliance.storage.meetings import MeetingKind, MeetingMode, MeetingState, meetings

NOT_YET: Final = "check-in-not-yet"
"""The reason code of a card that comes before the meeting's window."""
OVER: Final = "check-in-over"
"""The reason code of a card that comes after it."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting; whoever comes after ``starts_at + late_after`` is late.

    Cards are admitted within ``window``; at any time while it is open where there is none.
    """

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
    uid: str
    window: Window | None = None
    check_out: bool = False
    mode: MeetingMode = MeetingMode.ROSTER
    admission: Admission | None = None

    @property
    def plan(self) -> MeetingPlan:
        """What is the same on every appliance that holds this meeting."""
        return MeetingPlan(
            uid=self.uid,
            kind=self.kind,
            title=self.title,
            place=self.place,
            starts_at=self.starts_at,
            late_after=self.late_after,
            window=self.window,
            rules_version=self.rules_version,
            check_out=self.check_out,
            mode=self.mode,
            admission=self.admission,
        )

    def is_late(self, at: datetime) -> bool:
        """Tell whether somebody who comes at this time is late."""
        return at > self.starts_at + self.late_after

    def outside_window(self, at: datetime) -> str | None:
        """Return the reason code why a card is not admitted at this time; None within the window."""
        if self.window is None:
            return None
        if at < self.window.opens_at(self.starts_at):
            return NOT_YET
        return OVER if at > self.window.closes_at(self.starts_at) else None

    def day(self, zone: ZoneInfo) -> date:
        """Return the day of the meeting, where it is."""
        return self.starts_at.astimezone(zone).date()


def meeting_in(reader: Connection, meeting_id: int) -> Meeting:
    """Return a meeting inside a transaction; NotFound for a number that none has."""
    row = reader.execute(select(meetings).where(meetings.c.id == meeting_id)).one_or_none()
    if row is None:
        msg = f"there is no meeting {meeting_id}"
        raise NotFound(msg)
    return meeting_of(row)


def meeting_of(row: Row[Any]) -> Meeting:
    """Return the meeting that a row of the store is; StorageDamaged for one that this program never wrote."""
    try:
        admission = as_admission(row.admission)
    except PlanRefused as error:
        msg = "the store holds a rule of admission that this program never wrote"
        raise StorageDamaged(msg) from error
    return Meeting(
        id=row.id,
        kind=row.kind,
        title=row.title,
        place=row.place,
        starts_at=row.starts_at,
        late_after=_span(row.late_after_seconds, LATEST, "lateness"),
        state=row.state,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        rules_version=row.rules_version,
        uid=row.uid,
        window=_window(row),
        check_out=bool(row.check_out),
        mode=row.mode,
        admission=admission,
    )


def row_of(plan: MeetingPlan) -> dict[str, Any]:
    """Return the row of a meeting that is planned so."""
    admission = None if plan.admission is None else canonical_json(plan.admission.as_body()).decode()
    return {
        "uid": plan.uid,
        "kind": plan.kind,
        "title": plan.title,
        "place": plan.place,
        "starts_at": plan.starts_at,
        "late_after_seconds": seconds(plan.late_after),
        "window_before_seconds": None if plan.window is None else seconds(plan.window.before),
        "window_after_seconds": None if plan.window is None else seconds(plan.window.after),
        "state": MeetingState.PLANNED,
        "rules_version": plan.rules_version,
        "check_out": int(plan.check_out),
        "mode": plan.mode,
        "admission": admission,
    }


def _window(row: Row[Any]) -> Window | None:
    before, after = row.window_before_seconds, row.window_after_seconds
    if before is None and after is None:
        return None
    return Window(_span(before, WIDEST, "window"), _span(after, WIDEST, "window"))


def _span(value: int | None, most: timedelta, what: str) -> timedelta:
    if value is None or not 0 <= value <= most.total_seconds():
        msg = f"the store holds a {what} that this program never wrote"
        raise StorageDamaged(msg)
    return timedelta(seconds=value)
