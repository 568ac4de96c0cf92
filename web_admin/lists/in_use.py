"""How old the lists in use are, at the cost of two looks at the file system: the kiosk asks four times a second."""

import threading
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.config import Config
from appliance.errors import ApplianceError
from appliance.lists.folder import ListsFolder
from appliance.lists.freshness import FreshnessPolicy, ListsAge
from appliance.lists.opening import read_bounded
from appliance.lists.sealed_set import current_set
from verifier.sdk import CardStatusList
from verifier.sdk.errors import VerifierError

_LONGEST_KEY: Final = 1024


@dataclass(frozen=True, slots=True)
class _Known:
    """Which lists there are; a moment makes an age of it."""

    issued: datetime | None = None
    timestamp: int | None = None
    card_status: int | None = None
    content: str | None = None


class ListsInUse:
    """Knows which lists there are, as the station does: signed ones once a root is pinned, till then placed by hand.

    They are read when the link to the set, or the hand-placed files, changed. Lists that cannot be read leave the last
    ones: so does the station. Safe for several threads.
    """

    def __init__(self, config: Config) -> None:
        self._folder = ListsFolder(config.lists_directory)
        self._list_path, self._key_path = config.card_status_path, config.card_status_key_path
        self._policy = FreshnessPolicy(config.lists.green_days, config.lists.amber_days)
        self._lock = threading.Lock()
        self._seen: Hashable = None
        self._known = _Known()

    def age(self, at: datetime) -> ListsAge:
        """Return which lists are in use, and how old they are."""
        with self._lock:
            self._look()
            known = self._known
        return ListsAge.at(
            at,
            self._policy,
            issued=known.issued,
            timestamp=known.timestamp,
            card_status=known.card_status,
            content=known.content,
        )

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

    def _signed(self) -> _Known:
        found = current_set(self._folder)
        if found is None:
            return _Known()
        return _Known(found.issued, found.timestamp_version, found.card_status_sequence, found.content)

    def _placed_by_hand(self) -> _Known:
        if not (self._list_path.is_file() and self._key_path.is_file()):
            return _Known()
        key = CardStatusList.issuer_key(read_bounded(self._key_path, _LONGEST_KEY))
        with CardStatusList.open(self._list_path, key) as found:
            return _Known(issued=found.issued_at, card_status=found.sequence)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_ino, status.st_ctime_ns
