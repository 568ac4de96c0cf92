"""Check-out, where a meeting wants it: the second tap is the leaving, and who did not leave by the record is shown."""

import csv
from datetime import timedelta

import pytest

from appliance.checkin.service import Decision
from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind, NewEntry
from appliance.meetings import MeetingKind
from appliance.storage.base import utc_text

TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def open_with_check_out(rooms, start):
    meeting = rooms.meetings.create(kind=MeetingKind.REGULAR, title="T", place="P", starts_at=start, check_out=True)
    return rooms.meetings.open(meeting.id, at=start, officer="an")


def row(rooms, meeting):
    (only,) = rooms.attendance.attendance_of(meeting.id).rows
    return only


def test_a_second_tap_after_some_minutes_is_the_leaving(rooms, start):
    hoa = rooms.member()
    meeting = open_with_check_out(rooms, start)
    assert rooms.tap().decision is Decision.PRESENT
    assert rooms.tap(minutes=9).decision is Decision.ALREADY_PRESENT
    left = rooms.tap(minutes=10)
    assert (left.decision, left.reason, left.member, left.name) == (
        Decision.CHECKED_OUT,
        "checked-out",
        hoa,
        "Đỗ Thị Hoa",
    )
    assert rooms.ledger.entry(left.sequence).kind is EntryKind.CHECK_OUT
    shown = row(rooms, meeting)
    assert (shown.at, shown.left_at, shown.stayed) == (start, start + timedelta(minutes=10), timedelta(minutes=10))


def test_the_last_tap_is_when_they_left(rooms, start):
    rooms.member()
    meeting = open_with_check_out(rooms, start)
    rooms.tap()
    first = rooms.tap(minutes=60)
    assert rooms.tap(minutes=65).sequence == first.sequence  # the same leaving, said again
    rooms.tap(minutes=120)
    assert row(rooms, meeting).stayed == timedelta(minutes=120)
    assert rooms.ledger.verify().entries == 4


def test_people_leave_after_the_window_too(rooms, start):
    rooms.member()
    open_with_check_out(rooms, start)
    rooms.tap()
    assert rooms.tap(minutes=7 * 60).decision is Decision.CHECKED_OUT


def test_visitors_leave_like_members(rooms, start):
    meeting = open_with_check_out(rooms, start)
    rooms.tap("ELSEWHERE")
    assert rooms.tap("ELSEWHERE", minutes=90).decision is Decision.CHECKED_OUT
    (visitor,) = rooms.attendance.attendance_of(meeting.id).visitors
    assert visitor.stayed == timedelta(minutes=90)


def test_a_meeting_that_does_not_want_to_know_says_already_present(rooms):
    rooms.member()
    meeting = rooms.open_meeting()
    rooms.tap()
    assert rooms.tap(minutes=90).decision is Decision.ALREADY_PRESENT
    assert (row(rooms, meeting).left_at, row(rooms, meeting).stayed) == (None, None)
    assert rooms.attendance.attendance_of(meeting.id).not_checked_out == ()


def test_who_did_not_check_out_is_shown_so(rooms, start):
    rooms.member()
    lan = rooms.member("Lê Thị Lan", identifier="A2")
    rooms.member("Ngô Hà", identifier="A3")
    meeting = open_with_check_out(rooms, start)
    rooms.tap("A1")
    rooms.tap("A2")
    rooms.tap("A1", minutes=90)
    rooms.meetings.close(meeting.id, at=start + timedelta(hours=2), officer="an")
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert [missing.member_id for missing in attendance.not_checked_out] == [lan.id]
    lines = list(rooms.attendance.csv_lines(meeting.id))
    assert [cells[10:12] for cells in csv.reader(lines)] == [
        ["Giờ về", "Thời gian dự (phút)"],
        ["2026-11-03 20:30:00", "90"],
        ["không ghi giờ về", ""],
        ["", ""],
    ]


