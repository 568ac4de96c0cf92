"""Making a backup, while the station runs and taps are recorded.

The copy of the store is made in the state directory, where the store itself lies, and leaves for the stick encrypted.
On the stick it has a name of its own until the last byte is durable: a stick that is pulled or full keeps its older
backups and no half of a new one that could be taken for a whole.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from appliance.backup.container import new_identity, write_container
from appliance.backup.contents import (
    CHECKPOINT,
    MANIFEST,
    SETTINGS,
    STORE,
    files_beside_the_store,
    key_files,
    portable_settings,
)
from appliance.backup.manifest import Manifest
from appliance.backup.snapshot import copy_store
from appliance.backup.tape import Part
from appliance.config import Config
from appliance.errors import BackupNotWritten
from appliance.keys import Keys, fsync_directory
from appliance.lists.folder import discard

ENDING: Final = ".backup"
_UNFINISHED: Final = ".unfinished-"
_STAGING: Final = ".backup-"
_SENTENCES: Final = {
    errno.ENOSPC: "no room is left there",
    errno.EDQUOT: "no room is left there",
    errno.EFBIG: "files there may not be that long; use a stick with another file system (exFAT, ext4)",
    errno.EROFS: "it can only be read; mount it for writing",
    errno.EIO: "it went away, or is broken",
    errno.ENODEV: "it went away, or is broken",
    errno.EACCES: "this user may not write there",
}


class Progress(Protocol):
    """Told how far a step has come: what is done, and how much of how much."""

    def __call__(self, what: str, done: int, total: int, /) -> None:
        """Take note."""
        ...


def untold(what: str, done: int, total: int, /) -> None:
    """Take no note."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: where it lies, and how many bytes it has."""

    path: Path
    size: int


def make_backup(
    config: Config,
    keys: Keys,
    settings: Path,
    target: Path,
    passphrase: str,
    *,
    at: datetime,
    progress: Progress = untold,
    generate: Callable[[], Any] = new_identity,
) -> Backup:
    """Write a backup to ``target``: a new file, or a folder, where it is named by ``at``; durable when this returns.

    ``keys`` are those of the appliance, opened; ``settings`` is the file that ``config`` was read from. Nothing of the
    appliance is changed, so that it is also the step before an upgrade. Raises ``BackupNotWritten``, ``ConfigError``
    for settings that cannot be carried elsewhere, ``NotFound`` or a ``StorageError`` for the store; then nothing is
    left.
    """
    target = target / f"thechip-{at:%Y%m%d-%H%M%S}{ENDING}" if target.is_dir() else target
    with _as_backup_trouble():
        if target.exists():
            msg = f"there is a file {target.name} already; it is not overwritten"
            raise BackupNotWritten(msg)
        _require_room(target.parent, _size_of(config))
        with _staging(config.state_directory) as folder:
            copy = folder / STORE
            manifest = Manifest(at, keys.device_public.public_bytes_raw().hex(), metadata.version("thechip"))
            parts = [Part(MANIFEST, manifest.encode()), Part(SETTINGS, portable_settings(settings))]
            parts += _checkpoint(config)  # read before the store, which so is never behind it
            copy_store(config.database_path, copy, progress=lambda done, total: progress("store", done, total))
            parts += [Part(name, content) for name, content in key_files(keys)]
            parts += [Part(name, path) for name, path in files_beside_the_store(config)]
            return Backup(target, _write(target, [*parts, Part(STORE, copy)], passphrase, progress, generate))


def _checkpoint(config: Config) -> list[Part]:
    checkpoint = config.database_path.with_name(CHECKPOINT)
    return [Part(CHECKPOINT, checkpoint.read_bytes())] if checkpoint.is_file() else []


@dataclass
class _Written:
    """A file that says how much of it was written."""

    file: BinaryIO
    total: int
    progress: Progress
    done: int = field(default=0, init=False)

    def write(self, content: bytes) -> int:
        self.file.write(content)
        self.done += len(content)
        self.progress("backup", min(self.done, self.total), self.total)
        return len(content)

    def flush(self) -> None:
        self.file.flush()

    def tell(self) -> int:
        return self.file.tell()

    def seek(self, position: int) -> int:
        return self.file.seek(position)


def _write(target: Path, parts: list[Part], passphrase: str, progress: Progress, generate: Callable[[], Any]) -> int:
    for path in target.parent.glob(f"{_UNFINISHED}*{ENDING}"):
        discard(path)  # of a backup that was cut off
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, suffix=ENDING, dir=target.parent)
    unfinished = Path(name)
    total = sum(part.content.stat().st_size if isinstance(part.content, Path) else len(part.content) for part in parts)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write_container(_Written(file, total, progress), parts, passphrase, generate=generate)
            file.flush()
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
        unfinished = unfinished.rename(target)
        fsync_directory(target.parent)  # without which it may be gone after a power cut, and was then never made
    except BaseException:
        with suppress(OSError):  # the stick may be gone
            unfinished.unlink(missing_ok=True)
        raise
    return size


@contextmanager
def _staging(state_directory: Path) -> Iterator[Path]:
    """Give a folder beside the store for its copy, which is as much protected there as the store itself."""
    for path in state_directory.glob(f"{_STAGING}*"):
        discard(path)
    folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=state_directory))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _size_of(config: Config) -> int:
    beside = [path for _, path in files_beside_the_store(config)]
    return sum(path.stat().st_size for path in (config.database_path, *beside) if path.is_file())


def _require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        msg = f"the backup needs {_megabytes(needed)} MB, and {folder} has {_megabytes(free)} MB left"
        raise BackupNotWritten(msg)


def _megabytes(size: int) -> int:
    return -(-size // 1_000_000)


@contextmanager
def _as_backup_trouble() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = _SENTENCES.get(error.errno or 0, error.strerror or "it cannot be written")
        msg = f"the backup could not be written: {why}; nothing was left half done"
        raise BackupNotWritten(msg) from error
