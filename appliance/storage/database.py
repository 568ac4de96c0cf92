"""Database: the one SQLite file that station and page share.

WAL with ``synchronous=FULL``: a commit that returned survives a power cut. Every write begins with BEGIN IMMEDIATE, so
two processes are put in order before either has read what it decides upon.
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from appliance.errors import StorageBusy, StorageFull, StorageUnreachable
from appliance.keys import Keys
from appliance.storage.failures import translated
from appliance.storage.sealed_text import TextKeys, unlock
from appliance.storage.sent_forms import spend
from appliance.storage.upgrade import TO_BE_FORGOTTEN, is_current, upgrade

_logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.01


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
        self._hurry = threading.local()
        self._form = threading.local()

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
        with translated(), self._writer.connect() as connection:
            self._set_patience(connection)
            with connection.begin():
                self._spend_form(connection)
                yield connection
                self._require_same_file()
        self._form.is_spent = True

    @contextmanager
    def hurried(self, patience_s: float) -> Iterator[None]:
        """Let what this thread writes inside the ``with`` block wait at most so many seconds for another writer."""
        before = getattr(self._hurry, "patience_s", None)
        self._hurry.patience_s = patience_s
        try:
            yield
        finally:
            self._hurry.patience_s = before

    @contextmanager
    def once(self, number: bytes, *, at: datetime) -> Iterator[None]:
        """Let what this thread writes inside the ``with`` block be written once for a form of this number (32 bytes).

        The number is spent in the first transaction that commits, so that either both are there or neither is, also
        after a power cut. Writing raises FormSentBefore where it was spent before.
        """
        self._form.sent, self._form.is_spent = (number, at), False
        try:
            yield
        finally:
            self._form.sent = None

    def _spend_form(self, connection: Connection) -> None:
        sent = getattr(self._form, "sent", None)
        if sent is not None and not self._form.is_spent:
            number, at = sent
            spend(connection, number, at=at)

    def _set_patience(self, connection: Connection) -> None:
        hurry = getattr(self._hurry, "patience_s", None)
        patience = self._busy_timeout_s if hurry is None else min(hurry, self._busy_timeout_s)
        raw = connection.connection.dbapi_connection
        if raw is not None:
            raw.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}").close()

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

    def unlock(self, keys: Keys) -> None:
        """Let every connection seal and open the texts about persons, which lie sealed in the tables."""
        text_keys = TextKeys.under(keys)
        for engine in (self._writer, self._reader):
            unlock(engine.dialect, text_keys)

    def upgrade(self, keys: Keys | None = None) -> None:
        """Bring the tables to this release's revision; nothing happens when they are there.

        ``keys`` seal what an older release kept in plain. Two processes may do it at once: the second waits and finds
        it done. StorageVersion for a file that a newer release wrote, or where there is something to seal and no keys.
        """
        if keys is not None:
            self.unlock(keys)
        with self.reading() as connection:
            is_done = is_current(connection)
        if not is_done:
            with self.writing() as connection:
                upgrade(connection, keys)
        self._forget_what_was_plain()

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
            if not busy:
                _make_durable(self.path.with_name(self.path.name + "-wal"))
        return not busy

    def _forget_what_was_plain(self) -> None:
        """Write the file anew after a revision that sealed something; what fails is tried at the next start."""
        with self.reading() as connection:
            if connection.exec_driver_sql("PRAGMA user_version").scalar() != TO_BE_FORGOTTEN:
                return
        try:
            with translated():
                self._rewrite()
        except (StorageBusy, StorageFull):
            _logger.warning("the store could not be written anew; until it is, its file may hold what is sealed now")

    def _rewrite(self) -> None:
        raw = self._writer.raw_connection()
        try:
            raw.cursor().execute("PRAGMA temp_store = MEMORY")  # a copy in /tmp would have nobody to overwrite it
            raw.cursor().execute("VACUUM")
        finally:
            raw.close()
        if self.forget():
            with self.writing() as connection:
                connection.exec_driver_sql("PRAGMA user_version = 0")

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
            _use_log(raw, self._busy_timeout_s)
            for pragma in (
                "synchronous = FULL",
                "foreign_keys = ON",
                "secure_delete = ON",
                "cache_size = -512",  # kB: the kernel has the rest, and a long meeting lets no process grow
                f"query_only = {'ON' if query_only else 'OFF'}",
            ):
                raw.execute(f"PRAGMA {pragma}").close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine


def _use_log(raw: sqlite3.Connection, patience_s: float) -> None:
    """Go over to a write-ahead log. For that SQLite does not wait, whatever it was told, while somebody writes."""
    until = time.monotonic() + patience_s
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def _make_durable(log: Path) -> None:
    """Force out that a log is empty, which SQLite does not: a power cut would bring back what was forgotten."""
    with suppress(FileNotFoundError):  # the last one to close the store removes it
        descriptor = os.open(log, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            msg = f"what was forgotten may come back in a power cut: {error.strerror}"
            raise StorageUnreachable(msg) from error
        finally:
            os.close(descriptor)


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
