"""A store of an older release, with people and meetings in it, is brought up to this one."""

from importlib.resources import files

import pytest
from alembic.command import upgrade
from alembic.config import Config as AlembicConfig
from sqlalchemy import select, text

import appliance.storage.migrations
from appliance.accounts import AccountService
from appliance.errors import KeyFileError, StorageRefused, StorageVersion
from appliance.minutes.attendance import AttendanceState
from appliance.roster import MemberClass, MemberStatus
from appliance.storage.database import Database
from appliance.storage.members import members

OLD_ROWS = (
    "INSERT INTO members VALUES (1, 'Mẫu Thị Sen', 'mau thi sen', 'official', 'active', '', :number, NULL)",
    "INSERT INTO members VALUES (3, 'Mẫu Văn Tre', 'mau van tre', 'probationary', 'away', 'x', NULL, NULL)",
    "INSERT INTO members VALUES (9, 'Mẫu Văn Ổi', 'mau van oi', 'official', 'active', '', NULL, NULL)",
    "DELETE FROM members WHERE id = 9",
    "INSERT INTO meetings VALUES (1, 'regular', 'T', 'P', '2026-11-03T12:00:00.000000Z', 900, 'closed',"
    " '2026-11-03T12:00:00.000000Z', '2026-11-03T13:00:00.000000Z', 'built-in-1')",
    "INSERT INTO meeting_rolls VALUES (1, 1, 'official', 'active')",
)


def migrate(database, revision, keys):
    config = AlembicConfig()
    config.set_main_option("script_location", str(files(appliance.storage.migrations)))
    with database.writing() as writer:
        config.attributes |= {"connection": writer, "keys": keys}
        upgrade(config, revision)


@pytest.fixture
def old(rooms, tmp_path):
    """The rooms of an appliance whose store is one of revision 0002."""
    database = Database(tmp_path / "old.sqlite3")
    migrate(database, "0002", rooms.keys)
    with database.writing() as writer:
        for row in OLD_ROWS:
            writer.execute(text(row), {"number": rooms.roster.identifier_hash("A1")} if ":number" in row else {})
    for service in (rooms.roster, rooms.meetings, rooms.attendance):
        service._database = database
    yield rooms, database
    database.close()


def test_people_and_minutes_of_0002_are_all_there(old):
    rooms, database = old
    database.upgrade(rooms.keys)
    sen, tre = rooms.roster.members()
    assert rooms.roster.find_by_identifier("A1") == sen
    assert (tre.id, tre.name, tre.status, tre.note, tre.has_left) == (3, "Mẫu Văn Tre", MemberStatus.AWAY, "x", False)
    (row,) = rooms.attendance.attendance_of(1).rows
    assert (row.name, row.state) == ("Mẫu Thị Sen", AttendanceState.ABSENT)


def test_the_number_of_somebody_erased_before_is_not_given_again(old):
    rooms, database = old
    database.upgrade(rooms.keys)
    assert rooms.roster.add("Mẫu Thị Cúc", MemberClass.OFFICIAL).id == 10


def test_after_0006_neither_the_file_nor_its_log_shows_who_belongs(old):
    rooms, database = old
    with database.writing() as writer:
        writer.execute(
            text(
                "INSERT INTO accounts VALUES (1, 'maucanbo', 'Mẫu Thị Cán Bộ', 'administrator', 'active', 'x', 'k',"
                " '2026-11-03T12:00:00.000000Z', NULL, NULL, NULL, NULL)"
            )
        )
    plain = ("Mẫu Thị Sen", "mau thi sen", "Mẫu Văn Tre", "maucanbo", "Mẫu Thị Cán Bộ")
    assert all(name.encode() in _files_of(database) for name in plain)
    database.upgrade(rooms.keys)
    assert not [name for name in plain if name.encode() in _files_of(database)]
    (account,) = AccountService(database).all()
    assert (account.username, account.display_name) == ("maucanbo", "Mẫu Thị Cán Bộ")
    assert AccountService(database).by_username(" MauCanBo") == account
    assert AccountService(database).by_username("maucanb") is None


def test_the_codes_of_published_members_are_sealed_stay_unique_and_are_read_as_before(rooms, tmp_path):
    database = Database(tmp_path / "old.sqlite3")
    migrate(database, "0005", rooms.keys)
    row = "INSERT INTO members (name, folded_name, member_class, status, note, published_list, published_id)"
    with database.writing() as writer:
        for number in ("DV-000123", "DV-000124"):
            writer.execute(text(f"{row} VALUES ('x', 'x', 'official', 'active', '', '01/mau', '{number}')"))
    assert b"DV-000123" in _files_of(database)
    database.upgrade(rooms.keys)
    assert b"DV-0001" not in _files_of(database)
    with database.reading() as reader:
        assert list(reader.scalars(select(members.c.published_id).order_by(members.c.id))) == ["DV-000123", "DV-000124"]
        assert reader.scalar(select(members.c.id).where(members.c.published_id == "DV-000124")) == 2
    with pytest.raises(StorageRefused), database.writing() as writer:
        writer.execute(members.update().values(published_id="DV-000123"))
    database.close()


def test_names_are_not_sealed_without_keys_and_an_empty_store_needs_none(old, tmp_path):
    _, database = old
    with pytest.raises(StorageVersion, match="needs this appliance's keys"):
        database.upgrade()
    assert "Mẫu Thị Sen".encode() in _files_of(database)
    empty = Database(tmp_path / "empty.sqlite3")
    empty.upgrade()
    with empty.reading() as reader:
        assert reader.execute(select(members)).all() == []
        with pytest.raises(KeyFileError, match="no key to open them"):
            members.c.name.type.process_result_value(b"", reader.dialect)
    empty.close()


def _files_of(database):
    return b"".join(path.read_bytes() for path in database.path.parent.glob(f"{database.path.name}*"))


def test_one_published_id_and_one_published_number_belong_to_one_member(old):
    rooms, database = old
    database.upgrade(rooms.keys)
    with database.writing() as writer:
        writer.execute(text("INSERT INTO number_keys VALUES (1, x'00')"))
    for change in (
        "UPDATE members SET published_list = 'a', published_id = x'62'",
        "UPDATE members SET number_key_id = 1, published_number = x'00'",
        "UPDATE members SET number_key_id = 2",
    ):
        with pytest.raises(StorageRefused), database.writing() as writer:
            writer.execute(text(change))
