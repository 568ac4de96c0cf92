"""Which lists the station uses, at the cost of a look at its board: the kiosk asks four times a second."""

import threading
from collections.abc import Hashable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.config import Config
from appliance.errors import ApplianceError, StorageError
from appliance.kiosk.board import Board, StationLists
from appliance.lists.folder import ListsFolder
from appliance.lists.freshness import FreshnessPolicy, ListsAge
from appliance.lists.opening import read_bounded
from appliance.lists.sealed_set import current_set
from verifier.sdk import CardStatusList
from verifier.sdk.errors import VerifierError

_LONGEST_KEY: Final = 1024


class ListsInUse:
    """Knows which lists cards are checked against, by the station's own word.

    Before it said so it is what it would use: signed lists once a root is pinned, till then those placed by hand. They
    are read when the link to the set, or the hand-placed files, changed; those that cannot be read leave the last ones.
    Safe for several threads.
    """

    def __init__(self, config: Config, board: Board) -> None:
        self._board = board
        self._folder = ListsFolder(config.lists_directory)
        self._list_path, self._key_path = config.card_status_path, config.card_status_key_path
        self._policy = FreshnessPolicy(config.lists.green_days, config.lists.amber_days)
        self._lock = threading.Lock()
        self._seen: Hashable = None
        self._known = StationLists()

    def age(self, at: datetime, *, clock_trusted: bool = True) -> ListsAge:
        """Return which lists are in use, and how old they are; at least, by a clock that is not trusted."""
        known = self._told_by_station() or self._found()
        age = ListsAge.at(
            at,
            self._policy,
            issued=known.issued,
            timestamp=known.timestamp,
            card_status=known.card_status,
            content=known.content,
        )
        return age.by_clock(trusted=clock_trusted)

    def _told_by_station(self) -> StationLists | None:
        try:
            return self._board.station_lists()
        except StorageError:  # its displays are missed by everybody, too
            return None

    def _found(self) -> StationLists:
        with self._lock:
            self._look()
            return self._known

    def _look(self) -> None:
        is_signed = self._folder.is_set_up
        seen: Hashable = self._link() if is_signed else (_stamp(self._list_path), _stamp(self._key_path))
        if seen == self._seen:
            return
        self._seen = seen
        with suppress(ApplianceError, VerifierError, OSError):
            self._known = self._signed() if is_signed else self._placed_by_hand()

    def _link(self) -> str:
        try:
            return str(self._folder.current.readlink())
        except OSError:
            return ""

    def _signed(self) -> StationLists:
        found = current_set(self._folder)
        if found is None:
            return StationLists()
        return StationLists(found.issued, found.timestamp_version, found.card_status_sequence, found.content)

    def _placed_by_hand(self) -> StationLists:
        if not (self._list_path.is_file() and self._key_path.is_file()):
            return StationLists()
        key = CardStatusList.issuer_key(read_bounded(self._key_path, _LONGEST_KEY))
        with CardStatusList.open(self._list_path, key) as found:
            return StationLists(issued=found.issued_at, card_status=found.sequence)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_ino, status.st_ctime_ns
