"""Home visits: until one ends, check-ins carry where the appliance is and who answers for it."""

from datetime import timedelta

import pytest

from appliance.checkin.service import Decision
from appliance.errors import KeyDamaged, RuleViolation
from appliance.meetings import MeetingKind
from appliance.roster import MemberStatus
from appliance.rules import AttendanceState
from appliance.storage.meetings import home_visits

HOME = {"place": "Số 4 ngõ 2", "officer": "Mẫu Cán Bộ An (an)"}


def test_check_ins_carry_place_and_officer_until_the_visit_ends(rooms, start):
    rooms.member()
    rooms.member("Lê Thị Lan", identifier="A2")
    meeting = rooms.open_meeting()
    visit = rooms.home_visits.begin(**HOME, at=start)
    assert rooms.home_visits.current() == visit
    assert (visit.meeting_id, visit.place, visit.begun_at) == (meeting.id, HOME["place"], start)
    body = rooms.ledger.entry(rooms.tap("A1").sequence).body
    assert {name: body[name] for name in HOME} == HOME
    assert rooms.home_visits.end(meeting.id)
    assert rooms.home_visits.current() is None
    assert "place" not in rooms.ledger.entry(rooms.tap("A2").sequence).body
    assert [row.place for row in rooms.attendance.attendance_of(meeting.id).rows] == ["Số 4 ngõ 2", None]
    assert "Tại nhà: Số 4 ngõ 2" in list(rooms.attendance.csv_lines(meeting.id))[1]


def test_at_home_nobody_is_late_or_outside_the_window(rooms, start):
    rooms.member(status=MemberStatus.EXEMPT)
    meeting = rooms.open_meeting()
    assert rooms.tap(minutes=24 * 60).decision is Decision.SEE_OFFICER
    rooms.home_visits.begin(**HOME, at=start)
    assert rooms.tap(minutes=24 * 60).decision is Decision.PRESENT
    (row,) = rooms.attendance.attendance_of(meeting.id).rows
    assert (row.state, row.at) == (AttendanceState.PRESENT, start + timedelta(days=1))


def test_a_visitor_at_home_is_recorded_there_too(rooms, start):
    meeting = rooms.open_meeting()
    rooms.home_visits.begin(**HOME, at=start)
    rooms.tap("ELSEWHERE")
    (visitor,) = rooms.attendance.attendance_of(meeting.id).visitors
    assert visitor.place == HOME["place"]


def test_a_visit_goes_on_after_the_power_was_cut(rooms, start):
    rooms.open_meeting()
    visit = rooms.home_visits.begin(**HOME, at=start)
    again = type(rooms)(rooms.state)
    assert again.home_visits.current() == visit
    again.database.close()


def test_a_visit_ends_with_its_meeting_and_leaves_nothing_of_the_place(rooms, start):
    meeting = rooms.open_meeting()
    rooms.home_visits.begin(**HOME, at=start)
    rooms.meetings.close(meeting.id, at=start, officer="an")
    assert rooms.home_visits.current() is None
    rooms.open_meeting()
    assert rooms.home_visits.current() is None
    with rooms.database.reading() as reader:
        assert reader.execute(home_visits.select()).all() == []


def test_a_visit_needs_an_open_meeting_a_place_an_officer_and_no_other_visit(rooms, start):
    with pytest.raises(RuleViolation, match="no meeting is open"):
        rooms.home_visits.begin(**HOME, at=start)
    assert rooms.home_visits.current() is None
    rooms.open_meeting()
    for missing in HOME:
        with pytest.raises(RuleViolation, match="missing"):
            rooms.home_visits.begin(**HOME | {missing: " "}, at=start)
    rooms.home_visits.begin(**HOME, at=start)
    with pytest.raises(RuleViolation, match="not ended"):
        rooms.home_visits.begin(**HOME, at=start)


def test_to_end_a_visit_that_there_is_not_changes_nothing(rooms):
    assert not rooms.home_visits.end(1)
    assert rooms.home_visits.current() is None


def test_a_visit_is_ended_by_its_own_meeting_only(rooms, start):
    earlier = rooms.open_meeting()
    rooms.meetings.close(earlier.id, at=start, officer="Bí thư")
    meeting = rooms.open_meeting()
    visit = rooms.home_visits.begin(**HOME, at=start)
    assert not rooms.home_visits.end(earlier.id)
    assert rooms.home_visits.current() == visit
    assert rooms.home_visits.end(meeting.id)


def test_where_somebody_lives_is_in_no_file_in_plain(rooms, start):
    rooms.open_meeting()
    visit = rooms.home_visits.begin(**HOME, at=start)
    content = b"".join(path.read_bytes() for path in rooms.state.iterdir() if path.is_file())
    assert "Số 4".encode() not in content
    assert "Số 4" not in repr(visit)


def test_a_visit_that_was_put_into_another_meetings_row_does_not_open(rooms, start):
    first = rooms.open_meeting()
    rooms.home_visits.begin(**HOME, at=start)
    with rooms.database.writing() as writer:
        sealed = writer.scalar(home_visits.select().with_only_columns(home_visits.c.sealed))
    rooms.meetings.close(first.id, at=start, officer="an")
    other = rooms.meetings.create(kind=MeetingKind.REGULAR, title="T", place="P", starts_at=start)
    rooms.meetings.open(other.id, at=start, officer="an")
    with rooms.database.writing() as writer:
        writer.execute(home_visits.insert().values(meeting_id=other.id, sealed=sealed, begun_at=start))
    with pytest.raises(KeyDamaged, match="home visit"):
        rooms.home_visits.current()
