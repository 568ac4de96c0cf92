"""Meetings of every earlier release are brought up to this one: nothing lost, and their rules mean what they meant."""

from datetime import timedelta
from importlib.resources import files

import pytest
from alembic.command import upgrade
from alembic.config import Config as AlembicConfig
from sqlalchemy import text

import appliance.storage.migrations
from appliance.checkin.service import Decision
from appliance.meetings import MeetingKind, MeetingMode, MeetingPlan, MeetingState
from appliance.roster import MemberStatus
from appliance.rules import AttendanceState
from appliance.storage.database import Database

ROWS = (
    "INSERT INTO members (id, name, folded_name, member_class, status, note)"
    " VALUES (1, 'Mẫu Thị Sen', 'mau thi sen', 'official', 'exempt', 'NQ 7')",
    "INSERT INTO meetings VALUES (1, 'regular', 'T', 'P', :at, 900, 'closed', :at, :at, 'built-in-1')",
    "INSERT INTO meetings VALUES (2, 'event', 'T', 'P', :at, 60, 'open', :at, NULL, 'built-in-1')",
    "INSERT INTO meetings VALUES (3, 'congress', 'T', 'P', :at, 0, 'planned', NULL, NULL, 'built-in-1')",
    "INSERT INTO meetings VALUES (9, 'regular', 'T', 'P', :at, 0, 'planned', NULL, NULL, 'built-in-1')",
    "DELETE FROM meetings WHERE id = 9",
    "INSERT INTO meeting_rolls VALUES (1, 1, 'official', 'active')",
)
AT = "2026-11-03T12:00:00.000000Z"


@pytest.fixture(params=["0001", "0002", "0003", "0004"])
def old(request, rooms, tmp_path):
    """The rooms of an appliance whose store was one of this revision."""
    state = tmp_path / "old"
    database = Database(state / "thechip.sqlite3")
    config = AlembicConfig()
    config.set_main_option("script_location", str(files(appliance.storage.migrations)))
    with database.writing() as writer:
        config.attributes["connection"] = writer
        upgrade(config, request.param)
        for row in ROWS:
            writer.execute(text(row), {"at": AT} if ":at" in row else {})
    database.upgrade(rooms.keys)
    database.close()
    (rooms.state / "keys").rename(state / "keys")  # the rows of the roster are sealed under them
    old = type(rooms)(state)
    yield old
    old.database.close()


def test_meetings_are_all_there_and_take_cards_as_they_did(old, start):
    closed, opened, planned = sorted(old.meetings.all(), key=lambda meeting: meeting.id)
    assert [meeting.state for meeting in (closed, opened, planned)] == list(MeetingState)[::-1]
    for meeting, late in ((closed, 15), (opened, 1), (planned, 0)):
        assert (meeting.window, meeting.check_out, meeting.mode, meeting.admission) == (
            None,
            False,
            MeetingMode.ROSTER,
            None,
        )
        assert (meeting.late_after, meeting.rules_version) == (timedelta(minutes=late), "built-in-1")
    old.roster.add("Mẫu Văn Tre", "official", "A1")
    assert old.tap(minutes=60 * 24).decision is Decision.PRESENT_LATE  # they had no window


def test_each_meeting_has_a_uid_of_its_own_by_which_it_travels(old):
    uids = {meeting.uid for meeting in old.meetings.all()}
    assert len(uids) == 3
    for meeting in old.meetings.all():
        assert MeetingPlan.decode(meeting.plan.encode()) == meeting.plan


def test_the_roll_of_a_closed_meeting_and_the_status_on_the_roster_stay(old):
    (row,) = old.attendance.attendance_of(1).rows
    assert (row.name, row.status, row.state) == ("Mẫu Thị Sen", MemberStatus.ACTIVE, AttendanceState.ABSENT)
    (row,) = old.attendance.attendance_of(2).rows
    assert (row.status, row.state) == (MemberStatus.EXEMPT, AttendanceState.EXEMPT)


def test_what_is_planned_now_is_planned_by_the_rules_of_now_under_a_number_of_its_own(old, start):
    meeting = old.meetings.create(kind=MeetingKind.REGULAR, title="T", place="P", starts_at=start)
    assert (meeting.id, meeting.rules_version) == (10, "built-in-2")
    assert meeting.window is not None
