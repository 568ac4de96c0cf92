"""Files that only their owner reads, written so that a power cut leaves the old one or the new one, whole."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from appliance.errors import KeyDamaged, KeyExposed, KeyFileError, KeyLost

KEY_LENGTH = 32
_LONGEST_READ = 1024
_NO_HARD_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS))
"""What file systems without them answer: FAT and exFAT the first, others behind FUSE the others."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 so that a power cut leaves the old one or the new one, whole."""
    temporary = _written_beside(path, content)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    fsync_directory(path.parent)


def write_once(path: Path, content: bytes) -> bool:
    """Write a file of mode 0600, durably, unless there is one; tell whether this process was the first.

    It appears whole, in one step. Only where there are no hard links, as on the FAT and exFAT of a stick, a power cut
    may leave an empty one, which is no key.
    """
    temporary = _written_beside(path, content)
    try:
        _put_in_place(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    fsync_directory(path.parent)
    return True


def fsync_directory(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_all(folder: Path, patterns: Iterable[str]) -> None:
    """Delete, durably, what fits these patterns: secrets that an older release or a broken-off start left in plain.

    Raises KeyFileError where that fails.
    """
    try:
        found = [path for pattern in patterns for path in folder.glob(pattern)]
        for path in found:
            path.unlink(missing_ok=True)
        if found:
            fsync_directory(folder)
    except OSError as error:
        msg = f"the key folder {folder} cannot be used: {error.strerror}"
        raise KeyFileError(msg) from error


def read_regular(path: Path, length: int) -> bytes:
    """Return the first bytes of a regular file; ``OSError`` for anything else, a pipe too, which would never answer."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(length)
    finally:
        os.close(descriptor)


def read_secret(path: Path) -> bytes:
    """Return what is in a key file, up to 1,024 bytes.

    Raises KeyLost where it is missing, KeyDamaged where it is no regular file, KeyExposed where others may read it.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            msg = f"the key file {path.name} is no regular file"
            raise KeyDamaged(msg)
        with path.open("rb") as file:
            content = file.read(_LONGEST_READ)
    except FileNotFoundError as error:
        msg = f"the key file {path.name} is missing beside the others of its set; restore it from the backup"
        raise KeyLost(msg) from error
    if status.st_mode & 0o077:
        msg = f"others may read the key file {path.name}; its mode must be 0600"
        raise KeyExposed(msg)
    return content


def read_key(path: Path) -> bytes:
    """Return a key of 32 bytes; as ``read_secret``, and KeyDamaged for another length."""
    content = read_secret(path)
    if len(content) != KEY_LENGTH:
        msg = f"the key file {path.name} holds {len(content)} bytes instead of {KEY_LENGTH}"
        raise KeyDamaged(msg)
    return content


def _put_in_place(temporary: Path, path: Path) -> None:
    """Give a whole file its name; FileExistsError where that is taken."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # of two processes one has the name
        try:
            temporary.replace(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _written_beside(path: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
