"""Full disk, a store held by another process, a read-only file, a dead disk: a typed error, and nothing half done."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from appliance.errors import StorageBusy, StorageError, StorageFull, StorageReadOnly, StorageUnreachable
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.meetings import MeetingKind, MeetingService, MeetingState
from appliance.storage.database import Database

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
ENTRY = NewEntry(EntryKind.REFUSED, body={"reason": "x" * 1000})


class Store:
    def __init__(self, folder):
        self.database = Database(folder / "thechip.sqlite3", busy_timeout_s=0.3)
        self.database.upgrade()
        self.ledger = Ledger(self.database, Keys.load_or_create(folder / "keys"))
        self.meetings = MeetingService(self.database, self.ledger)

    def plan(self):
        return self.meetings.create(kind=MeetingKind.EVENT, title="Thử", place="Thử", starts_at=AT)

    def append_until_it_fails(self, entry=ENTRY):
        recorded = self.ledger.verify().entries
        while True:
            try:
                recorded = self.ledger.append(entry, at=AT)
            except StorageError as error:
                return recorded, error

    def is_whole(self, entries):
        verdict = self.ledger.verify()
        return verdict.ok and verdict.entries == entries


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    yield store
    store.database.close()


def test_a_full_store_records_nothing_half_and_goes_on_once_there_is_room(store):
    with store.database.reading() as reader:
        pages = reader.exec_driver_sql("PRAGMA page_count").scalar() + 10
    listener = ("connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages}").close())
    store.database._writer.dispose()
    event.listen(store.database._writer, *listener)
    recorded, error = store.append_until_it_fails()
    assert isinstance(error, StorageFull)
    assert recorded > 3
    assert store.is_whole(recorded)
    event.remove(store.database._writer, *listener)
    store.database._writer.dispose()
    assert store.ledger.append(ENTRY, at=AT) == recorded + 1


def test_a_disk_that_takes_no_more_bytes_is_a_typed_error(store):
    size = Path(f"{store.database.path}-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 30_000, hard))  # the interpreter ignores SIGXFSZ: writes fail
    try:
        recorded, error = store.append_until_it_fails()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(error, StorageFull | StorageUnreachable)
    assert store.is_whole(recorded)
    assert store.ledger.append(ENTRY, at=AT) == recorded + 1


def test_a_meeting_whose_opening_cannot_be_recorded_stays_planned(store):
    meeting = store.plan()
    with store.database.reading() as reader:
        pages = reader.exec_driver_sql("PRAGMA page_count").scalar()
    store.database._writer.dispose()
    event.listen(
        store.database._writer, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages}").close()
    )
    store.append_until_it_fails(NewEntry(EntryKind.REFUSED))
    with pytest.raises(StorageFull):
        store.meetings.open(meeting.id, at=AT, officer="an")
    assert store.meetings.get(meeting.id).state is MeetingState.PLANNED
    assert store.ledger.verify().ok


HOLD = """
import sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
raw.execute("ROLLBACK")
print("released", flush=True)
"""


def test_a_store_held_by_another_process_is_waited_for_and_then_said_to_be_busy(store):
    arguments = [sys.executable, "-c", HOLD, str(store.database.path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        started = time.monotonic()
        with pytest.raises(StorageBusy, match="another process"):
            store.ledger.append(ENTRY, at=AT)
        assert time.monotonic() - started >= 0.25
        assert store.ledger.verify().entries == 0, "reading goes on meanwhile"
        holder.stdin.write("\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "released\n"
    assert store.ledger.append(ENTRY, at=AT) == 1


@pytest.fixture
def as_anybody():
    """A folder of a user who is not root, and the test as that user: root may write to every file."""
    folder = Path(tempfile.mkdtemp())
    if os.geteuid() != 0:
        yield folder
    else:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(0)
    shutil.rmtree(folder)


def test_a_read_only_file_is_read_and_not_written(as_anybody):
    store = Store(as_anybody)
    store.ledger.append(ENTRY, at=AT)
    store.database.close()
    store.database.path.chmod(0o400)
    with pytest.raises(StorageReadOnly):
        store.ledger.append(ENTRY, at=AT)
    assert store.is_whole(1)
    store.database.close()


def test_a_file_that_may_not_be_opened_is_a_typed_error(as_anybody):
    store = Store(as_anybody)
    store.database.close()
    store.database.path.chmod(0o000)
    with pytest.raises(StorageUnreachable):
        store.ledger.append(ENTRY, at=AT)
    with pytest.raises(StorageUnreachable):
        store.database.data_version()
    with pytest.raises(StorageUnreachable):
        Database(store.database.path)


def test_a_store_whose_folder_went_away_is_a_typed_error(store):
    store.database.close()
    shutil.rmtree(store.database.path.parent)
    with pytest.raises(StorageUnreachable):
        store.ledger.append(ENTRY, at=AT)


def test_a_foreign_table_of_the_same_name_is_not_taken_for_the_store(tmp_path):
    raw = sqlite3.connect(tmp_path / "thechip.sqlite3")
    raw.execute("CREATE TABLE members (x)")
    raw.close()
    database = Database(tmp_path / "thechip.sqlite3")
    with pytest.raises(StorageError):
        database.upgrade()
    database.close()