def test_an_officer_records_when_somebody_left(rooms, start):
    hoa = rooms.member()
    meeting = open_with_check_out(rooms, start)
    rooms.tap()
    said = {"reason": "quên chạm thẻ", "recorded_by": "an", "meeting_id": meeting.id}
    left_at, at = start + timedelta(minutes=80), start + timedelta(hours=2)
    rooms.meetings.close(meeting.id, at=at, officer="an")
    rooms.checkins.check_out_by_hand(hoa.id, left_at=left_at, at=at, **said)
    assert row(rooms, meeting).left_at == left_at
    for wrong in (start - timedelta(minutes=1), at + timedelta(minutes=1)):
        with pytest.raises(RuleViolation, match="after they came"):
            rooms.checkins.check_out_by_hand(hoa.id, left_at=wrong, at=at, **said)
    with pytest.raises(RuleViolation, match="the reason is missing"):
        rooms.checkins.check_out_by_hand(hoa.id, left_at=left_at, at=at, **said | {"reason": ""})
    with pytest.raises(NotFound):
        rooms.checkins.check_out_by_hand(99, left_at=left_at, at=at, **said)


def test_only_who_is_present_at_a_meeting_with_check_out_leaves_it(rooms, start):
    hoa = rooms.member()
    said = {"reason": "quên", "recorded_by": "an", "left_at": start, "at": start}
    first = open_with_check_out(rooms, start)
    with pytest.raises(RuleViolation, match="who is present"):
        rooms.checkins.check_out_by_hand(hoa.id, **said)
    rooms.meetings.close(first.id, at=start, officer="an")
    rooms.open_meeting()
    rooms.tap()
    with pytest.raises(RuleViolation, match="with check-out"):
        rooms.checkins.check_out_by_hand(hoa.id, **said)


def test_a_leaving_that_was_a_mistake_is_corrected(rooms, start):
    rooms.member()
    meeting = open_with_check_out(rooms, start)
    rooms.tap()
    wrong = rooms.tap(minutes=30).sequence
    rooms.checkins.correct(wrong, reason="nhầm thẻ", at=start, **TWO)
    assert row(rooms, meeting).left_at is None


def test_a_leaving_goes_with_the_presence_that_it_ended(rooms, start):
    rooms.member()
    meeting = open_with_check_out(rooms, start)
    presence = rooms.tap().sequence
    rooms.tap(minutes=30)
    rooms.checkins.correct(presence, reason="nhầm thẻ", at=start, **TWO)
    assert (row(rooms, meeting).at, row(rooms, meeting).left_at) == (None, None)
    assert rooms.tap(minutes=40).decision is Decision.PRESENT_LATE
    assert row(rooms, meeting).left_at is None


def test_a_clock_that_was_set_back_gives_no_duration(rooms, start):
    hoa = rooms.member()
    meeting = open_with_check_out(rooms, start)
    rooms.tap(minutes=60)
    leaving = NewEntry(EntryKind.CHECK_OUT, meeting.id, subject=f"member:{hoa.id}")
    rooms.ledger.append(leaving, at=start)
    assert (row(rooms, meeting).left_at, row(rooms, meeting).stayed) == (start, None)


def test_a_leaving_counts_although_another_appliance_tells_later_that_they_came_earlier(rooms, start):
    hoa = rooms.member()
    meeting = open_with_check_out(rooms, start)
    rooms.tap(minutes=20)
    rooms.tap(minutes=90)
    said = {"late": False, "arrived_at": utc_text(start)}
    elsewhere = NewEntry(EntryKind.CHECK_IN, meeting.id, subject=f"member:{hoa.id}", body=said)
    rooms.ledger.append(elsewhere, at=start + timedelta(hours=3))
    assert (row(rooms, meeting).at, row(rooms, meeting).stayed) == (start, timedelta(minutes=90))


def test_when_somebody_left_is_taken_of_whoever_was_recorded_after_the_closing(rooms, start):
    hoa, later = rooms.member(), start + timedelta(days=1)
    meeting = open_with_check_out(rooms, start)
    rooms.meetings.close(meeting.id, at=start + timedelta(hours=2), officer="an")
    rooms.checkins.record_by_hand(hoa.id, reason="quên thẻ", at=later, meeting_id=meeting.id, **TWO)
    left = start + timedelta(minutes=100)
    said = {"reason": "về sớm", "recorded_by": "an", "meeting_id": meeting.id}
    rooms.checkins.check_out_by_hand(hoa.id, left_at=left, at=later, **said)
    assert (row(rooms, meeting).left_at, row(rooms, meeting).stayed) == (left, None)
    with pytest.raises(RuleViolation, match="not in the future"):
        rooms.checkins.check_out_by_hand(hoa.id, left_at=later + timedelta(seconds=1), at=later, **said)
