"""Database: the one SQLite file that station and page share.

WAL with ``synchronous=FULL``: a commit that returned survives a power cut. Every write begins with BEGIN IMMEDIATE, so
two processes are put in order before either has read what it decides upon.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from appliance.errors import StorageUnreachable
from appliance.storage.failures import translated
from appliance.storage.upgrade import is_current, upgrade


class Database:
    """Connections to one SQLite file, for any number of threads.

    Open one per process, after a fork, never before. ``busy_timeout_s`` is how long a writer waits for another one
    before StorageBusy. The file and its folder are made where they are missing (0600, 0700); StorageUnreachable where
    that fails.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._identity = _touch(path)
        self._writer = self._engine("BEGIN IMMEDIATE", query_only=False)
        self._reader = self._engine("BEGIN DEFERRED", query_only=True)
        self._watch: sqlite3.Connection | None = None
        self._watch_lock = threading.Lock()

    @contextmanager
    def writing(self, within: Connection | None = None) -> Iterator[Connection]:
        """Give a connection inside BEGIN IMMEDIATE; commit durably at the end, roll back on any exception.

        With ``within`` the work joins that transaction, whose owner commits. Everything SQLite raises inside becomes a
        StorageError.
        """
        if within is not None:
            yield within
            return
        self._require_same_file()
        with translated(), self._writer.begin() as connection:
            yield connection
            self._require_same_file()

    def _require_same_file(self) -> None:
        """Raise ``StorageUnreachable`` once another file lies at the path: what is committed to this one is lost."""
        try:
            if _identity(self.path.stat()) == self._identity:
                return
        except OSError as error:
            msg = "the store's file was taken away; start again"
            raise StorageUnreachable(msg) from error
        msg = "another file was put in the store's place; start again"
        raise StorageUnreachable(msg)

    @contextmanager
    def reading(self, within: Connection | None = None) -> Iterator[Connection]:
        """Give a connection that sees one consistent snapshot, and cannot write (StorageReadOnly)."""
        if within is not None:
            yield within
            return
        with translated(), self._reader.begin() as connection:
            connection.execute(text("SELECT 1 FROM sqlite_schema LIMIT 1"))  # the snapshot is taken by the first read
            yield connection

    def upgrade(self) -> None:
        """Bring the tables to this release's revision; nothing happens when they are there.

        Two processes may do it at once: the second waits and finds it done. StorageVersion for a file that a newer
        release wrote.
        """
        with self.reading() as connection:
            if is_current(connection):
                return
        with self.writing() as connection:
            upgrade(connection)

    def data_version(self) -> int:
        """Return a number that changes when any other connection, of any process, has committed.

        It compares with earlier answers of this object only (PRAGMA data_version).
        """
        with translated(), self._watch_lock:
            if self._watch is None:
                self._watch = sqlite3.connect(self.path, timeout=self._busy_timeout_s, check_same_thread=False)
                self._watch.isolation_level = None
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def forget(self) -> bool:
        """Write the log back and empty it, so that what was deleted is in no file any more.

        False where a reader kept the log busy for longer than we wait; SQLite then overwrites it later.
        """
        with translated():
            raw = self._writer.raw_connection()
            try:
                busy, _, _ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                raw.close()
        return not busy

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._writer.dispose()
        self._reader.dispose()
        with self._watch_lock:
            if self._watch is not None:
                self._watch.close()
                self._watch = None

    def _engine(self, begin: str, *, query_only: bool) -> Engine:
        # hide_parameters: an exception's text would carry names into a log
        url = URL.create("sqlite+pysqlite", database=str(self.path))
        engine = create_engine(url, connect_args={"timeout": self._busy_timeout_s}, hide_parameters=True)

        @event.listens_for(engine, "connect")
        def _prepare(raw: Any, _record: object) -> None:
            raw.isolation_level = None  # the driver begins nothing by itself
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                "secure_delete = ON",
                f"query_only = {'ON' if query_only else 'OFF'}",
            ):
                raw.execute(f"PRAGMA {pragma}").close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _touch(path: Path) -> tuple[int, int]:
    # SQLite gives its log and shared memory the mode of the main file
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))
        return _identity(path.stat())
    except OSError as error:
        msg = f"the store's file cannot be made: {error.strerror}"
        raise StorageUnreachable(msg) from error
