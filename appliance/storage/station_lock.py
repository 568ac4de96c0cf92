"""One station for each state directory: a lock that the kernel lets go of when its process ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import StationRuns, StorageUnreachable

LOCK_FILE = "station.lock"


@contextmanager
def only_station(state_directory: Path) -> Iterator[None]:
    """Be the one station of a directory, which is made where it is missing, for as long as the ``with`` block lasts.

    The file stays behind and means nothing by itself. Raises ``StationRuns`` while another process holds it, and
    ``StorageUnreachable`` where it cannot be made.
    """
    try:
        state_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(state_directory / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        msg = f"the directory {state_directory} cannot be made: {error.strerror}"
        raise StorageUnreachable(msg) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _runs(os.pread(descriptor, 20, 0)) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(descriptor)


def refuse_while_station_runs(state_directory: Path) -> None:
    """Raise ``StationRuns`` while a station serves this directory. Makes no file, and locks nobody out."""
    try:
        descriptor = os.open(state_directory / LOCK_FILE, os.O_RDONLY)
    except OSError:
        return  # no station was ever here, or another user's, which has its devices for itself
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        raise _runs(os.pread(descriptor, 20, 0)) from error
    finally:
        os.close(descriptor)


def _runs(written: bytes) -> StationRuns:
    number = written.strip()
    process = f" (process {number.decode()})" if number.isdigit() else ""
    return StationRuns(f"another station serves this directory{process}")
