"""Attacks on the ledger by somebody who writes the store's files byte by byte, and knows how it is examined."""

# ruff: noqa: S608 - the names of tables and columns are this file's own

import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import StorageDamaged, StorageError
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, LedgerVerdict, NewEntry
from appliance.storage.database import Database

SUBJECTS = ("member:1", "member:2", "member:1", None)
HUGE = 2**60


@pytest.fixture
def store(rooms, start) -> Path:
    """A store with a few entries, closed, its log written back."""
    for number, subject in enumerate(SUBJECTS):
        kind = EntryKind.CHECK_IN if subject else EntryKind.REFUSED
        rooms.ledger.append(NewEntry(kind, 1, subject=subject, body={"number": number}), at=start)
    rooms.ledger.checkpoint()
    rooms.database.forget()
    rooms.database.close()
    return rooms.state / "thechip.sqlite3"


@pytest.fixture
def attack(store: Path) -> Callable[..., None]:
    def attack(*statements: str) -> None:
        raw = sqlite3.connect(store)
        for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
        raw.commit()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()

    return attack


def verdict_on(store: Path) -> LedgerVerdict:
    database = Database(store)
    try:
        database.upgrade()
        return Ledger(database, Keys.load_or_create(store.parent / "keys")).verify()
    finally:
        database.close()


def test_a_salt_that_swallowed_its_body_is_found(store, attack):
    """Salt and body are hashed one after the other: all of the body could pass for salt, and a presence be gone."""
    attack(
        "CREATE TABLE forged (sequence INTEGER PRIMARY KEY, salt BLOB NOT NULL, body TEXT NOT NULL, subject TEXT)",
        "INSERT INTO forged SELECT sequence, salt, body, subject FROM ledger_bodies",
        "DROP TABLE ledger_bodies",
        "ALTER TABLE forged RENAME TO ledger_bodies",
        "UPDATE ledger_bodies SET salt = CAST(salt || body AS BLOB), body = '' WHERE sequence = 2",
    )
    verdict = verdict_on(store)
    assert (verdict.reason, verdict.first_bad) == ("body-altered", 2)


def test_a_subject_that_is_no_longer_computed_from_its_body_is_found(store, attack):
    """Attendance is looked up by this column; a plain one could name whom it likes."""
    attack(
        "DROP INDEX ix_ledger_bodies_subject",
        "CREATE TABLE forged (sequence INTEGER PRIMARY KEY, salt BLOB NOT NULL, body TEXT NOT NULL, subject TEXT)",
        "INSERT INTO forged SELECT sequence, salt, body, replace(subject, ':2', ':9') FROM ledger_bodies",
        "DROP TABLE ledger_bodies",
        "ALTER TABLE forged RENAME TO ledger_bodies",
    )
    verdict = verdict_on(store)
    assert (verdict.reason, verdict.first_bad) == ("body-altered", 2)


def test_an_index_that_differs_from_its_table_is_found(store):
    content = store.read_bytes()
    in_index = next(
        at for at in range(len(content)) if content[at : at + 8] == b"member:2" and content[at - 1 : at] != b'"'
    )
    store.write_bytes(content[:in_index] + b"member:9" + content[in_index + 8 :])
    assert verdict_on(store).reason == "store-damaged"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (f"UPDATE ledger_entries SET meeting_id = {HUGE} WHERE sequence = 2", "altered"),
        (f"UPDATE ledger_entries SET refers_to = -{HUGE} WHERE sequence = 2", "altered"),
        (f"UPDATE ledger_head SET sequence = {HUGE}", "head-damaged"),
    ],
)
def test_a_number_that_no_entry_can_have_is_a_finding(store, attack, statement, reason):
    attack(statement)
    assert verdict_on(store).reason == reason


@pytest.mark.parametrize("sequence", ["Infinity", "-1e999", "NaN", f"{HUGE}", "[[[[", "null", '"x"', "{}"])
def test_a_checkpoint_that_is_no_checkpoint_is_a_finding(store, sequence):
    path = store.with_name("ledger.checkpoint")
    fields = json.loads(path.read_text())
    path.write_text(
        f'{{"sequence":{sequence},"entry_hash":"{fields["entry_hash"]}","signature":"{fields["signature"]}"}}'
    )
    assert verdict_on(store).reason == "checkpoint-damaged"


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "list"])
def test_a_checkpoint_that_is_no_file_keeps_nobody_waiting(store, kind):
    path = store.with_name("ledger.checkpoint")
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.write_text("[1, 2]")
    assert verdict_on(store).reason == "checkpoint-damaged"


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_bodies", "ledger_head"])
def test_a_table_that_is_gone_is_a_finding(store, attack, table):
    attack(f"DROP TABLE {table}")
    assert not verdict_on(store).ok


def test_a_schema_with_broken_letters_is_damage_and_no_crash(store):
    content = store.read_bytes()
    name = content.index(b"CREATE TABLE ledger_entries")
    store.write_bytes(content[: name + 7] + b"\xff\xfe" + content[name + 9 :])
    with pytest.raises(StorageDamaged):
        verdict_on(store)


def test_whatever_byte_of_the_file_is_altered_the_record_reads_the_same_or_is_found(store):
    original, before = store.read_bytes(), _record(store)
    chosen = random.Random(9303)
    for _ in range(150):
        for rest in store.parent.glob("thechip.sqlite3-*"):
            rest.unlink()
        altered = bytearray(original)
        altered[chosen.randrange(len(altered))] ^= chosen.randrange(1, 256)
        store.write_bytes(altered)
        try:
            verdict = verdict_on(store)
        except StorageError:
            continue
        assert not verdict.ok or _record(store) == before


def _record(store: Path) -> list[list[tuple[object, ...]]]:
    raw = sqlite3.connect(store)
    try:
        return [
            raw.execute(query).fetchall()
            for query in (
                "SELECT sequence, at, kind, meeting_id, refers_to, entry_hash FROM ledger_entries ORDER BY sequence",
                "SELECT sequence, salt, body, subject FROM ledger_bodies ORDER BY sequence",
                "SELECT sequence FROM ledger_bodies WHERE subject = 'member:1' ORDER BY sequence",
            )
        ]
    finally:
        raw.close()
