"""Attacks on the ledger by somebody who writes the store's files byte by byte, and knows how it is examined."""

# ruff: noqa: S608 - the names of tables and columns are this file's own

import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import LedgerDamaged, StorageDamaged, StorageError
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


def test_a_body_put_into_the_place_of_another_is_found(store, attack):
    """Sealed under the same key, opened by the same key, and yet not this entry's: it was sealed for its number."""
    attack(
        "UPDATE ledger_bodies SET sealed = (SELECT sealed FROM ledger_bodies WHERE sequence = 3),"
        " subject = (SELECT subject FROM ledger_bodies WHERE sequence = 3) WHERE sequence = 2"
    )
    verdict = verdict_on(store)
    assert (verdict.reason, verdict.first_bad) == ("body-altered", 2)


def test_a_list_is_not_made_of_a_body_that_was_changed(store, attack, rooms):
    attack("UPDATE ledger_bodies SET sealed = zeroblob(80) WHERE sequence = 2")
    with pytest.raises(LedgerDamaged, match="entry 2"):
        rooms.attendance.attendance_of(rooms.plan().id)


@pytest.mark.parametrize("subject", ["(SELECT subject FROM ledger_bodies WHERE sequence = 1)", "NULL", "zeroblob(32)"])
def test_a_subject_that_is_not_the_one_of_its_body_is_found(store, attack, subject):
    """Attendance is looked up by this column: another one's tag here, and somebody was there who was not."""
    attack(f"UPDATE ledger_bodies SET subject = {subject} WHERE sequence = 2")
    verdict = verdict_on(store)
    assert (verdict.reason, verdict.first_bad) == ("body-altered", 2)


def test_an_index_that_differs_from_its_table_is_found(store, rooms):
    content, tag = store.read_bytes(), rooms.ledger.bodies.tag_of("member:2")
    first = content.index(tag)
    second = content.index(tag, first + 1)  # one of the two is the index's
    store.write_bytes(content[:second] + bytes(32) + content[second + 32 :])
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
                "SELECT sequence, sealed, subject FROM ledger_bodies ORDER BY sequence",
                "SELECT a.sequence, b.sequence FROM ledger_bodies AS a JOIN ledger_bodies AS b USING (subject)",
            )
        ]
    finally:
        raw.close()
