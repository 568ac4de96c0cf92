"""Reasons for absences: before the meeting, after it, and taken back."""

from datetime import timedelta

import pytest

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind
from appliance.roster import MemberStatus
from appliance.rules import AttendanceState

TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def excuse(rooms, member, start, reason="ốm", **details):
    return rooms.checkins.excuse(member.id, reason=reason, recorded_by="an", at=start, **details)


def withdraw(rooms, start, sequence, reason="sẽ đến được"):
    return rooms.checkins.withdraw_excuse(sequence, reason=reason, recorded_by="an", at=start)


def row(rooms, meeting):
    (only,) = rooms.attendance.attendance_of(meeting.id).rows
    return only


def test_a_reason_given_before_the_meeting_stands_when_it_opens_and_in_the_minutes(rooms, start):
    hoa = rooms.member()
    planned = rooms.plan()
    excuse(rooms, hoa, start - timedelta(days=3), meeting_id=planned.id)
    assert (row(rooms, planned).state, row(rooms, planned).reason) == (AttendanceState.EXCUSED, "ốm")
    rooms.meetings.open(planned.id, at=start, officer="an")
    rooms.meetings.close(planned.id, at=start, officer="an")
    attendance = rooms.attendance.attendance_of(planned.id)
    assert [(absent.name, absent.reason) for absent in attendance.absent_with_reason] == [("Đỗ Thị Hoa", "ốm")]
    assert (attendance.absent_without_reason, attendance.was_changed) == ((), False)
    assert attendance.closing_figures.absent_with_reason == 1


def test_a_reason_given_after_the_meeting_leaves_the_minutes_and_is_seen_in_the_list(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    rooms.meetings.close(meeting.id, at=start, officer="an")
    excuse(rooms, hoa, start + timedelta(days=1), meeting_id=meeting.id)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (row(rooms, meeting).state, row(rooms, meeting).at_closing) == (
        AttendanceState.EXCUSED,
        AttendanceState.ABSENT,
    )
    assert (attendance.closing_figures.absent_without_reason, attendance.figures.absent_without_reason) == (1, 0)
    assert attendance.was_changed
    assert "Khi kết thúc: Vắng không lý do" in list(rooms.attendance.csv_lines(meeting.id))[-1]


def test_a_reason_that_is_taken_back_counts_no_more_and_the_one_before_it_does(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    first = excuse(rooms, hoa, start, "ốm")
    second = excuse(rooms, hoa, start, "việc nhà")
    withdrawn = withdraw(rooms, start, second)
    assert (row(rooms, meeting).state, row(rooms, meeting).reason) == (AttendanceState.EXCUSED, "ốm")
    entry = rooms.ledger.entry(withdrawn)
    assert (entry.kind, entry.refers_to, entry.body["reason"]) == (EntryKind.EXCUSE_WITHDRAWN, second, "sẽ đến được")
    withdraw(rooms, start, first)
    assert (row(rooms, meeting).state, row(rooms, meeting).reason) == (AttendanceState.ABSENT, None)


def test_a_reason_is_taken_back_once_with_a_reason_and_nothing_else_is(rooms, start):
    hoa = rooms.member()
    rooms.open_meeting()
    sequence = excuse(rooms, hoa, start)
    tapped = rooms.tap().sequence
    with pytest.raises(RuleViolation, match="the reason is missing"):
        withdraw(rooms, start, sequence, " ")
    withdraw(rooms, start, sequence)
    with pytest.raises(RuleViolation, match="before"):
        withdraw(rooms, start, sequence)
    with pytest.raises(RuleViolation, match="before"):
        rooms.checkins.correct(sequence, reason="nhầm", at=start, **TWO)
    with pytest.raises(RuleViolation, match="not withdrawn"):
        withdraw(rooms, start, tapped)
    with pytest.raises(NotFound):
        withdraw(rooms, start, 99)


def test_somebody_away_who_gives_a_reason_is_excused_and_once_counted(rooms, start):
    hoa = rooms.member(status=MemberStatus.AWAY)
    meeting = rooms.open_meeting()
    excuse(rooms, hoa, start)
    figures = rooms.attendance.attendance_of(meeting.id).figures
    assert (row(rooms, meeting).state, figures.absent_with_reason, figures.away) == (AttendanceState.EXCUSED, 1, 1)


def test_the_minutes_name_chair_and_secretary_where_they_were_told(rooms, start):
    meeting = rooms.open_meeting()
    rooms.meetings.close(meeting.id, at=start, officer="an", chair=" Mẫu Thị  Bí Thư ", secretary="Mẫu Văn Ghi")
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.chair, attendance.secretary) == ("Mẫu Thị Bí Thư", "Mẫu Văn Ghi")
    other = rooms.open_meeting()
    rooms.meetings.close(other.id, at=start, officer="an", chair=" ")
    attendance = rooms.attendance.attendance_of(other.id)
    assert (attendance.chair, attendance.secretary) == (None, None)
    assert "Bí Thư" not in repr(attendance)
