"""A store of an older release, with people and meetings in it, is brought up to this one."""

from importlib.resources import files

import pytest
from alembic.command import upgrade
from alembic.config import Config as AlembicConfig
from sqlalchemy import text

import appliance.storage.migrations
from appliance.errors import StorageRefused
from appliance.meetings.attendance import AttendanceState
from appliance.roster import MemberClass, MemberStatus
from appliance.storage.database import Database

OLD_ROWS = (
    "INSERT INTO members VALUES (1, 'Mẫu Thị Sen', 'mau thi sen', 'official', 'active', '', :number, NULL)",
    "INSERT INTO members VALUES (3, 'Mẫu Văn Tre', 'mau van tre', 'probationary', 'away', 'x', NULL, NULL)",
    "INSERT INTO members VALUES (9, 'Mẫu Văn Ổi', 'mau van oi', 'official', 'active', '', NULL, NULL)",
    "DELETE FROM members WHERE id = 9",
    "INSERT INTO meetings VALUES (1, 'regular', 'T', 'P', '2026-11-03T12:00:00.000000Z', 900, 'closed',"
    " '2026-11-03T12:00:00.000000Z', '2026-11-03T13:00:00.000000Z', 'built-in-1')",
    "INSERT INTO meeting_rolls VALUES (1, 1, 'official', 'active')",
)


@pytest.fixture
def old(rooms, tmp_path):
    """The rooms of an appliance whose store is one of revision 0002."""
    database = Database(tmp_path / "old.sqlite3")
    config = AlembicConfig()
    config.set_main_option("script_location", str(files(appliance.storage.migrations)))
    with database.writing() as writer:
        config.attributes["connection"] = writer
        upgrade(config, "0002")
        for row in OLD_ROWS:
            writer.execute(text(row), {"number": rooms.roster.identifier_hash("A1")} if ":number" in row else {})
    for service in (rooms.roster, rooms.meetings, rooms.attendance):
        service._database = database
    yield rooms, database
    database.close()


def test_people_and_minutes_of_0002_are_all_there(old):
    rooms, database = old
    database.upgrade()
    sen, tre = rooms.roster.members()
    assert rooms.roster.find_by_identifier("A1") == sen
    assert (tre.id, tre.name, tre.status, tre.note, tre.has_left) == (3, "Mẫu Văn Tre", MemberStatus.AWAY, "x", False)
    (row,) = rooms.attendance.attendance_of(1).rows
    assert (row.name, row.state) == ("Mẫu Thị Sen", AttendanceState.ABSENT)


def test_the_number_of_somebody_erased_before_is_not_given_again(old):
    rooms, database = old
    database.upgrade()
    assert rooms.roster.add("Mẫu Thị Cúc", MemberClass.OFFICIAL).id == 10


def test_one_published_id_and_one_published_number_belong_to_one_member(old):
    _, database = old
    database.upgrade()
    with database.writing() as writer:
        writer.execute(text("INSERT INTO number_keys VALUES (1, x'00')"))
    for change in (
        "UPDATE members SET published_list = 'a', published_id = 'b'",
        "UPDATE members SET number_key_id = 1, published_number = x'00'",
        "UPDATE members SET number_key_id = 2",
    ):
        with pytest.raises(StorageRefused), database.writing() as writer:
            writer.execute(text(change))
