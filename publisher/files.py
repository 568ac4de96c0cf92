"""Files that survive a power cut: written beside, forced out, renamed into place. And a lock for the whole desk."""

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher.errors import DeskBusy, DeskError

PUBLIC_MODE = 0o644
SECRET_MODE = 0o600
_PIECE = 1 << 20


def write_durably(path: Path, content: bytes, *, mode: int = PUBLIC_MODE) -> None:
    """Write a file so that a power cut leaves the old one or the new one, whole. Raises ``OSError``."""
    with _replacing(path, mode) as temporary:
        temporary.write_bytes(content)


def copy_durably(source: Path, target: Path) -> None:
    """Copy a file as ``write_durably`` writes one. Raises ``OSError``."""
    with _replacing(target, PUBLIC_MODE) as temporary:
        shutil.copyfile(source, temporary)


@contextmanager
def _replacing(path: Path, mode: int) -> Iterator[Path]:
    make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:64]}.", dir=path.parent)
    temporary = Path(name)
    try:
        yield temporary
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
        temporary.replace(path)
    finally:
        os.close(descriptor)
        temporary.unlink(missing_ok=True)
    fsync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, durably; one that is there stays as it is."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    fsync_folder(path.parent)


def fsync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_regular(path: Path, longest: int) -> bytes:
    """Read a regular file of bounded length that is no symbolic link.

    Raises ``OSError``: ``ELOOP`` for a link, ``EINVAL`` for a pipe, a folder or a device, ``EFBIG`` for a longer file.
    """
    with open_regular(path) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
        content = file.read(longest + 1)
    if len(content) > longest:
        raise OSError(errno.EFBIG, f"it is longer than {longest} bytes", str(path))
    return content


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a regular file piece by piece, 1 MiB at most. Raises ``OSError`` as ``read_regular`` does."""
    with open_regular(path) as descriptor:
        while piece := os.read(descriptor, _PIECE):
            yield piece


@contextmanager
def open_regular(path: Path) -> Iterator[int]:
    """Open a regular file that is no symbolic link, without waiting for whoever writes into a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process. Raises ``DeskBusy`` where another holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, SECRET_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        msg = "another thechip-lists works at this desk; wait until it is done"
        raise DeskBusy(msg) from error
    except OSError as error:
        os.close(descriptor)
        msg = f"the desk's lock cannot be taken: {error.strerror}"
        raise DeskError(msg) from error
    try:
        yield
    finally:
        os.close(descriptor)
