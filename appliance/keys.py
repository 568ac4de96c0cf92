"""Keys: the three secrets of one appliance, as files that only their owner reads.

They are made together or not at all: a set is written into a fresh folder, which is then renamed into place. So a
missing file is always a *lost* key, never an unfinished first start. Without a TPM a thief of the board has them; see
docs/ledger.md for what follows from that.
"""

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.errors import KeyDamaged, KeyExposed, KeyFileError, KeyLost

KEY_LENGTH = 32
_LONGEST_READ = 1024
_SET = "appliance"
_NAMES = ("device.key", "roster.key", "sealing.key")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one appliance; each is 32 bytes in its file.

    ``device`` signs the ledger, ``roster`` keys the hashes of card and personal numbers (HMAC-SHA256), ``sealing``
    encrypts passwords at rest (AES-256-GCM).
    """

    device: Ed25519PrivateKey = field(repr=False)
    roster: bytes = field(repr=False)
    sealing: bytes = field(repr=False)

    @property
    def device_public(self) -> Ed25519PublicKey:
        """The public half, with which anybody can verify the ledger."""
        return self.device.public_key()

    @classmethod
    def load_or_create(cls, directory: Path, *, random: Callable[[int], bytes] = secrets.token_bytes) -> "Keys":
        """Read the set in ``directory``, or make one where there is none.

        Raises KeyLost, KeyDamaged or KeyExposed for a set that is there but unusable: it is never replaced in silence.
        """
        folder = directory / _SET
        try:
            if not folder.is_dir():
                _create(folder, random)
            device, roster, sealing = (_read(folder / name) for name in _NAMES)
        except OSError as error:
            msg = f"the key folder {folder} cannot be used: {error.strerror}"
            raise KeyFileError(msg) from error
        return cls(device=Ed25519PrivateKey.from_private_bytes(device), roster=roster, sealing=sealing)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 so that a power cut leaves the old one or the new one, whole."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    fsync_directory(path.parent)


def fsync_directory(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _create(folder: Path, random: Callable[[int], bytes]) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        for name in _NAMES:
            write_atomically(fresh / name, random(KEY_LENGTH))
        fresh.rename(folder)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not folder.is_dir():  # else the other process of this appliance was first, and its set counts
            raise
    fsync_directory(folder.parent)


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


def _read(path: Path) -> bytes:
    content = read_secret(path)
    if len(content) != KEY_LENGTH:
        msg = f"the key file {path.name} holds {len(content)} bytes instead of {KEY_LENGTH}"
        raise KeyDamaged(msg)
    return content
