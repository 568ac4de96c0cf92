"""The notice board between the station and the page: what the kiosk shows now, and what somebody asked of the station.

Everything on it is ephemeral: one small SQLite file in the run directory, which a real appliance keeps in memory, so
that a name on the kiosk screen never reaches the card the system lives on. Nothing here is a record: records are in
the ledger. The board knows the last display of each reader and the requests that wait, nothing older.
"""

import copy
import json
import math
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from appliance.errors import StorageError
from appliance.kiosk.board_file import BoardFile
from appliance.kiosk.display import SHOW_AN_OWN_YEAR, Display, DisplayState, OwnYear, ShownYear

MAX_WAITING_REQUESTS = 100
_ASKED_FOR_S = 20.0

CHOOSE_MEMBER = "choose-member"
"""The request by which an officer picks a roster line (``member``: its number), so that this member's card is read with
the password that the roster keeps. See docs/decisions/0005-the-roster-line-is-chosen-by-an-officer.md."""

TYPE_CAN = "type-can"
"""The request by which somebody at the touch screen types a card's access number (``digits``) for the next tap."""


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
    """One board file. Safe to use from several threads and processes; each call is one short transaction.

    Nothing on it is a record, so a file that is damaged, emptied or gone is made anew. A call waits up to 5 seconds for
    another process that holds the file.
    """

    def __init__(self, path: Path, *, steady_clock: Callable[[], float] = time.monotonic) -> None:
        self._steady_clock = steady_clock
        self._file = BoardFile(path, steady_clock=steady_clock)

    def for_a_door(self) -> "Board":
        """Return the same board for whoever has a card before them, which must not wait for a screen.

        A call waits 0.2 seconds at most for another process; where one failed, those of the next second fail at once.
        """
        board = copy.copy(self)
        board._file = self._file.for_a_door()  # noqa: SLF001 - its own kind
        return board

    def post(self, display: Display) -> int:
        """Show this now on its reader's screen; return its sequence. Another tap takes the last one's year away."""
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
        with self._file.transaction() as connection:
            sequence = _count(connection)
            connection.execute(
                "INSERT OR REPLACE INTO display VALUES (?, ?, ?)",
                (display.reader, sequence, json.dumps(content, ensure_ascii=False)),
            )
            if display.state is not DisplayState.READY:
                connection.execute("DELETE FROM own_year WHERE reader = ?", (display.reader,))
        return sequence

    def post_own_year(self, reader: str, year: OwnYear, *, at: datetime) -> None:
        """Show a member's year beside the answer to their tap; nothing where that answer is no longer shown."""
        content = {"of": [*astuple(year)], "at": at.isoformat(), "posted": self._steady_clock()}
        with self._file.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO own_year SELECT reader, ?, ? FROM display"
                " WHERE reader = ? AND json_extract(content, '$.state') IN (SELECT value FROM json_each(?))",
                (_count(connection), json.dumps(content), reader, json.dumps(sorted(SHOW_AN_OWN_YEAR))),
            )

    def forget_own_year(self, year: ShownYear) -> None:
        """Take a year off the board, unless another one stands there by now."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM own_year WHERE sequence = ?", (year.sequence,))

    def forget_displays(self) -> None:
        """Take off whatever an earlier station showed, on readers that may be gone for good."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM display")
            connection.execute("DELETE FROM own_year")
            connection.execute("DELETE FROM alive")
            _count(connection)

    def tell_alive(self, reader: str) -> bool:
        """Say that the station serves; return whether the board still has what this reader shows."""
        with self._file.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO alive VALUES (1, ?)", (self._steady_clock(),))
            return connection.execute("SELECT 1 FROM display WHERE reader = ?", (reader,)).fetchone() is not None

    def silent_for(self) -> float | None:
        """Return for how many seconds no station said that it serves; ``None`` where none ever did, or it ended."""
        with self._file.transaction() as connection:
            row = connection.execute("SELECT said FROM alive").fetchone()
        return None if row is None else self._age(row[0])

    def latest(self, reader: str | None = None) -> Display | None:
        """Return what is shown on a reader's screen, or the newest of all; ``None`` where nothing was shown yet."""
        shown = [display for display in self.displays() if reader in {None, display.reader}]
        return max(shown, key=lambda display: display.sequence, default=None)

    def displays(self) -> list[Display]:
        """Return what is shown on the screen of each reader, in the order of their names."""
        with self._file.transaction() as connection:
            rows = connection.execute(
                "SELECT display.reader, display.sequence, display.content, own_year.sequence, own_year.content"
                " FROM display LEFT JOIN own_year USING (reader) ORDER BY display.reader"
            ).fetchall()
        return [self._display(*row) for row in rows]

    def _display(
        self, reader: str, sequence: int, content: str, year_sequence: int, year_content: str | None
    ) -> Display:
        told = json.loads(content)
        return Display(
            state=DisplayState(told["state"]),
            vi=told["vi"],
            en=told["en"],
            at=datetime.fromisoformat(told["at"]),
            reader=reader,
            name=told["name"],
            detail_vi=told["detail_vi"],
            detail_en=told["detail_en"],
            sequence=sequence,
            age_seconds=self._age(told["posted"]),
            own_year=None if year_content is None else self._year(year_sequence, json.loads(year_content)),
        )

    def _year(self, sequence: int, told: Mapping[str, Any]) -> ShownYear:
        at = datetime.fromisoformat(told["at"])
        return ShownYear(OwnYear(*told["of"]), at, sequence, self._age(told["posted"]))

    def _age(self, posted: float) -> float:
        age = self._steady_clock() - posted
        return age if age >= 0 else math.inf

    def tell_lists(self, lists: StationLists) -> None:
        """Say which lists cards are checked against from now on."""
        issued = None if lists.issued is None else lists.issued.isoformat()
        content = json.dumps([issued, lists.timestamp, lists.card_status, lists.content])
        with self._file.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO lists VALUES (1, ?)", (content,))
            _count(connection)

    def station_lists(self) -> StationLists | None:
        """Return which lists the station said that it uses; ``None`` where none said so since the board was made."""
        with self._file.transaction() as connection:
            row = connection.execute("SELECT content FROM lists").fetchone()
        if row is None:
            return None
        issued, timestamp, card_status, content = json.loads(row[0])
        at = None if issued is None else datetime.fromisoformat(issued)
        return StationLists(at, timestamp, card_status, content)

    def request(self, kind: str, payload: Mapping[str, str], *, reader: str = "") -> int:
        """Ask something of a reader's station; of the first one unless named. Return the request's id.

        Raises ``StorageError`` when too many wait.
        """
        with self._file.transaction() as connection:
            (waiting,) = connection.execute("SELECT count(*) FROM asked").fetchone()
            if waiting >= MAX_WAITING_REQUESTS:
                msg = "the station does not answer; too many requests are waiting for it"
                raise StorageError(msg)
            cursor = connection.execute(
                "INSERT INTO asked (reader, kind, payload, posted) VALUES (?, ?, ?, ?)",
                (reader, kind, json.dumps(dict(payload)), self._steady_clock()),
            )
            _count(connection)
            return cursor.lastrowid or 0

    def take_requests(self, *readers: str) -> list[Request]:
        """Take off the board what waits for these readers, oldest first; "" is whoever is first, no name is all.

        What has waited for longer than 20 seconds is dropped: whoever asked while no station ran has left by now.
        """
        wanted = json.dumps(readers)
        with self._file.transaction() as connection:
            rows = connection.execute(
                "DELETE FROM asked WHERE ?1 = '[]' OR reader IN (SELECT value FROM json_each(?1))"
                " RETURNING id, kind, payload, posted",
                (wanted,),
            ).fetchall()
        now = self._steady_clock()
        recent = sorted(row for row in rows if 0 <= now - row[3] <= _ASKED_FOR_S)
        return [Request(number, kind, json.loads(payload)) for number, kind, payload, _ in recent]

    def lay_out(self, cards: list[TrayCard]) -> None:
        """Replace the demo's tray of virtual cards."""
        with self._file.transaction() as connection:
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
        with self._file.transaction() as connection:
            rows = connection.execute("SELECT content FROM tray ORDER BY position").fetchall()
        return [TrayCard(*json.loads(content)) for (content,) in rows]

    def version(self) -> int:
        """Return a number that rises whenever a display, a request or the tray was put on the board."""
        with self._file.transaction() as connection:
            (value,) = connection.execute("SELECT value FROM counter WHERE name = 'version'").fetchone()
        return int(value)


def _count(connection: sqlite3.Connection) -> int:
    (value,) = connection.execute(
        "UPDATE counter SET value = value + 1 WHERE name = 'version' RETURNING value"
    ).fetchone()
    return int(value)
