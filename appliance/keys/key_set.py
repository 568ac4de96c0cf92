"""The three secrets of one appliance, as files that only their owner reads.

They are made together or not at all: a set is written into a fresh folder, which is then renamed into place. So a
missing file is always a *lost* key, never an unfinished first start.
"""

import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.errors import KeyFileError, KeyLocked
from appliance.keys.files import KEY_LENGTH, fsync_directory, read_key, write_atomically

FOLDER = "appliance"
PROTECTED = "appliance.protected"
"""The file that stands in place of the folder once the set is protected; where there are both, the file counts."""
NAMES = ("device.key", "roster.key", "sealing.key")
UNFINISHED = ".new-"
"""What the name of a folder begins with until it holds the whole set."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one appliance, of 32 bytes each.

    ``device`` signs the ledger, ``roster`` keys the hashes of card and personal numbers (HMAC-SHA256), ``sealing``
    encrypts at rest (AES-256-GCM): itself passwords, and by keys that are derived from it what the ledger records.
    """

    device: Ed25519PrivateKey = field(repr=False)
    roster: bytes = field(repr=False)
    sealing: bytes = field(repr=False)

    @property
    def device_public(self) -> Ed25519PublicKey:
        """The public half, with which anybody can verify the ledger."""
        return self.device.public_key()

    def derived(self, purpose: bytes) -> bytes:
        """Return the key for one purpose, 32 bytes: HKDF-SHA256 (RFC 5869) of ``sealing``, the purpose as its info."""
        return HKDF(SHA256(), KEY_LENGTH, salt=None, info=purpose).derive(self.sealing)

    @classmethod
    def load_or_create(cls, directory: Path, *, random: Callable[[int], bytes] = secrets.token_bytes) -> "Keys":
        """Read the unprotected set in ``directory``, or make one where there is none.

        Raises KeyLost, KeyDamaged or KeyExposed for a set that is there but unusable: it is never replaced in silence.
        KeyLocked for one that is protected, which ``protection.open_keys`` opens.
        """
        folder = directory / FOLDER
        try:
            if (directory / PROTECTED).exists():
                msg = "the keys of this appliance are protected, and the configuration does not say how"
                raise KeyLocked(msg)
            if not folder.is_dir():
                write_set(folder, tuple(random(KEY_LENGTH) for _ in NAMES))
            return cls.of(tuple(read_key(folder / name) for name in NAMES))
        except OSError as error:
            msg = f"the key folder {folder} cannot be used: {error.strerror}"
            raise KeyFileError(msg) from error

    @classmethod
    def of(cls, secrets: tuple[bytes, ...]) -> "Keys":
        """Return the keys of three secrets of 32 bytes each, in the order of ``NAMES``."""
        device, roster, sealing = secrets
        return cls(device=Ed25519PrivateKey.from_private_bytes(device), roster=roster, sealing=sealing)

    def secrets(self) -> tuple[bytes, ...]:
        """Return the three secrets, in the order of ``NAMES``: for a backup, which is encrypted itself."""
        return self.device.private_bytes_raw(), self.roster, self.sealing


def write_set(folder: Path, secrets: tuple[bytes, ...]) -> None:
    """Make the folder with three files, as a whole; one that another process made meanwhile stays, and counts."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder.parent))
    try:
        for name, secret in zip(NAMES, secrets, strict=True):
            write_atomically(fresh / name, secret)
        fresh.rename(folder)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not folder.is_dir():  # else the other process of this appliance was first, and its set counts
            raise
    fsync_directory(folder.parent)
