"""A small file that is there as a whole or not at all: what is kept beside lists, to spare the work of reading them."""

import errno
import os
import stat
from pathlib import Path
from threading import get_ident


def write_whole_file(path: Path, content: bytes) -> None:
    """Write a file of mode 0644 in one step, in the place of none or of a file: never of a device. Raises ``OSError``.

    It is not forced out: after a power cut it may be damaged, so whoever reads it must notice.
    """
    try:
        if path.exists() and not path.is_file():
            raise FileExistsError(errno.EEXIST, "something else than a file is there", str(path))
        _replace(path, content)
    except ValueError as error:
        raise OSError(errno.EINVAL, "there can be no file of this name", str(path)) from error


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.new")
    try:
        temporary.unlink(missing_ok=True)  # left by a process that a power cut ended, or laid there for us to follow
        with temporary.open("xb") as file:
            file.write(content)
        temporary.chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
