"""The file in which the processes of one appliance remember the time together.

It is replaced, never written into, so that a power cut leaves the old one or the new one. Whoever changes it holds the
lock beside it and begins with what lies there, so that of two processes none takes back what the other knows.
"""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from appliance.clock.memory import EventKind, Memory
from appliance.clock.memory_format import decode_memory, encode_memory
from appliance.errors import ClockError
from appliance.keys import write_atomically

LONGEST_FILE: Final = 1 << 16
_PATIENCE_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.01

_Fingerprint = tuple[int, int, int, int]


class MemoryFile:
    """One file and what this process knows of it. Not for several threads at once: ``TrustedClock`` has a lock.

    ``boot_id`` is that of the machine's present start.
    """

    def __init__(self, path: Path, boot_id: str) -> None:
        self._path = path
        self._boot_id = boot_id
        self._seen: _Fingerprint | None = None
        self.known = Memory()
        self.lost: EventKind | None = None
        """Why the file tells nothing; ``None`` while it does."""
        self.look()

    def look(self) -> Memory:
        """Return all that is known, after a look whether another process knows more."""
        try:
            fingerprint = _fingerprint(self._path)
            if fingerprint != self._seen:
                self.known = _read(self._path).merged(self.known, self._boot_id)
                self._seen, self.lost = fingerprint, None
        except FileNotFoundError:
            self._seen, self.lost = None, EventKind.FILE_MISSING
        except (OSError, ClockError):
            self._seen, self.lost = None, EventKind.FILE_DAMAGED
        return self.known

    def change(self, how: Callable[[Memory], Memory]) -> Memory:
        """Change what is remembered, durably; ``how`` is given the newest of it.

        Raises ``OSError`` where that fails or another process holds the lock; then nothing is changed.
        """
        with _locked(self._path.with_name(f"{self._path.stem}.lock")):
            changed = how(self.look())
            write_atomically(self._path, encode_memory(changed))
            self.known, self.lost = changed, None
            self._seen = _fingerprint(self._path)
        return changed

    def change_here(self, how: Callable[[Memory], Memory]) -> Memory:
        """Change what this process knows, and leave the file."""
        self.known = how(self.known)
        return self.known


def _fingerprint(path: Path) -> _Fingerprint:
    """Enough to notice that the file is another one; raises ``OSError``."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read(path: Path) -> Memory:
    """Read a regular file of bounded length; to open a pipe would be to wait for whoever writes into it."""
    if not stat.S_ISREG(path.stat().st_mode):
        msg = "the clock's file is no regular file"
        raise ClockError(msg)
    with path.open("rb") as file:
        return decode_memory(file.read(LONGEST_FILE))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not _got(descriptor):
            if time.monotonic() > until:
                raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK), str(path))
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _got(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
