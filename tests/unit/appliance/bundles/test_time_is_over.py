"""What another appliance recorded goes with the meeting whose time is over, also what never found its member here."""

from datetime import timedelta

from sqlalchemy import update

from appliance.clock import ClockState, Reading
from appliance.config.retention import RetentionConfig
from appliance.ledger import EntryKind
from appliance.persons.retention import Kind, Retention
from appliance.storage.devices import Taken, foreign_entries

SEALED = "SELECT count(*) FROM foreign_entries WHERE sealed IS NOT NULL AND kind LIKE 'check-in%'"
PEOPLE = "SELECT count(*) FROM foreign_people"


def counted(rooms, query):
    with rooms.database.reading() as reader:
        return reader.exec_driver_sql(query).scalar()


def over(door, start, **months):
    """Let a hundred days go by, and what is old enough; return what went."""
    at = start + timedelta(days=100)
    now = Reading(at=at, trusted=True, state=ClockState.TRUSTED, source="test", floor=at)
    went = Retention(door.rooms.database, door.rooms.ledger, RetentionConfig(**months)).carry_out(now)
    return [(due.kind, due.count) for due in went]


def test_foreign_entries_and_people_of_an_old_meeting_go_and_both_chains_hold(doors, meeting, start):
    a, b = doors
    b.rooms.member("Mẫu Người Lạ", "B9")  # whom A does not know
    b.rooms.tap("A2")
    b.rooms.tap("B9")
    a.takes(b.bundle(meeting, a))
    a.rooms.meetings.close(meeting.id, at=start, officer="an")
    figures = a.rooms.attendance.attendance_of(meeting.id).closing_figures
    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (2, 2)

    over(a, start, meetings_months=1)

    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (0, 0)
    assert a.rooms.attendance.attendance_of(meeting.id).closing_figures == figures
    assert a.rooms.ledger.verify().ok
    a.takes(b.bundle(meeting, a, minutes=3))  # the same once more brings nobody back
    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (0, 0)


def test_whom_only_another_appliance_knows_goes_though_nothing_else_of_the_meeting_does(doors, meeting, start):
    a, b = doors
    b.rooms.member("Mẫu Người Lạ", "B9")
    b.rooms.tap("B9")
    a.takes(b.bundle(meeting, a))
    a.rooms.meetings.close(meeting.id, at=start, officer="an")
    assert over(a, start, meetings_months=1) == [(Kind.PERSONS, 1), (Kind.ROLL, 4)]
    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (0, 0)
    assert a.entries(EntryKind.ERASURE)[0].body["elsewhere"] == 1
    assert over(a, start, meetings_months=1) == []


def test_whom_a_late_bundle_brings_goes_with_the_next_run(doors, meeting, start):
    a, b = doors
    b.rooms.member("Mẫu Người Lạ", "B9")
    b.rooms.tap("A2")
    a.rooms.meetings.close(meeting.id, at=start, officer="an")
    over(a, start, meetings_months=1)
    b.rooms.tap("B9")
    a.takes(b.bundle(meeting, a))
    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (2, 2)
    assert over(a, start, meetings_months=1) == [(Kind.PERSONS, 2)]
    assert (counted(a.rooms, SEALED), counted(a.rooms, PEOPLE)) == (0, 0)
    assert a.rooms.ledger.verify().ok


def test_a_visit_that_could_not_be_read_goes_with_the_visitors(doors, meeting, start):
    a, b = doors
    b.rooms.tap("Z9")
    a.takes(b.bundle(meeting, a), take_over=False)
    with a.rooms.database.writing() as writer:
        writer.execute(update(foreign_entries).values(taken=Taken.UNREADABLE))
    a.rooms.meetings.close(meeting.id, at=start, officer="an")
    assert over(a, start, visitors_months=1, meetings_months=0) == [(Kind.VISITORS, 1)]
    assert counted(a.rooms, "SELECT count(*) FROM foreign_entries WHERE kind = 'visit' AND sealed IS NOT NULL") == 0
