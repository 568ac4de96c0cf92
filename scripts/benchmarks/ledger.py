"""Appending to the ledger, against a bare commit of the same store: WAL, synchronous=FULL."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Row, interleaved

from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.storage.database import Database

_AT = datetime(2026, 6, 1, tzinfo=UTC)


def rows() -> Iterator[Row]:
    """One entry, one commit, in turn; the middle of all, since a disk has no best moment worth knowing."""
    with tempfile.TemporaryDirectory(prefix="thechip-bench-") as folder:
        state = Path(folder)
        database = Database(state / "ledger.sqlite3")
        database.upgrade()
        ledger = Ledger(database, Keys.load_or_create(state / "keys"))
        entry = NewEntry(EntryKind.REFUSED, None, body={"reason": "card-revoked"})
        with closing(sqlite3.connect(state / "bare.sqlite3", isolation_level=None)) as bare:
            for pragma in ("journal_mode = WAL", "synchronous = FULL"):
                bare.execute(f"PRAGMA {pragma}")
            bare.execute("CREATE TABLE entries (sequence INTEGER PRIMARY KEY, content BLOB)")

            def commit() -> None:
                bare.execute("BEGIN IMMEDIATE")
                bare.execute("INSERT INTO entries (content) VALUES (?)", (bytes(400),))
                bare.execute("COMMIT")

            times = interleaved({"ours": lambda: ledger.append(entry, at=_AT), "bare": commit}, repetitions=200)
        database.close()
    ours, against = times["ours"].median, times["bare"].median
    details = {"appends per second": round(1 / ours), "bare commits per second": round(1 / against)}
    yield Row("ledger append", ours * 1e6, "µs", against * 1e6, "a bare commit", details)
