"""A copy of the store as it was at one instant, taken while others go on writing (SQLite's online backup API).

The copy is made step by step from within one read transaction. Without it SQLite would begin anew after every commit of
another process, and during a meeting never end. In WAL mode no writer waits for it.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from appliance.errors import NotFound, StorageDamaged
from appliance.storage.failures import translated

_PAGES_PER_STEP = 512
_BUSY_TIMEOUT_S = 30.0


def copy_store(store: Path, copy: Path, *, progress: Callable[[int, int], None]) -> None:
    """Write a copy of a store into a new file of mode 0600, which is one file: without a log beside it.

    ``progress`` is told how many pages are done, of how many. Raises ``NotFound`` where there is no store,
    ``StorageDamaged`` where its pages are damaged, another ``StorageError`` where it cannot be read or copied.
    """
    if not store.is_file():
        msg = f"there is no store at {store}"
        raise NotFound(msg)
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with translated(), _connected(store) as source, _connected(copy) as target:
        source.execute("PRAGMA query_only = ON")
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()  # the snapshot is taken by the first read
        source.backup(
            target, pages=_PAGES_PER_STEP, progress=lambda _, left, total: progress(total - left, total), sleep=0.05
        )
        source.execute("ROLLBACK")
        target.execute("PRAGMA journal_mode = DELETE")
        if target.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            msg = "the store's file is damaged; no backup was made of it"
            raise StorageDamaged(msg)


def _connected(path: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None))
