"""Finding a member among 5,000 sealed names, against the same search over plain ones in SQL."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Row, interleaved

from appliance.keys import Keys
from appliance.names import folded
from appliance.roster import MemberClass, Newcomer, RosterService
from appliance.storage.database import Database

_MEMBERS = 5_000


def rows() -> Iterator[Row]:
    """One search by two words, once every name was opened; and the first one of a process, which opens them."""
    with tempfile.TemporaryDirectory(prefix="thechip-bench-") as folder:
        state = Path(folder)
        database, keys = Database(state / "names.sqlite3"), Keys.load_or_create(state / "keys")
        database.upgrade(keys)
        names = [f"Mẫu Thị Đặng Hữu {number}" for number in range(_MEMBERS)]
        roster = RosterService(database, keys)
        roster.add_all([Newcomer(name, MemberClass.OFFICIAL) for name in names])
        with closing(sqlite3.connect(state / "plain.sqlite3")) as plain:
            plain.execute("CREATE TABLE members (id INTEGER PRIMARY KEY, folded_name TEXT)")
            plain.executemany("INSERT INTO members (folded_name) VALUES (?)", [(folded(name),) for name in names])
            like = "SELECT id FROM members WHERE folded_name LIKE '%dang%' AND folded_name LIKE '%499%' LIMIT 50"
            works = {
                "ours": lambda: roster.search("đặng 499"),
                "first": lambda: RosterService(database, keys).search("đặng 499"),
                "plain": lambda: plain.execute(like).fetchall(),
            }
            times = interleaved(works, repetitions=20)
        database.close()
    ours, first, against = (times[name].median for name in ("ours", "first", "plain"))
    details = {"members": _MEMBERS, "first search of a process (ms)": round(first * 1e3)}
    yield Row("search by name, sealed", ours * 1e3, "ms", against * 1e3, "LIKE over plain names", details)
