"""Lists that several doors use at once: exchanged only while no card is being verified against them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import RLock

from appliance.errors import ApplianceError
from appliance.lists.in_use import Lists, ListStore


class SharedLists:
    """A ``ListStore`` for several threads: one of them at a time looks, or verifies.

    A store that takes up newer lists closes the files of the older ones, so nobody may be reading in them.
    """

    def __init__(self, store: ListStore) -> None:
        self._store = store
        self._lock = RLock()

    @contextmanager
    def held(self) -> Iterator[Lists]:
        """Give what the last look found; it stays open as long as the ``with`` block lasts."""
        with self._lock:
            yield self._store.in_use

    @property
    def problem(self) -> ApplianceError | None:
        """Why lists that lie there are not used."""
        return self._store.problem

    @property
    def in_use(self) -> Lists:
        """What the last look found, for its figures; to verify against it, hold it."""
        return self._store.in_use

    def current(self) -> Lists:
        """Return what is in use, after a look whether there is something newer."""
        with self._lock:
            return self._store.current()

    def summary(self, *, at: datetime) -> str:
        """Return in one line what is in use, how old it is, and what fails."""
        with self._lock:
            return self._store.summary(at=at)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._store.close()
