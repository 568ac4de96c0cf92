import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from appliance.errors import StorageDamaged, StorageReadOnly, StorageRefused, StorageUnreachable, StorageVersion
from appliance.storage import (  # noqa: F401 - their tables join the metadata
    accounts,
    devices,
    ledger,
    meetings,
    members,
    persons,
    published_rosters,
    rules,
    sent_forms,
)
from appliance.storage.base import metadata
from appliance.storage.database import Database


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "store" / "x.sqlite3", busy_timeout_s=0.3)
    database.upgrade()
    yield database
    database.close()


def count(database):
    with database.reading() as reader:
        return reader.scalar(text("SELECT count(*) FROM members"))


def add(connection):
    connection.execute(text("INSERT INTO members (member_class, status) VALUES ('official', 'active')"))


def test_the_migrations_make_the_tables_that_the_code_uses(database):
    with database.reading() as reader:
        assert compare_metadata(MigrationContext.configure(reader), metadata) == []


def test_commits_are_made_durable_and_references_kept(database):
    with database.writing() as writer:
        names = ("journal_mode", "synchronous", "foreign_keys")
        pragmas = {name: writer.scalar(text(f"PRAGMA {name}")) for name in names}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_only_the_owner_may_read_the_store_and_its_log(database):
    with database.writing() as writer:
        add(writer)
    files = list(database.path.parent.iterdir())
    assert {path.name for path in files} == {"x.sqlite3", "x.sqlite3-wal", "x.sqlite3-shm"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_an_exception_rolls_everything_back(database):
    def add_and_fail():
        with database.writing() as writer:
            add(writer)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert count(database) == 0


def test_a_reader_sees_one_snapshot_from_its_beginning(database):
    with database.reading() as reader:
        with database.writing() as writer:
            add(writer)
        assert reader.scalar(text("SELECT count(*) FROM members")) == 0
    assert count(database) == 1


def test_a_reader_cannot_write(database):
    with pytest.raises(StorageReadOnly), database.reading() as reader:
        add(reader)
    assert count(database) == 0


def test_the_version_changes_when_another_connection_commits_and_only_then(database):
    before = database.data_version()
    assert database.data_version() == before
    with database.writing() as writer:
        add(writer)
    after = database.data_version()
    assert after != before
    other = sqlite3.connect(database.path)
    other.execute("UPDATE members SET status = 'away'")
    other.commit()
    other.close()
    assert database.data_version() != after


def test_an_error_of_the_store_carries_no_value_of_a_row(database):
    with database.writing() as writer:
        add(writer)
    statement = text("INSERT INTO members (id, published_list, member_class, status) VALUES (1, :name, '', '')")
    with pytest.raises(StorageRefused) as caught, database.writing() as writer:
        writer.execute(statement, {"name": "Đỗ Thị Hoa"})
    assert "Hoa" not in f"{caught.value} {caught.value.__cause__}"


def test_a_store_of_a_newer_release_is_not_touched(database):
    with database.writing() as writer:
        writer.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageVersion, match="newer release"):
        database.upgrade()


def test_a_file_that_is_no_store_is_said_to_be_none(tmp_path):
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"not a database" * 1000)
    database = Database(path)
    with pytest.raises(StorageDamaged):
        database.upgrade()
    database.close()


def test_a_folder_that_cannot_be_made_is_a_typed_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnreachable):
        Database(tmp_path / "file" / "x.sqlite3")


def test_two_processes_may_start_on_an_empty_folder_at_once(tmp_path):
    script = (
        "import sys; from pathlib import Path; from appliance.storage.database import Database;"
        "database = Database(Path(sys.argv[1])); sys.stdin.readline(); database.upgrade()"
    )
    arguments = [sys.executable, "-c", script, str(tmp_path / "x.sqlite3")]
    processes = [subprocess.Popen(arguments, stdin=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]


@pytest.mark.parametrize("taken", ["removed", "replaced"])
def test_nothing_is_recorded_in_a_file_that_lies_there_no_more(database, tmp_path, taken):
    """A backup is put back while the station runs: what it says it recorded must be in the file that is there."""
    if taken == "replaced":
        other = tmp_path / "backup"
        other.write_bytes(database.path.read_bytes())
        other.replace(database.path)
    else:
        database.path.unlink()
    with pytest.raises(StorageUnreachable), database.writing():
        pass


def test_a_second_process_waits_while_a_fresh_store_gets_its_log(tmp_path):
    path = tmp_path / "x.sqlite3"
    path.touch(mode=0o600)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # for this SQLite does not wait, whatever its timeout
    timer = threading.Timer(0.3, other.execute, ["COMMIT"])
    timer.start()
    database = Database(path, busy_timeout_s=20.0)
    database.upgrade()
    timer.join()
    other.close()
    assert count(database) == 0
    database.close()


def test_what_is_forgotten_is_forced_out_of_the_log(database, monkeypatch):
    log = database.path.with_name("x.sqlite3-wal")
    with database.writing() as writer:
        add(writer)
    forced = []
    fsync = os.fsync

    def note(descriptor):
        forced.append((str(Path(f"/proc/self/fd/{descriptor}").readlink()), os.fstat(descriptor).st_size))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    assert database.forget()
    assert forced == [(str(log), 0)]
