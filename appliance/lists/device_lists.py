"""The lists of a device: what somebody placed by hand until a root is pinned, and from then on the signed ones.

A root may be pinned while the station runs, on the page for example; it looks between two taps, as for newer lists.
"""

from collections.abc import Callable
from datetime import datetime

from appliance.errors import ApplianceError
from appliance.lists.folder import ListsFolder
from appliance.lists.in_use import Lists, ListStore


class DeviceLists:
    """A ``ListStore`` that changes over once. ``by_hand`` and ``signed`` open the one and the other."""

    def __init__(
        self, folder: ListsFolder, *, by_hand: Callable[[], ListStore], signed: Callable[[], ListStore]
    ) -> None:
        self._folder = folder
        self._signed = signed
        self._is_signed = folder.is_set_up
        self._store = signed() if self._is_signed else by_hand()

    @property
    def problem(self) -> ApplianceError | None:
        """Why lists that lie there are not used."""
        return self._store.problem

    @property
    def in_use(self) -> Lists:
        """What the last look found; nothing is read."""
        return self._store.in_use

    def current(self) -> Lists:
        """Return what is in use, after a look whether a root was pinned and whether there is something newer."""
        if not self._is_signed and self._folder.is_set_up:
            self._is_signed = True
            self._store = self._signed()
        return self._store.current()

    def summary(self, *, at: datetime) -> str:
        """Return in one line what is in use, how old it is, and what fails."""
        self.current()
        return self._store.summary(at=at)

    def close(self) -> None:
        """Let go of the files."""
        self._store.close()
