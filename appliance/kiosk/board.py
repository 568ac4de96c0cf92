"""The notice board between the station and the page: what the kiosk shows now, and what somebody asked of the station.

Everything on it is ephemeral: one small SQLite file in the run directory, which a real appliance keeps in memory, so
that a name on the kiosk screen never reaches the card the system lives on. Nothing here is a record: records are in
the ledger. The board knows the last display of each reader and the requests that wait, nothing older.
"""

import json
import math
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from appliance.errors import StorageError
from appliance.kiosk.display import Display, DisplayState

_SCHEMA = """
CREATE TABLE IF NOT EXISTS display (reader TEXT PRIMARY KEY, sequence INTEGER NOT NULL, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS request (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, payload TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS lists (one INTEGER PRIMARY KEY CHECK (one = 1), content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tray (position INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO counter VALUES ('version', 0);
"""
MAX_WAITING_REQUESTS = 100
_DAMAGED = frozenset((sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT))

CHOOSE_MEMBER = "choose-member"
"""The request by which an officer picks a roster line (``member``: its number), so that this member's card is read with
the password that the roster keeps. See docs/decisions/0005-the-roster-line-is-chosen-by-an-officer.md."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something asked of the station: ``kind`` and its details, such as a chosen roster line."""

    id: int
    kind: str
    payload: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StationLists:
    """Which lists the station checks cards against: a signed set by ``timestamp`` and ``content``, else by hand."""

    issued: datetime | None = None
    timestamp: int | None = None
    card_status: int | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class TrayCard:
    """A virtual card of the demo: its key, its titles, and what must become of it."""

    key: str
    title_vi: str
    title_en: str
    expected: str


class Board:
    """One board file. Safe to use from several threads and processes; each call is one short transaction."""

    def __init__(self, path: Path, *, steady_clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._steady_clock = steady_clock
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            msg = f"the run directory {path.parent} cannot be made: {error.strerror}"
            raise StorageError(msg) from error
        try:
            self._set_up()
        except StorageError as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) not in _DAMAGED:
                raise
            self._wipe()  # nothing on it is a record, and an appliance must start after a power cut
            self._set_up()

    def _set_up(self) -> None:
        with self._transaction() as connection:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
        self._path.chmod(0o600)

    def _wipe(self) -> None:
        try:
            self._path.unlink()
            self._path.with_name(self._path.name + "-journal").unlink(missing_ok=True)
        except OSError as error:
            msg = f"the damaged notice board {self._path} cannot be removed: {error.strerror}"
            raise StorageError(msg) from error

    def post(self, display: Display) -> int:
        """Show this now on its reader's screen; return its sequence."""
        content = {
            "state": display.state,
            "vi": display.vi,
            "en": display.en,
            "at": display.at.isoformat(),
            "posted": self._steady_clock(),
            "name": display.name,
            "detail_vi": display.detail_vi,
            "detail_en": display.detail_en,
        }
        with self._transaction() as connection:
            sequence = _count(connection)
            connection.execute(
                "INSERT OR REPLACE INTO display VALUES (?, ?, ?)",
                (display.reader, sequence, json.dumps(content, ensure_ascii=False)),
            )
        return sequence

    def latest(self, reader: str | None = None) -> Display | None:
        """Return what is shown on a reader's screen, or the newest of all; ``None`` where nothing was shown yet."""
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT reader, sequence, content FROM display WHERE ?1 IS NULL OR reader = ?1"
                " ORDER BY sequence DESC LIMIT 1",
                (reader,),
            ).fetchone()
        if row is None:
            return None
        content = json.loads(row[2])
        return Display(
            state=DisplayState(content["state"]),
            vi=content["vi"],
            en=content["en"],
            at=datetime.fromisoformat(content["at"]),
            reader=row[0],
            name=content["name"],
            detail_vi=content["detail_vi"],
            detail_en=content["detail_en"],
            sequence=row[1],
            age_seconds=age if (age := self._steady_clock() - content["posted"]) >= 0 else math.inf,
        )

    def tell_lists(self, lists: StationLists) -> None:
        """Say which lists cards are checked against from now on."""
        issued = None if lists.issued is None else lists.issued.isoformat()
        content = json.dumps([issued, lists.timestamp, lists.card_status, lists.content])
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO lists VALUES (1, ?)", (content,))
            _count(connection)

    def station_lists(self) -> StationLists | None:
        """Return which lists the station said that it uses; ``None`` where none said so since the board was made."""
        with self._transaction() as connection:
            row = connection.execute("SELECT content FROM lists").fetchone()
        if row is None:
            return None
        issued, timestamp, card_status, content = json.loads(row[0])
        at = None if issued is None else datetime.fromisoformat(issued)
        return StationLists(at, timestamp, card_status, content)

    def request(self, kind: str, payload: Mapping[str, str]) -> int:
        """Ask something of the station; return the request's id. Raises ``StorageError`` when too many wait."""
        with self._transaction() as connection:
            (waiting,) = connection.execute("SELECT count(*) FROM request").fetchone()
            if waiting >= MAX_WAITING_REQUESTS:
                msg = "the station does not answer; too many requests are waiting for it"
                raise StorageError(msg)
            cursor = connection.execute(
                "INSERT INTO request (kind, payload) VALUES (?, ?)", (kind, json.dumps(dict(payload)))
            )
            _count(connection)
            return cursor.lastrowid or 0

    def take_requests(self) -> list[Request]:
        """Take all waiting requests off the board, oldest first."""
        with self._transaction() as connection:
            rows = connection.execute("DELETE FROM request RETURNING id, kind, payload").fetchall()
        return [Request(row[0], row[1], json.loads(row[2])) for row in sorted(rows)]

    def lay_out(self, cards: list[TrayCard]) -> None:
        """Replace the demo's tray of virtual cards."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM tray")
            connection.executemany(
                "INSERT INTO tray VALUES (?, ?)",
                [
                    (position, json.dumps([card.key, card.title_vi, card.title_en, card.expected]))
                    for position, card in enumerate(cards)
                ],
            )
            _count(connection)

    def tray(self) -> list[TrayCard]:
        """Return the demo's virtual cards in their order; empty where no demo runs."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT content FROM tray ORDER BY position").fetchall()
        return [TrayCard(*json.loads(content)) for (content,) in rows]

    def version(self) -> int:
        """Return a number that rises whenever a display, a request or the tray was put on the board."""
        with self._transaction() as connection:
            (value,) = connection.execute("SELECT value FROM counter WHERE name = 'version'").fetchone()
        return int(value)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection for one short transaction; committed at its end, rolled back on any error."""
        try:
            connection = sqlite3.connect(self._path, timeout=5)
            try:
                connection.execute("PRAGMA synchronous = OFF")
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            msg = "the notice board between station and page cannot be used; is its directory writable?"
            raise StorageError(msg) from error


def _count(connection: sqlite3.Connection) -> int:
    (value,) = connection.execute(
        "UPDATE counter SET value = value + 1 WHERE name = 'version' RETURNING value"
    ).fetchone()
    return int(value)
