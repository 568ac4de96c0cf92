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
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from appliance.backup.container import open_container
from appliance.backup.contents import KEYS, MANIFEST, SETTINGS, STORE, is_portable, place_of
from appliance.backup.manifest import Manifest
from appliance.backup.scratch import scratch_folder
from appliance.config import Config
from appliance.errors import BackupDamaged, BackupError, ConfigError, KeyDamaged, KeyLost, StateNotEmpty
from appliance.keys import KEY_LENGTH, Keys, fsync_directory
from appliance.keys.key_set import FOLDER, NAMES
from appliance.ledger import Ledger, LedgerVerdict
from appliance.lists.folder import discard, force_out
from appliance.roster import RosterService
from appliance.storage.database import Database

_LONGEST_MANIFEST: Final = 65_536
_LONGEST_KEYS: Final = 1_048_576
"""Of all files of keys together, in bytes."""
_DEVICE_KEY: Final = f"{KEYS}/{FOLDER}/{NAMES[0]}"
_NEEDED: Final = (MANIFEST, STORE, SETTINGS, _DEVICE_KEY)
_LEFT_BY_SQLITE: Final = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Examined:
    """A backup that is whole: what it says of itself, what the ledger's verification found, members and settings.

    ``config`` is None where this machine, or this release, refuses the settings: they are put right once restored.
    """

    manifest: Manifest
    verdict: LedgerVerdict
    members: int
    config: Config | None


def check_backup(file: Path, passphrase: str, *, scratch: Path | None = None) -> Examined:
    """Unpack a backup into a temporary folder in ``scratch``, examine it there and delete it.

    Its keys stay in memory, so that a check that is cut off leaves none of them behind.

    Raises ``BackupNotOurs``, ``BackupPassphraseWrong``, ``BackupDamaged``, ``BackupError`` where there is no room for
    it, and what store and keys say of themselves.
    """
    with _as_backup_trouble(), scratch_folder(scratch) as folder:
        unpacked = _Unpacked(folder, keys={})
        unpacked.take(file, passphrase)
        return _examined(folder, unpacked.opened_keys())


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
            _Unpacked(folder).take(file, passphrase)
            examined = _examined(folder, Keys.load_or_create(folder / KEYS))
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


@dataclass(slots=True)
class _Unpacked:
    """What is taken out of a backup: into ``folder``, its keys into memory where ``keys`` is given."""

    folder: Path
    keys: dict[str, bytes] | None = field(default=None, repr=False)

    def take(self, file: Path, passphrase: str) -> None:
        self._require_room(file.stat().st_size)
        with file.open("rb") as opened, open_container(opened, passphrase) as archive:
            for member in archive:
                self._member(archive, member)
        for name in _NEEDED:
            if name not in (self.keys or ()) and not (self.folder / name).is_file():
                msg = f"the backup holds no {name}; it is no whole appliance"
                raise BackupDamaged(msg)

    def opened_keys(self) -> Keys:
        """Return the appliance's keys out of memory; as ``Keys.load_or_create``."""
        secrets = [(name, (self.keys or {}).get(f"{KEYS}/{FOLDER}/{name}")) for name in NAMES]
        for name, secret in secrets:
            if secret is None:
                msg = f"the key file {name} is missing in the backup beside the others of its set"
                raise KeyLost(msg)
            if len(secret) != KEY_LENGTH:
                msg = f"the key file {name} in the backup holds {len(secret)} bytes instead of {KEY_LENGTH}"
                raise KeyDamaged(msg)
        return Keys.of(tuple(secret for _, secret in secrets if secret is not None))

    def _require_room(self, needed: int) -> None:
        """Nothing in it is compressed, and nothing sparse is taken: what comes out is no longer than the file."""
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            where = self.folder.parent
            msg = f"the backup needs {-(-needed // 1_000_000)} MB, and {where} has {free // 1_000_000} MB left"
            raise BackupError(msg)

    def _member(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        place = place_of(member.name)
        content = archive.extractfile(member) if member.isreg() and not member.issparse() else None
        if content is None:
            msg = "the backup holds something else than files; it was not made by this program"
            raise BackupDamaged(msg)
        if self.keys is not None and place.parts[0] == KEYS:
            self._remember(self.keys, member, content)
            return
        path = self.folder / place
        for parent in reversed(path.relative_to(self.folder).parents[:-1]):
            (self.folder / parent).mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            shutil.copyfileobj(content, target)

    @staticmethod
    def _remember(keys: dict[str, bytes], member: tarfile.TarInfo, content: IO[bytes]) -> None:
        if member.name in keys or sum(map(len, keys.values())) + member.size > _LONGEST_KEYS:
            msg = "the backup holds keys that no appliance has; it was not made by this program"
            raise BackupDamaged(msg)
        keys[member.name] = content.read()


def _examined(folder: Path, keys: Keys) -> Examined:
    """Bring the store up to this release, and look whether everything fits together."""
    with (folder / MANIFEST).open("rb") as file:
        manifest = Manifest.decode(file.read(_LONGEST_MANIFEST))
    (folder / MANIFEST).unlink()
    if manifest.device != keys.device_public.public_bytes_raw().hex():
        msg = "the backup says that it is of another appliance than its keys are"
        raise BackupDamaged(msg)
    if not is_portable(folder / SETTINGS):
        msg = "the settings in the backup cannot be read, or name a directory; it was not made by this program"
        raise BackupDamaged(msg)
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
    return Examined(manifest, verdict, members, _config_of(folder / SETTINGS))


def _config_of(settings: Path) -> Config | None:
    try:
        return Config.load(settings)
    except ConfigError:
        return None


@contextmanager
def _as_backup_trouble() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        msg = f"the backup cannot be unpacked: {where}{error.strerror or 'reading or writing failed'}"
        raise BackupError(msg) from error
