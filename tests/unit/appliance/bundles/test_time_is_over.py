"""What another appliance recorded goes with the meeting whose time is over, also what never found its member here."""

from datetime import timedelta

from appliance.clock import ClockState, Reading
from appliance.config.retention import RetentionConfig
from appliance.persons.retention import Retention

SEALED = "SELECT count(*) FROM foreign_entries WHERE sealed IS NOT NULL AND kind LIKE 'check-in%'"
PEOPLE = "SELECT count(*) FROM foreign_people"


def counted(rooms, query):
    with rooms.database.reading() as reader:
        return reader.exec_driver_sql(query).scalar()


def test_foreign_entries_and_people_of_an_old_meeting_go_and_both_chains_hold(doors, meeting, start):
    a, b = doors
    b.rooms.member("Mẫu Người Lạ", "B9")  # whom A does not know
    b.rooms.tap("A2")
    b.rooms.tap("B9")
    a.takes(b.bundle(meeting, a))
    a.rooms.meetings.close(meeting.id, at=start, officer="an")
    figures = a.rooms.attendance.attendance_of(meeting.id).closing_figures
    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (2, 2)

    at = start + timedelta(days=100)
    now = Reading(at=at, trusted=True, state=ClockState.TRUSTED, source="test", floor=at)
    Retention(a.rooms.database, a.rooms.ledger, RetentionConfig(meetings_months=1)).carry_out(now)

    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (0, 0)
    assert a.rooms.attendance.attendance_of(meeting.id).closing_figures == figures
    assert a.rooms.ledger.verify().ok
    a.takes(b.bundle(meeting, a, minutes=3))  # the same once more brings nobody back
    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (0, 0)
