"""The appliance's identity for published rosters: an X25519 key of age, and the public half for the province's desk.

Made when it is first asked for, so that an appliance of an older release simply gets one. The public half is written
beside it: where that lies alone, the key was lost, and is not replaced in silence, since the province would go on
sealing to the lost one.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyrage

from appliance.errors import KeyDamaged, KeyFileError, KeyLost
from appliance.keys import fsync_directory, read_secret, write_atomically

FOLDER: Final = "roster-identity"
SECRET_FILE: Final = "identity.txt"
RECIPIENT_FILE: Final = "recipient.txt"


def _generate() -> str:
    return str(pyrage.x25519.Identity.generate())


@dataclass(frozen=True, slots=True)
class RosterIdentity:
    """What opens this appliance's rosters: ``secret`` is ``AGE-SECRET-KEY-1…``, ``recipient`` its public ``age1…``."""

    secret: str = field(repr=False)
    recipient: str

    @classmethod
    def load_or_create(cls, keys_directory: Path, *, generate: Callable[[], str] = _generate) -> "RosterIdentity":
        """Read the identity in this folder, or make one where there never was one. Both files have mode 0600.

        Raises ``KeyLost``, ``KeyDamaged`` or ``KeyExposed`` for one that is there but unusable, ``KeyFileError`` where
        the folder cannot be used.
        """
        folder = keys_directory / FOLDER
        try:
            if not (folder / SECRET_FILE).exists():
                _create(folder, generate)
            identity = cls._of(read_secret(folder / SECRET_FILE))
            if not (folder / RECIPIENT_FILE).exists():
                write_atomically(folder / RECIPIENT_FILE, f"{identity.recipient}\n".encode())
        except OSError as error:
            msg = f"the key folder {folder} cannot be used: {error.strerror}"
            raise KeyFileError(msg) from error
        return identity

    @classmethod
    def _of(cls, content: bytes) -> "RosterIdentity":
        try:
            secret = content.decode("ascii").strip()
            recipient = str(pyrage.x25519.Identity.from_str(secret).to_public())
        except (UnicodeDecodeError, pyrage.IdentityError) as error:
            msg = f"the key file {SECRET_FILE} of the rosters holds no key of age; restore it from the backup"
            raise KeyDamaged(msg) from error
        return cls(secret, recipient)


def _create(folder: Path, generate: Callable[[], str]) -> None:
    if (folder / RECIPIENT_FILE).exists():
        msg = (
            f"the key file {SECRET_FILE} is missing beside its public half; restore it from the backup, or remove"
            f" {folder} and give the province the new public key"
        )
        raise KeyLost(msg)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=folder)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{generate()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        (folder / SECRET_FILE).hardlink_to(fresh)  # fails where another process was first, and its key counts
    except FileExistsError:
        return
    finally:
        fresh.unlink(missing_ok=True)
    fsync_directory(folder)
