"""Where a backup is unpacked to be looked at: a folder that is deleted again, at the latest by the next check."""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PREFIX: Final = "thechip-check-"
_OF_A_PROCESS: Final = re.compile(rf"{_PREFIX}([0-9]{{1,10}})-.+")


@contextmanager
def scratch_folder(place: Path | None) -> Iterator[Path]:
    """Give a fresh folder in ``place``, or where temporary files are; those of processes that ended are deleted."""
    parent = Path(tempfile.gettempdir()) if place is None else place
    for path in parent.glob(f"{_PREFIX}*"):
        if _is_left_over(path):
            shutil.rmtree(path, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_left_over(path: Path) -> bool:
    """Tell whether it is ours and nobody's any more; earlier releases did not say in the name whose it is."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return False
    named = _OF_A_PROCESS.fullmatch(path.name)
    return named is None or not _runs(int(named[1]))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True
