"""Whom the other door saw, and who joined the roster here after the closing: on the list, apart from the ratio."""

from datetime import timedelta

import pytest

from appliance.minutes.years import Period
from appliance.rules import AttendanceState

LATECOMER = "Mẫu Thị Hạnh"


@pytest.fixture
def late(doors, meeting):
    """The meeting, closed at A before a bundle said who came to B; then they join A's roster."""
    a, b = doors
    a.rooms.tap("A1")
    b.rooms.member(LATECOMER, "A9")
    b.rooms.tap("A9", minutes=3)
    a.rooms.meetings.close(meeting.id, at=a.start + timedelta(hours=2), officer="an")
    member = a.rooms.member(LATECOMER, "A9")
    a.takes(b.bundle(meeting, a), minutes=130)
    return member


def test_somebody_who_joined_after_the_closing_is_a_visitor_and_not_lost(doors, meeting, late):
    attendance = doors[0].rooms.attendance.attendance_of(meeting.id)
    assert late.id not in {row.member_id for row in attendance.rows}
    (row,) = attendance.visitors
    assert (row.name, row.state, row.elsewhere, row.is_outside_roll) == (LATECOMER, AttendanceState.VISITING, "B", True)
    assert (row.member_id, row.at) == (late.id, doors[0].start + timedelta(minutes=3))


def test_they_change_the_visitors_and_no_part_of_the_ratio_and_the_minutes_stay(doors, meeting, late):
    rooms = doors[0].rooms
    attendance = rooms.attendance.attendance_of(meeting.id)
    figures, before = attendance.figures, attendance.closing_figures
    assert (figures.visitors, before.visitors, attendance.was_changed) == (1, 0, True)
    assert (figures.numerator, figures.denominator, figures.present, figures.total) == (
        before.numerator,
        before.denominator,
        before.present,
        before.total,
    )
    (in_overview,) = rooms.years.overview(Period(2026)).meetings
    assert in_overview.figures == figures
    assert rooms.years.of_member(late.id, year=2026).meetings == 0


def test_the_spreadsheet_says_where_they_were_seen_and_why_they_are_apart(doors, meeting, late):
    (line,) = (line for line in doors[0].rooms.attendance.csv_lines(meeting.id) if LATECOMER in line)
    assert "Điểm danh tại máy B" in line
    assert "Không có trong danh sách khi kết thúc" in line


def test_one_on_the_roll_is_no_visitor_and_a_correction_takes_an_outsider_away(doors, meeting, late):
    rooms = doors[0].rooms
    (row,) = rooms.attendance.attendance_of(meeting.id).visitors
    at = doors[0].start + timedelta(hours=3)
    rooms.checkins.correct(row.sequence, reason="nhầm người", recorded_by="an", confirmed_by="bình", at=at)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.visitors, attendance.figures) == ((), attendance.closing_figures)
