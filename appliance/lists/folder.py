"""The folder of the lists on the device: where what lies, and how it is made durable.

root.json          the root that was pinned when the device was set up
current            a link to the set in use; to rename it is to switch
sets/00000012/     set.json, and metadata/ as python-tuf verified it for this very set
parts/             immutable: each is named by what is in it, and shared by the sets that hold the same
partial/           downloads under way
lock, wanted, history.jsonl, checked.json
"""

import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.errors import ListsNotSetUp, StorageFull, StorageUnreachable, SyncRuns
from appliance.keys import fsync_directory

UNDER_WAY: Final = ".new-"
"""What a name begins with that means nothing yet; whoever holds the lock may delete it."""
_SEALED: Final = 0o400
_LOCK, _WANTED = "lock", "wanted"
_TRIES: Final = 5
_BETWEEN_TRIES_S: Final = 0.02
_NO_ROOM: Final = frozenset((errno.ENOSPC, errno.EDQUOT))


@dataclass(frozen=True, slots=True)
class ListsFolder:
    """Names only; nothing is read."""

    path: Path

    @property
    def pinned_root(self) -> Path:
        """The first root of trust: TUF metadata."""
        return self.path / "root.json"

    @property
    def current(self) -> Path:
        """The link to the set in use."""
        return self.path / "current"

    @property
    def sets(self) -> Path:
        """The sets, by generation."""
        return self.path / "sets"

    @property
    def parts(self) -> Path:
        """The parts that sets refer to."""
        return self.path / "parts"

    @property
    def partial(self) -> Path:
        """What is being downloaded."""
        return self.path / "partial"

    @property
    def history(self) -> Path:
        """What was tried and what came of it."""
        return self.path / "history.jsonl"

    @property
    def checked(self) -> Path:
        """When the set in use was read the last time, and what was wrong with it."""
        return self.path / "checked.json"

    @property
    def is_set_up(self) -> bool:
        """Whether a root is pinned."""
        return self.pinned_root.exists()

    def read_pinned_root(self, longest: int) -> bytes:
        """Return the pinned root. Raises ``ListsNotSetUp``."""
        try:
            with self.pinned_root.open("rb") as file:
                content = file.read(longest + 1)
        except OSError as error:
            msg = "no root of the signed lists is pinned on this device: thechip-appliance lists pin FILE"
            raise ListsNotSetUp(msg) from error
        if not content or len(content) > longest:
            msg = f"the pinned root {self.pinned_root.name} is empty or too long; pin it anew"
            raise ListsNotSetUp(msg)
        return content

    def make(self) -> None:
        """Make the folders that are lacking. Raises ``StorageUnreachable``."""
        try:
            for folder in (self.path, self.sets, self.parts, self.partial):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.is_set_up:  # what is pinned in a folder is as durable as the folder's own name
                fsync_directory(self.path.parent)
        except OSError as error:
            raise storage_trouble(error) from error

    @contextmanager
    def only_sync(self, *, patience_s: float = 0.0) -> Iterator[None]:
        """Be the one who takes up lists; the kernel lets go when the process ends. Raises ``SyncRuns``.

        With patience, whoever downloads from a mirror is asked to give way.
        """
        self.make()
        descriptor = self._open(_LOCK)
        try:
            self._lock(descriptor, patience_s)
            yield
        finally:
            os.close(descriptor)

    def is_held(self) -> bool:
        """Whether somebody takes up lists at this moment."""
        return self._is_locked(_LOCK)

    def is_wanted(self) -> bool:
        """Whether somebody waits to take up lists."""
        return self._is_locked(_WANTED)

    def _lock(self, descriptor: int, patience_s: float) -> None:
        """Take the lock. Whoever only asks whether it is held holds it for a moment, so one refusal says nothing."""
        if _is_taken(descriptor, _TRIES * _BETWEEN_TRIES_S):
            return
        if patience_s:
            wanted = self._open(_WANTED)
            try:
                if _is_taken(wanted, patience_s) and _is_taken(descriptor, patience_s):
                    return
            finally:
                os.close(wanted)
        msg = "lists are being taken up at this moment; wait until that is done"
        raise SyncRuns(msg)

    def _open(self, name: str) -> int:
        try:
            return os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise storage_trouble(error) from error

    def _is_locked(self, name: str) -> bool:
        try:
            descriptor = os.open(self.path / name, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def clear_leftovers(self) -> None:
        """Delete what a sync left that was cut off; hold the lock."""
        for folder in (self.path, self.sets, self.parts, self.partial):
            for path in folder.glob(f"{UNDER_WAY}*"):
                discard(path)
        for file in (self.history, self.checked):
            for path in self.path.glob(f".{file.name}.*"):  # beside which it was to be written
                discard(path)


def _is_taken(descriptor: int, patience_s: float) -> bool:
    """Try to lock a file, again and again for so long; return whether that succeeded."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_BETWEEN_TRIES_S)
        else:
            return True


def discard(path: Path) -> None:
    """Delete a file or a folder, whatever is in it; nothing of it counts, so what cannot be deleted may stay."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def force_out(folder: Path, *, seal: bool = False) -> None:
    """Make a folder with all that is in it durable; with ``seal`` its files can only be read from then on."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            continue
        if path.is_dir():
            fsync_directory(path)
            continue
        if seal and stat.S_IMODE(path.stat().st_mode) != _SEALED:
            path.chmod(_SEALED)  # only once: it is a change, and an index goes by when its files changed
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    fsync_directory(folder)


def switch(link: Path, target: str) -> None:
    """Let a link point elsewhere, durably, in one step: a power cut leaves the old one or the new one."""
    fresh = link.with_name(f"{UNDER_WAY}{link.name}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    fsync_directory(link.parent)


@contextmanager
def as_storage_trouble() -> Iterator[None]:
    """Raise our error for whatever the storage says inside."""
    try:
        yield
    except OSError as error:
        raise storage_trouble(error) from error


def storage_trouble(error: OSError) -> StorageFull | StorageUnreachable:
    """Return our error for what the storage said."""
    if error.errno in _NO_ROOM:
        return StorageFull("no room is left for new lists; those in use stay in use")
    why = error.strerror or "it cannot be read or written"
    return StorageUnreachable(f"the folder of the lists cannot be used: {why}")
