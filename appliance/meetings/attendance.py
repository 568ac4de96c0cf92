"""Attendance: the list of one meeting as its minutes need it, and as CSV.

Six queries in one snapshot, whatever the size of the meeting.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from appliance.ledger import EntryKind, Sequence
from appliance.lists.checked_against import LISTS, CheckedAgainst
from appliance.lists.freshness import ListsAge
from appliance.meetings import Meeting, MeetingState, meeting_in
from appliance.meetings.roll import RollLine, figures_of, frozen_roll, live_roll
from appliance.meetings.rule_sets import rule_set_in
from appliance.meetings.standing import Standing, StandingEntry, member_subject, standing_of_meeting
from appliance.rules import AttendanceState, Figures
from appliance.spreadsheet import csv_rows
from appliance.storage.database import Database
from appliance.storage.ledger import ledger_bodies, ledger_entries
from appliance.storage.members import MemberClass, MemberStatus

__all__ = ["AttendanceList", "AttendanceRow", "AttendanceService", "AttendanceState", "How"]


class How(StrEnum):
    """How an attendance came to be recorded."""

    CARD = "card"
    BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """One line of the list; ``at``, ``how`` and ``sequence`` are those of the entry that stands.

    A visitor has no member number, class or status. ``lists`` is what the card was checked against; by hand, and in
    entries of older releases, there is none.
    """

    member_id: int | None
    name: str = field(repr=False)
    member_class: MemberClass | None
    status: MemberStatus | None
    state: AttendanceState
    at: datetime | None = None
    how: How | None = None
    sequence: Sequence | None = None
    reason: str | None = field(default=None, repr=False)
    lists: ListsAge | None = None


@dataclass(frozen=True, slots=True)
class AttendanceList:
    """A meeting's list.

    ``figures`` are counted from what stands now; ``closing_figures`` are those written when the meeting closed, and
    remain when a correction or an erasure came later. ``erased`` entries of this meeting have lost their person.
    """

    meeting: Meeting
    rows: tuple[AttendanceRow, ...] = field(repr=False)
    visitors: tuple[AttendanceRow, ...] = field(repr=False)
    figures: Figures
    closing_figures: Figures | None
    refused: int
    erased: int

    @property
    def checked_against(self) -> CheckedAgainst | None:
        """Against which lists the cards of those who are here were checked; ``None`` where no record says so."""
        everybody = (*self.rows, *self.visitors)
        return CheckedAgainst.over(row.lists for row in everybody if row.lists is not None)


class AttendanceService:
    """Reads attendance; the times of a CSV are those of ``time_zone``."""

    def __init__(self, database: Database, *, time_zone: str = "Asia/Ho_Chi_Minh") -> None:
        self._database = database
        self._zone = ZoneInfo(time_zone)

    def attendance_of(self, meeting_id: int) -> AttendanceList:
        """Return the list of a meeting in any state; NotFound for an unknown one."""
        with self._database.reading() as reader:
            meeting = meeting_in(reader, meeting_id)
            standing = standing_of_meeting(reader, meeting_id)
            is_closed = meeting.state is MeetingState.CLOSED
            roll = frozen_roll(reader, meeting_id) if is_closed else live_roll(reader, standing)
            rules = rule_set_in(reader, meeting.rules_version)
            refused, erased = _counts(reader, meeting_id)
            closing = _closing_figures(reader, meeting_id)
        return AttendanceList(
            meeting=meeting,
            rows=tuple(_row(line, standing) for line in roll),
            visitors=tuple(_visitor(entry) for entry in standing.visitors()),
            figures=figures_of(rules, roll, standing),
            closing_figures=closing,
            refused=refused,
            erased=erased,
        )

    def csv_lines(self, meeting_id: int) -> Iterator[str]:
        """Yield the list as CSV, line by line: UTF-8 with a byte order mark, CRLF, Vietnamese headings, local times."""
        attendance = self.attendance_of(meeting_id)
        return csv_rows(self._cells(attendance))

    def _cells(self, attendance: AttendanceList) -> Iterator[tuple[str, ...]]:
        yield HEADINGS
        state_words = STATE_WORDS if attendance.meeting.state is MeetingState.CLOSED else STATE_WORDS_BEFORE_CLOSING
        for number, row in enumerate((*attendance.rows, *attendance.visitors), start=1):
            at = "" if row.at is None else row.at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")
            yield (
                str(number),
                row.name,
                "" if row.member_class is None else CLASS_WORDS[row.member_class],
                "" if row.status is None else STATUS_WORDS[row.status],
                state_words[row.state],
                at,
                "" if row.how is None else HOW_WORDS[row.how],
                row.reason or "",
                "" if row.sequence is None else str(row.sequence),
                "" if row.lists is None else _days(row.lists),
            )


def _row(line: RollLine, standing: Standing) -> AttendanceRow:
    subject = member_subject(line.member_id)
    state = standing.state_of(line.member_id, line.status)
    entry = standing.presences.get(subject) or standing.excuses.get(subject)
    return AttendanceRow(
        member_id=line.member_id,
        name=line.name,
        member_class=line.member_class,
        status=line.status,
        state=state,
        at=entry.at if entry is not None and state.is_here else None,
        how=_how(entry) if entry is not None and state.is_here else None,
        sequence=None if entry is None else entry.sequence,
        reason=None if entry is None else entry.body.get("reason"),
        lists=_lists(entry) if entry is not None and state.is_here else None,
    )


def _visitor(entry: StandingEntry) -> AttendanceRow:
    return AttendanceRow(
        member_id=None,
        name=entry.body["name"],
        member_class=None,
        status=None,
        state=AttendanceState.VISITING,
        at=entry.at,
        how=_how(entry),
        sequence=entry.sequence,
        lists=_lists(entry),
    )


def _how(entry: StandingEntry) -> How:
    return How.BY_HAND if entry.kind is EntryKind.CHECK_IN_BY_HAND else How.CARD


def _lists(entry: StandingEntry) -> ListsAge | None:
    body = entry.body.get(LISTS)
    return None if body is None else ListsAge.from_body(body)


def _days(lists: ListsAge) -> str:
    if lists.age_days is None:
        return AGE_UNKNOWN
    return f"≥ {lists.age_days}" if lists.at_least else str(lists.age_days)


def _counts(reader: Connection, meeting_id: int) -> tuple[int, int]:
    """Count the refusals of a meeting, and its entries whose body was erased."""
    bodiless = ledger_bodies.c.sequence.is_(None)
    query = (
        select(
            func.count().filter(ledger_entries.c.kind == EntryKind.REFUSED.value).label("refused"),
            func.count().filter(bodiless).label("erased"),
        )
        .select_from(ledger_entries)
        .outerjoin(ledger_bodies, ledger_bodies.c.sequence == ledger_entries.c.sequence)
        .where(ledger_entries.c.meeting_id == meeting_id)
    )
    row = reader.execute(query).one()
    return int(row.refused), int(row.erased)


def _closing_figures(reader: Connection, meeting_id: int) -> Figures | None:
    query = (
        select(ledger_bodies.c.body)
        .join(ledger_entries, ledger_entries.c.sequence == ledger_bodies.c.sequence)
        .where(ledger_entries.c.meeting_id == meeting_id, ledger_entries.c.kind == EntryKind.MEETING_CLOSED.value)
    )
    body = reader.scalar(query)
    return None if body is None else Figures.from_body(json.loads(body)["figures"])


# --- the words of the CSV ---------------------------------------------------------------------------------------------

HEADINGS = (
    "STT",
    "Họ và tên",
    "Diện đảng viên",
    "Tình trạng",
    "Điểm danh",
    "Thời điểm",
    "Hình thức",
    "Lý do",
    "Số bút toán",
    "Tuổi danh sách (ngày)",
)
AGE_UNKNOWN = "không rõ"
"""Of the lists that a card was checked against: there were none, or the clock was wrong."""
CLASS_WORDS = {
    MemberClass.OFFICIAL: "Chính thức",
    MemberClass.PROBATIONARY: "Dự bị",
    MemberClass.TEMPORARY: "Sinh hoạt tạm thời",
}
STATUS_WORDS = {
    MemberStatus.ACTIVE: "Đang sinh hoạt",
    MemberStatus.EXEMPT: "Miễn công tác và sinh hoạt",
    MemberStatus.AWAY: "Tạm vắng",
    MemberStatus.SPECIAL_DUTY: "Công tác đặc biệt",
}
STATE_WORDS = {
    AttendanceState.PRESENT: "Có mặt",
    AttendanceState.LATE: "Có mặt, đến muộn",
    AttendanceState.EXCUSED: "Vắng có lý do",
    AttendanceState.ABSENT: "Vắng không lý do",
    AttendanceState.AWAY: "Tạm vắng",
    AttendanceState.EXEMPT: "Miễn sinh hoạt",
    AttendanceState.SPECIAL_DUTY: "Công tác đặc biệt",
    AttendanceState.VISITING: "Đảng viên nơi khác, khách",
}
STATE_WORDS_BEFORE_CLOSING = {**STATE_WORDS, AttendanceState.ABSENT: "Chưa đến"}
"""Whoever is not here yet may still come; only the end of the meeting makes them absent."""
HOW_WORDS = {How.CARD: "Thẻ", How.BY_HAND: "Ghi tay"}
