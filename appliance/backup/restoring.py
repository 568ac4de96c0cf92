"""Opening a backup: to see that it is whole, or to go on with it on another appliance.

Everything is unpacked into a folder of its own, brought up to this release and examined there. Only a whole one takes
the place of the state directory, in one rename.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.backup.container import open_container
from appliance.backup.contents import KEYS, MANIFEST, SETTINGS, STORE, place_of
from appliance.backup.manifest import Manifest
from appliance.config import Config
from appliance.errors import BackupDamaged, BackupError, StateNotEmpty
from appliance.keys import Keys, fsync_directory
from appliance.ledger import Ledger, LedgerVerdict
from appliance.lists.folder import discard, force_out
from appliance.roster import RosterService
from appliance.storage.database import Database

_LONGEST_MANIFEST: Final = 65_536
_NEEDED: Final = (MANIFEST, STORE, SETTINGS, f"{KEYS}/appliance/device.key")
_LEFT_BY_SQLITE: Final = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Examined:
    """A backup that is whole: what it says of itself, what the ledger's verification found, members and settings."""

    manifest: Manifest
    verdict: LedgerVerdict
    members: int
    config: Config


def check_backup(file: Path, passphrase: str, *, scratch: Path | None = None) -> Examined:
    """Unpack a backup into a temporary folder in ``scratch``, examine it there and delete it.

    Raises ``BackupNotOurs``, ``BackupPassphraseWrong``, ``BackupDamaged``, ``BackupError`` where there is no room for
    it, and what store and keys say of themselves.
    """
    with _as_backup_trouble(), tempfile.TemporaryDirectory(prefix="thechip-check-", dir=scratch) as folder:
        return _unpacked(file, passphrase, Path(folder))


def restore(file: Path, passphrase: str, state: Path) -> Examined:
    """Make ``state``, which is empty or not there yet, the state directory that the backup was made of.

    Durable and complete when this returns; otherwise ``state`` holds nothing. The owner of an empty folder that is
    there becomes the owner of what is in it. The keys lie unprotected until they are protected on this board. Raises
    ``StateNotEmpty``, and as ``check_backup``.
    """
    with _as_backup_trouble():
        state = state.absolute()
        _require_empty(state)
        state.parent.mkdir(parents=True, exist_ok=True)
        for path in state.parent.glob(f".{state.name}.restore-*"):
            discard(path)  # of a restore that was cut off
        folder = Path(tempfile.mkdtemp(prefix=f".{state.name}.restore-", dir=state.parent))
        try:
            examined = _unpacked(file, passphrase, folder)
            _give_to_owner_of(state, folder)
            force_out(folder)
            folder = folder.rename(state)
            fsync_directory(state.parent)  # without which it may be gone after a power cut, and was then never restored
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return examined


def _require_empty(state: Path) -> None:
    if state.is_mount():
        msg = f"{state} is a mount point, in whose place nothing can be put; name a directory inside it"
        raise BackupError(msg)
    if state.exists() and (not state.is_dir() or any(state.iterdir())):
        msg = f"{state} is not empty; a backup is never restored over what is kept"
        raise StateNotEmpty(msg)


def _give_to_owner_of(state: Path, folder: Path) -> None:
    if not state.exists() or os.geteuid() != 0:
        return
    owner = state.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def _unpacked(file: Path, passphrase: str, folder: Path) -> Examined:
    with file.open("rb") as opened, open_container(opened, passphrase) as archive:
        for member in archive:
            _unpack(archive, member, folder)
    for name in _NEEDED:
        if not (folder / name).is_file():
            msg = f"the backup holds no {name}; it is no whole appliance"
            raise BackupDamaged(msg)
    return _examined(folder)


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    path = folder / place_of(member.name)
    content = archive.extractfile(member) if member.isfile() else None
    if content is None:
        msg = "the backup holds something else than files; it was not made by this program"
        raise BackupDamaged(msg)
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        (folder / parent).mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        shutil.copyfileobj(content, target)


def _examined(folder: Path) -> Examined:
    """Bring the store up to this release, and look whether everything fits together."""
    with (folder / MANIFEST).open("rb") as file:
        manifest = Manifest.decode(file.read(_LONGEST_MANIFEST))
    (folder / MANIFEST).unlink()
    config = Config.load(folder / SETTINGS)
    keys = Keys.load_or_create(folder / KEYS)
    with closing(Database(folder / STORE)) as database:
        database.upgrade(keys)
        verdict = Ledger(database, keys).verify()
        if not verdict.ok:
            msg = f"the backup opens, and its ledger is not what was recorded: {verdict.sentence}"
            raise BackupDamaged(msg)
        members = len(RosterService(database, keys).members())
        database.forget()
    for ending in _LEFT_BY_SQLITE:
        (folder / f"{STORE}{ending}").unlink(missing_ok=True)
    return Examined(manifest, verdict, members, config)


@contextmanager
def _as_backup_trouble() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        msg = f"the backup cannot be unpacked: {where}{error.strerror or 'reading or writing failed'}"
        raise BackupError(msg) from error
