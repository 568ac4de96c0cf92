from datetime import datetime, timedelta

import pytest

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind
from appliance.meetings import MeetingKind, MeetingState
from appliance.roster import MemberStatus


def test_a_meeting_is_planned_opened_and_closed_once(rooms, start):
    meeting = rooms.plan()
    assert meeting.state is MeetingState.PLANNED
    assert rooms.meetings.current() is None
    opened = rooms.meetings.open(meeting.id, at=start, officer="an")
    assert (opened.state, opened.opened_at) == (MeetingState.OPEN, start)
    assert rooms.meetings.current() == opened
    closed = rooms.meetings.close(meeting.id, at=start + timedelta(hours=2), officer="an")
    assert (closed.state, closed.closed_at) == (MeetingState.CLOSED, start + timedelta(hours=2))
    assert rooms.meetings.current() is None
    for again in (rooms.meetings.open, rooms.meetings.close):
        with pytest.raises(RuleViolation, match="this one is closed"):
            again(meeting.id, at=start, officer="an")


def test_at_most_one_meeting_is_open(rooms, start):
    rooms.open_meeting()
    second = rooms.plan("Chuyên đề")
    with pytest.raises(RuleViolation, match="another meeting is open"):
        rooms.meetings.open(second.id, at=start, officer="an")
    assert rooms.meetings.get(second.id) == second


def test_opening_and_closing_are_on_record_with_officer_and_figures(rooms, start):
    rooms.member()
    meeting = rooms.open_meeting()
    rooms.meetings.close(meeting.id, at=start, officer="bình")
    opened, closed = rooms.ledger.entries()
    assert (opened.kind, opened.body["officer"], opened.body["title"]) == (
        EntryKind.MEETING_OPENED,
        "an",
        "Sinh hoạt tháng 11",
    )
    assert (closed.kind, closed.body["officer"]) == (EntryKind.MEETING_CLOSED, "bình")
    assert closed.body["figures"]["absent_without_reason"] == 1


def test_a_closed_meeting_keeps_its_roll_when_the_roster_changes(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    rooms.meetings.close(meeting.id, at=start, officer="an")
    before = rooms.attendance.attendance_of(meeting.id)
    rooms.member("Lê Thị Lan", identifier="A2")
    rooms.roster.change(hoa.id, status=MemberStatus.EXEMPT)
    assert rooms.attendance.attendance_of(meeting.id) == before


def test_an_open_meetings_roll_is_the_roster_of_the_moment(rooms):
    meeting = rooms.open_meeting()
    rooms.member()
    assert len(rooms.attendance.attendance_of(meeting.id).rows) == 1


def test_a_meeting_carries_the_version_of_its_rules(rooms):
    meeting = rooms.plan()
    assert meeting.rules_version == "built-in-2"
    assert meeting.late_after == timedelta(minutes=15)
    assert rooms.attendance.attendance_of(meeting.id).figures.rules_version == meeting.rules_version


def test_meetings_are_listed_latest_first(rooms, start):
    first = rooms.plan()
    later = rooms.meetings.create(
        kind=MeetingKind.EVENT, title="Lễ", place="Sân", starts_at=start + timedelta(days=1), late_after=timedelta(0)
    )
    assert rooms.meetings.all() == (later, first)


@pytest.mark.parametrize(
    "details",
    [
        {"title": " "},
        {"place": ""},
        {"late_after": timedelta(seconds=-1)},
        {"late_after": timedelta(days=2)},
        {"starts_at": datetime(2026, 11, 3, 12, 0)},
    ],
)
def test_a_meeting_that_cannot_be_is_refused(rooms, start, details):
    usual = {"kind": MeetingKind.REGULAR, "title": "T", "place": "P", "starts_at": start}
    with pytest.raises(RuleViolation):
        rooms.meetings.create(**{**usual, **details})


def test_an_unknown_meeting_is_not_found(rooms, start):
    for ask in (rooms.meetings.get, rooms.attendance.attendance_of):
        with pytest.raises(NotFound):
            ask(7)
    with pytest.raises(NotFound):
        rooms.meetings.open(7, at=start, officer="an")
