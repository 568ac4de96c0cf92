"""Rows of the ledger's tables that hold anything at all, in columns that lost their types."""

# ruff: noqa: S608 - the names of tables and columns are this file's own

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from appliance.errors import LedgerDamaged, StorageDamaged
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.storage.database import Database

COLUMNS = {
    "ledger_entries": (
        *("sequence", "at", "kind", "meeting_id", "refers_to"),
        *("commitment", "previous_hash", "entry_hash", "signature"),
    ),
    "ledger_bodies": ("sequence", "sealed", "subject"),
    "ledger_head": ("sequence", "entry_hash", "public_key", "signature"),
}
CASES = [(table, column) for table, columns in COLUMNS.items() for column in columns]
VALUES = ("NULL", "'anything'", "1.5", "-1", f"{2**60}", "x'00ff'", "CAST(x'ff' AS TEXT)")
READ = {"ledger_entries": {"at", "kind"}, "ledger_bodies": {"sealed"}}
"""Of which columns an entry as it is read back consists, whatever is in them."""


@pytest.fixture
def store(rooms, start) -> Path:
    """A store with three entries, in whose tables of the ledger any value goes into any column."""
    for number in range(3):
        rooms.ledger.append(NewEntry(EntryKind.CHECK_IN, 1, subject="member:1", body={"number": number}), at=start)
    rooms.ledger.checkpoint()
    rooms.database.forget()
    rooms.database.close()
    store = rooms.state / "thechip.sqlite3"
    with closing(sqlite3.connect(store)) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for table in COLUMNS:
            raw.execute(f"CREATE TABLE untyped AS SELECT * FROM {table}")
            raw.execute(f"DROP TABLE {table}")
            columns = [column for _, column, *_ in raw.execute("PRAGMA table_info(untyped)")]
            raw.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            raw.execute(f"INSERT INTO {table} SELECT * FROM untyped")
            raw.execute("DROP TABLE untyped")
    return store


@pytest.fixture
def damaged(store, tmp_path):
    """Return the ledger of a copy of the store, with a value in one column of its second entry, or of its head."""
    opened = []

    def damaged(table, column, value):
        state = tmp_path / f"copy-{len(opened)}"
        shutil.copytree(store.parent, state)
        with closing(sqlite3.connect(state / store.name)) as raw, raw:
            where = "" if table == "ledger_head" else "WHERE sequence = 2"
            raw.execute(f"UPDATE {table} SET {column} = {value} {where}")
        database = Database(state / store.name)
        opened.append(database)
        return Ledger(database, Keys.load_or_create(state / "keys"))

    yield damaged
    for database in opened:
        database.close()


def ends_in_words(work):
    """Return what a piece of work raised, which is one of the two errors that say that the store was changed."""
    try:
        work()
    except (LedgerDamaged, StorageDamaged) as error:
        return error
    return None


def reading_and_writing(ledger, start):
    return (
        ledger.entries,
        partial(ledger.entries, subject="member:1"),
        partial(ledger.entries, meeting_id=1),
        lambda: list(ledger.exported_lines()),
        partial(ledger.append, NewEntry(EntryKind.CHECK_IN, 1), at=start),
        ledger.checkpoint,
    )


def test_without_a_change_such_a_store_is_intact(store):
    with closing(Database(store)) as database:
        assert Ledger(database, Keys.load_or_create(store.parent / "keys")).verify().ok


@pytest.mark.parametrize(("table", "column"), CASES)
def test_whatever_is_in_a_column_it_is_found_and_nothing_else_is_raised(damaged, start, table, column):
    for value in VALUES:
        ledger = damaged(table, column, value)
        verdict = ledger.verify()
        is_as_before = value == "NULL" and column == "refers_to"
        assert verdict.ok is is_as_before, (value, verdict)
        found = ends_in_words(ledger.entries)
        assert found is not None or column not in READ.get(table, ()) or (column, value) == ("sealed", "NULL")
        for work in reading_and_writing(ledger, start):
            ends_in_words(work)


@pytest.mark.parametrize("value", ["NULL", "'anything'", "1.5", "x'00ff'"])
@pytest.mark.parametrize(
    ("table", "column"),
    [*(("ledger_entries", column) for column in ("at", "kind")), ("ledger_bodies", "sealed")],
)
def test_the_sentence_names_the_entry(damaged, table, column, value):
    if (column, value) == ("sealed", "NULL"):
        value = "5"  # without a body an entry is an erased one
    with pytest.raises(LedgerDamaged, match="entry 2"):
        damaged(table, column, value).entries()


@pytest.mark.parametrize("column", ["meeting_id", "refers_to"])
@pytest.mark.parametrize("value", ["'anything'", "1.5", "x'00ff'"])
def test_a_number_that_is_none_is_damage_too(damaged, column, value):
    with pytest.raises(LedgerDamaged, match="entry 2"):
        damaged("ledger_entries", column, value).entries()
