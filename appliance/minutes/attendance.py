"""Attendance: the list of one meeting as its minutes need it, and as CSV.

Seven queries in one snapshot, whatever the size of the meeting; one more where somebody came who is not on its roll.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from appliance.ledger import EntryKind, Ledger
from appliance.lists.checked_against import CheckedAgainst
from appliance.lists.freshness import ListsAge
from appliance.meetings import Meeting, MeetingMode, MeetingState, meeting_in
from appliance.meetings.roll import frozen_roll, live_roll, outside_roll
from appliance.meetings.rule_sets import rule_set_in
from appliance.minutes import words
from appliance.minutes.closing import closings_in, figures_now
from appliance.minutes.history import HistoryLine, counted_in, history_of
from appliance.minutes.rows import AttendanceRow, How, Proposal, guest_row, member_row, outsider_row, visitor_row
from appliance.rules import AttendanceState, Figures
from appliance.spreadsheet import csv_rows
from appliance.standing.entries import entries_of, member_subject
from appliance.standing.exemptions import exemptions_on
from appliance.standing.standing import standing_of
from appliance.storage.database import Database
from appliance.storage.ledger import ledger_bodies, ledger_entries

__all__ = ["AttendanceList", "AttendanceRow", "AttendanceService", "AttendanceState", "How", "Proposal"]


_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AttendanceList:
    """A meeting's list.

    ``figures`` are counted from what stands now, after the closing those of the minutes with what was corrected since:
    an erasure takes a line away, and changes no figure. ``closing_figures`` are those written when the meeting closed,
    and remain when a correction came later. ``chair`` and ``secretary`` are those that were named at the
    closing. ``erased`` entries of this meeting have lost their person. ``late_from`` names the appliances from which
    something came after the closing, and ``is_corrected`` says whether officers here recorded something after it.
    """

    meeting: Meeting
    rows: tuple[AttendanceRow, ...] = field(repr=False)
    visitors: tuple[AttendanceRow, ...] = field(repr=False)
    figures: Figures
    closing_figures: Figures | None
    refused: int
    erased: int
    guests: tuple[AttendanceRow, ...] = field(default=(), repr=False)
    chair: str | None = field(default=None, repr=False)
    secretary: str | None = field(default=None, repr=False)
    late_from: tuple[str, ...] = ()
    is_corrected: bool = False

    @property
    def gone(self) -> int:
        """How many people are in the figures and have no line any more: erased, or of a roll that was deleted."""
        counted = (
            (self.figures.total, self.rows),
            (self.figures.visitors, self.visitors),
            (self.figures.guests, self.guests),
        )
        return sum(max(number - len(lines), 0) for number, lines in counted)

    @property
    def checked_against(self) -> CheckedAgainst | None:
        """Against which lists the cards of those who are here were checked; ``None`` where no record says so."""
        everybody = (*self.rows, *self.visitors)
        return CheckedAgainst.over(row.lists for row in everybody if row.lists is not None)

    @property
    def absent_with_reason(self) -> tuple[AttendanceRow, ...]:
        """Who is absent and excused or away, for the minutes: by name, with the reason where one is on record."""
        return tuple(row for row in self.rows if row.state in (AttendanceState.EXCUSED, AttendanceState.AWAY))

    @property
    def absent_without_reason(self) -> tuple[AttendanceRow, ...]:
        """Who is absent and nothing is on record; before the end of a meeting: who has not come yet.

        Nobody at an event that expects nobody.
        """
        if self.meeting.mode is not MeetingMode.ROSTER:
            return ()
        return tuple(row for row in self.rows if row.state is AttendanceState.ABSENT)

    @property
    def unconfirmed(self) -> tuple[AttendanceRow, ...]:
        """Of whom one officer alone says that they were there: not counted."""
        return tuple(row for row in self.rows if row.proposal is not None)

    @property
    def not_checked_out(self) -> tuple[AttendanceRow, ...]:
        """Who is here and has not left by the record, where the meeting wants to know."""
        if not self.meeting.check_out:
            return ()
        return tuple(row for row in (*self.rows, *self.visitors) if row.at is not None and row.left_at is None)

    @property
    def was_changed(self) -> bool:
        """Whether what stands now is not what the minutes say."""
        return self.closing_figures is not None and (
            self.closing_figures != self.figures or any(row.at_closing is not None for row in self.rows)
        )


class AttendanceService:
    """Reads attendance; days and the times of a CSV are those of ``time_zone``."""

    def __init__(self, database: Database, ledger: Ledger, *, time_zone: str = "Asia/Ho_Chi_Minh") -> None:
        self._database = database
        self._bodies = ledger.bodies
        self._zone = ZoneInfo(time_zone)

    def attendance_of(self, meeting_id: int) -> AttendanceList:
        """Return the list of a meeting in any state; NotFound for an unknown one."""
        with self._database.reading() as reader:
            meeting = meeting_in(reader, meeting_id)
            entries = entries_of(reader, meeting_id, self._bodies)
            exempt = exemptions_on(reader, meeting.day(self._zone), self._bodies)
            standing = standing_of(entries)
            if meeting.state is MeetingState.CLOSED:
                roll = frozen_roll(reader, meeting_id, standing, meeting.mode)
            else:
                roll = live_roll(reader, standing, exempt, meeting.mode)
            outside = outside_roll(reader, roll, standing)
            rules = rule_set_in(reader, meeting.rules_version)
            refused, erased = _counts(reader, meeting_id)
            closing = closings_in(reader, (meeting_id,), self._bodies).get(meeting_id)
        before = None if closing is None else closing.standing(entries)
        since = () if closing is None else closing.changes(entries)
        return AttendanceList(
            meeting=meeting,
            rows=tuple(member_row(line, standing, exempt, before) for line in roll),
            visitors=(
                *(visitor_row(entry, standing) for entry in standing.visitors()),
                *(outsider_row(line, standing) for line in outside),
            ),
            guests=tuple(guest_row(entry) for entry in standing.guests),
            figures=figures_now(meeting, rules, roll, entries, closing),
            closing_figures=None if closing is None else closing.figures,
            refused=refused,
            erased=erased,
            chair=None if closing is None else closing.chair,
            secretary=None if closing is None else closing.secretary,
            late_from=tuple(sorted({entry.elsewhere for entry in since if entry.elsewhere is not None})),
            is_corrected=any(entry.elsewhere is None for entry in since),
        )

    def history_of(self, meeting_id: int, member_id: int) -> tuple[HistoryLine, ...]:
        """Return what was recorded of a member at a meeting, in its order; NotFound for an unknown meeting."""
        with self._database.reading() as reader:
            meeting_in(reader, meeting_id)
            return history_of(reader, meeting_id, member_subject(member_id), self._bodies)

    def counted_at(self, meeting_id: int) -> tuple[HistoryLine, ...]:
        """Return who was counted at an event that keeps no names, the newest first; NotFound for an unknown meeting."""
        with self._database.reading() as reader:
            meeting_in(reader, meeting_id)
            return counted_in(reader, meeting_id, self._bodies)

    def csv_lines(self, meeting_id: int) -> Iterator[str]:
        """Yield the list as CSV, line by line: UTF-8 with a byte order mark, CRLF, Vietnamese headings, local times.

        Every line ends with the version of the rules that it was counted by. An event that keeps no names has one
        line: how many came.
        """
        attendance = self.attendance_of(meeting_id)
        return csv_rows(self._cells(attendance))

    def _cells(self, attendance: AttendanceList) -> Iterator[tuple[str, ...]]:
        figures = attendance.figures
        if attendance.meeting.mode is MeetingMode.COUNTS:
            yield from (words.HEADINGS_OF_A_COUNT, (str(figures.counted), figures.rules_version))
            return
        yield words.HEADINGS
        is_closed = attendance.meeting.state is MeetingState.CLOSED
        state_words = words.STATE_WORDS if is_closed else words.STATE_WORDS_BEFORE_CLOSING
        missing = {id(row) for row in attendance.not_checked_out} if is_closed else set()
        everybody = (*attendance.rows, *attendance.visitors, *attendance.guests)
        for number, row in enumerate(everybody, start=1):
            yield (
                str(number),
                row.name,
                "" if row.member_class is None else words.CLASS_WORDS[row.member_class],
                "" if row.status is None else words.STATUS_WORDS[row.status],
                state_words[row.state],
                self._local(row.at),
                "" if row.how is None else words.HOW_WORDS[row.how],
                row.reason or "",
                "" if row.sequence is None else str(row.sequence),
                "" if row.lists is None else _days(row.lists),
                words.NOT_CHECKED_OUT if id(row) in missing else self._local(row.left_at),
                "" if row.stayed is None else str(row.stayed // _MINUTE),
                row.origin or "",
                "; ".join(_notes(row)),
                figures.rules_version,
            )

    def _local(self, at: datetime | None) -> str:
        return "" if at is None else at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")


def _notes(row: AttendanceRow) -> Iterator[str]:
    if row.proposal is not None:
        yield words.UNCONFIRMED.format(recorded_by=row.proposal.recorded_by)
        if row.proposal.elsewhere is not None and row.elsewhere is None:
            yield words.ELSEWHERE.format(name=row.proposal.elsewhere)
    if row.at_closing is not None:
        yield words.AT_CLOSING.format(state=words.STATE_WORDS[row.at_closing])
    if row.elsewhere is not None:
        yield words.ELSEWHERE.format(name=row.elsewhere)
    if row.is_outside_roll:
        yield words.OUTSIDE_ROLL
    if row.place is not None:
        yield words.AT_HOME.format(place=row.place)


def _days(lists: ListsAge) -> str:
    if lists.age_days is None:
        return words.AGE_UNKNOWN
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
