"""The board's file: one small SQLite database that is made anew whenever it is damaged, emptied or gone."""

import copy
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from appliance.errors import StorageError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS display (reader TEXT PRIMARY KEY, sequence INTEGER NOT NULL, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS own_year (reader TEXT PRIMARY KEY, sequence INTEGER NOT NULL, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS asked (
    id INTEGER PRIMARY KEY AUTOINCREMENT, reader TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL,
    posted REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS lists (one INTEGER PRIMARY KEY CHECK (one = 1), content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS alive (one INTEGER PRIMARY KEY CHECK (one = 1), said REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tray (position INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO counter VALUES ('version', 0);
"""
_DAMAGED = frozenset((sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT))
_PAGE_WAITS_FOR_S = 5.0
_DOOR_WAITS_FOR_S = 0.2
_DOOR_RESTS_FOR_S = 1.0


class BoardFile:
    """Where a board lies. Safe to use from several threads and processes.

    Nothing in it is a record, and an appliance must go on after a power cut: whatever cannot be read is made anew.
    """

    def __init__(self, path: Path, *, steady_clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._steady_clock = steady_clock
        self._waits_for_s, self._rests_for_s, self._rests_until = _PAGE_WAITS_FOR_S, 0.0, -math.inf
        try:
            self._set_up()
        except sqlite3.Error as error:
            raise _unusable() from error

    def for_a_door(self) -> "BoardFile":
        """Return the same file for calls that wait 0.2 seconds at most, and after one failed fail for a second."""
        file = copy.copy(self)
        file._waits_for_s, file._rests_for_s = _DOOR_WAITS_FOR_S, _DOOR_RESTS_FOR_S  # noqa: SLF001 - its own kind
        return file

    def _set_up(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            msg = f"the run directory {self._path.parent} cannot be made: {error.strerror}"
            raise StorageError(msg) from error
        try:
            self._make_tables()
        except sqlite3.Error as error:
            if _code_of(error) not in _DAMAGED:
                raise
            self._wipe()
            self._make_tables()

    def _make_tables(self) -> None:
        with closing(self._connect()) as connection, connection:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
        with suppress(FileNotFoundError):  # another process wiped it in the same moment
            self._path.chmod(0o600)

    def _wipe(self) -> None:
        try:
            self._path.unlink(missing_ok=True)
            self._path.with_name(self._path.name + "-journal").unlink(missing_ok=True)
        except OSError as error:
            msg = f"the damaged notice board {self._path} cannot be removed: {error.strerror}"
            raise StorageError(msg) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection for one short transaction; committed at its end, rolled back on any error."""
        if self._steady_clock() < self._rests_until:
            raise _unusable()
        try:
            with closing(self._open_whole()) as connection, connection:
                yield connection
        except sqlite3.Error as error:
            self._rests_until = self._steady_clock() + self._rests_for_s
            if _code_of(error) in _DAMAGED:
                self._wipe()  # the next call makes it anew
            raise _unusable() from error

    def _open_whole(self) -> sqlite3.Connection:
        """Open the file, and make it anew first where it is damaged, emptied or gone."""
        try:
            return self._open()
        except sqlite3.Error as error:
            is_lost = str(error).startswith("no such table") or not self._path.parent.exists()
            if not is_lost and _code_of(error) not in _DAMAGED:
                raise
        self._set_up()
        return self._open()

    def _open(self) -> sqlite3.Connection:
        return self._connect("SELECT value FROM counter")

    def _connect(self, *look: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=self._waits_for_s)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA secure_delete = ON")  # a name, a year, a typed number: gone when gone
            for statement in look:
                connection.execute(statement).fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _code_of(error: sqlite3.Error) -> int | None:
    return getattr(error, "sqlite_errorcode", None)


def _unusable() -> StorageError:
    return StorageError("the notice board between station and page cannot be used; is its directory writable?")
