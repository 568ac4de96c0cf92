"""Guests, and members of another chi bộ without a card: on the list, and apart from every ratio."""

import csv
from datetime import timedelta

import pytest

from appliance.errors import NotFound, RuleViolation
from appliance.rules import AttendanceState

GUEST = {"organisation": "Đoàn Thanh niên phường", "invited_by": "Chi ủy", "recorded_by": "an"}
VISITOR = {"origin": "Chi bộ 5, phường Mẫu", "reason": "quên thẻ", "recorded_by": "an"}
TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def test_guests_and_visitors_are_listed_and_counted_apart(rooms, start):
    rooms.member()
    meeting = rooms.open_meeting()
    rooms.tap("ELSEWHERE")
    guest = rooms.guests.record_guest("Mẫu Văn Khách", at=start, **GUEST)
    rooms.guests.record_visitor("Mẫu Thị Bạn", at=start, **VISITOR)
    attendance = rooms.attendance.attendance_of(meeting.id)
    (row,) = attendance.guests
    assert (row.name, row.state, row.origin, row.invited_by, row.sequence) == (
        "Mẫu Văn Khách",
        AttendanceState.GUEST,
        "Đoàn Thanh niên phường",
        "Chi ủy",
        guest,
    )
    assert [(row.name, row.how, row.origin) for row in attendance.visitors] == [
        ("PHAM VAN KHACH", "card", None),
        ("Mẫu Thị Bạn", "by-hand", "Chi bộ 5, phường Mẫu"),
    ]
    figures = attendance.figures
    assert (figures.visitors, figures.guests, figures.total, figures.numerator, figures.denominator) == (2, 1, 1, 0, 1)
    assert rooms.meetings.close(meeting.id, at=start, officer="an")
    assert rooms.attendance.attendance_of(meeting.id).closing_figures == figures
    *_, last = csv.reader(list(rooms.attendance.csv_lines(meeting.id)))
    assert last[:7] == ["4", "Mẫu Văn Khách", "", "", "Khách mời", "2026-11-03 19:00:00", "Ghi tay"]


def test_a_guest_who_was_a_mistake_is_corrected(rooms, start):
    meeting = rooms.open_meeting()
    guest = rooms.guests.record_guest("Mẫu Văn Khách", at=start, **GUEST)
    rooms.checkins.correct(guest, reason="ghi nhầm", at=start, **TWO)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.guests, attendance.figures.guests) == ((), 0)


def test_one_guest_is_erased_and_the_others_stay(rooms, start):
    meeting = rooms.open_meeting()
    first = rooms.guests.record_guest("Mẫu Văn Khách", at=start, **GUEST)
    rooms.guests.record_guest("Mẫu Văn Khách", at=start, **GUEST)
    visitor = rooms.guests.record_visitor("Mẫu Thị Bạn", at=start, **VISITOR)
    for sequence in (first, visitor):
        assert rooms.erasure.erase_guest(sequence, at=start, officer="an") == (sequence,)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (len(attendance.guests), attendance.visitors, attendance.erased) == (1, (), 2)
    assert rooms.ledger.verify().ok
    for other in (1, 99, first):
        with pytest.raises(NotFound):
            rooms.erasure.erase_guest(other, at=start, officer="an")


def test_a_visitor_by_hand_may_be_late_like_one_with_a_card(rooms, start):
    rooms.open_meeting()
    late = rooms.guests.record_visitor("Mẫu Thị Bạn", at=start + timedelta(minutes=16), **VISITOR)
    assert rooms.ledger.entry(late).body["late"] is True


def test_a_guest_forgotten_in_the_minutes_is_added_later_and_seen_to_be(rooms, start):
    meeting = rooms.open_meeting()
    rooms.meetings.close(meeting.id, at=start, officer="an")
    rooms.guests.record_guest("Mẫu Văn Khách", at=start, meeting_id=meeting.id, **GUEST)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.figures.guests, attendance.closing_figures.guests, attendance.was_changed) == (1, 0, True)


@pytest.mark.parametrize("missing", GUEST)
def test_a_guest_needs_every_word(rooms, start, missing):
    rooms.open_meeting()
    with pytest.raises(RuleViolation, match="missing"):
        rooms.guests.record_guest("Mẫu Văn Khách", at=start, **GUEST | {missing: " "})


@pytest.mark.parametrize("missing", VISITOR)
def test_a_visitor_by_hand_needs_every_word(rooms, start, missing):
    rooms.open_meeting()
    with pytest.raises(RuleViolation, match="missing"):
        rooms.guests.record_visitor("Mẫu Thị Bạn", at=start, **VISITOR | {missing: " "})


def test_nobody_is_a_guest_of_a_meeting_that_was_not_opened(rooms, start):
    with pytest.raises(RuleViolation, match="no meeting is open"):
        rooms.guests.record_guest("Mẫu Văn Khách", at=start, **GUEST)
    planned = rooms.plan()
    with pytest.raises(RuleViolation, match="not opened"):
        rooms.guests.record_visitor("Mẫu Thị Bạn", at=start, meeting_id=planned.id, **VISITOR)
    with pytest.raises(NotFound):
        rooms.guests.record_guest("Mẫu Văn Khách", at=start, meeting_id=99, **GUEST)


def test_no_repr_holds_a_guest(rooms, start):
    meeting = rooms.open_meeting()
    rooms.guests.record_guest("Mẫu Văn Khách", at=start, **GUEST)
    text = repr(rooms.attendance.attendance_of(meeting.id).guests)
    assert not any(word in text for word in ("Khách", "Đoàn", "Chi ủy"))
