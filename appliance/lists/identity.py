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

from appliance.errors import KeyDamaged, KeyFileError, KeyLocked, KeyLost
from appliance.keys import Keys, fsync_directory, read_secret, remove_all, write_atomically
from appliance.sealing import Sealing

FOLDER: Final = "roster-identity"
SECRET_FILE: Final = "identity.txt"
RECIPIENT_FILE: Final = "recipient.txt"
_PLAIN: Final = b"AGE-SECRET-KEY-"
_SEALED_LENGTH: Final = 12 + 75 + 16
"""Nonce, the line of an identity, and the tag."""
_SEALED_FOR: Final = b"thechip roster identity 1"


_UNFINISHED: Final = (".new-*", f".{SECRET_FILE}.*")
"""What a start that was cut off leaves: the same secret in plain, under a name of its own."""


def _generate() -> str:
    return str(pyrage.x25519.Identity.generate())


@dataclass(frozen=True, slots=True)
class RosterIdentity:
    """What opens this appliance's rosters: ``secret`` is ``AGE-SECRET-KEY-1…``, ``recipient`` its public ``age1…``."""

    secret: str = field(repr=False)
    recipient: str

    @classmethod
    def load_or_create(
        cls,
        keys_directory: Path,
        *,
        keys: Keys | None = None,
        sealed: bool = False,
        generate: Callable[[], str] = _generate,
    ) -> "RosterIdentity":
        """Read the identity in this folder, or make one where there never was one. Both files have mode 0600.

        Where the appliance's keys are protected it lies ``sealed`` under them; ``keys`` open it, and bring it into that
        form or out of it. Raises ``KeyLost``, ``KeyDamaged`` or ``KeyExposed`` for one that is there but unusable,
        ``KeyLocked`` for a sealed one without keys, ``KeyFileError`` where the folder cannot be used.
        """
        folder = keys_directory / FOLDER
        try:
            if not (folder / SECRET_FILE).exists():
                _create(folder, generate, keys if sealed else None)
            content = read_secret(folder / SECRET_FILE)
            identity = cls._of(_opened(content, keys))
            if keys is not None and sealed is content.startswith(_PLAIN):  # it does not lie as it must
                _write(folder / SECRET_FILE, identity, keys if sealed else None)
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


def recipient_of(keys_directory: Path) -> str | None:
    """Return the public half, for which no key need be unlocked; ``None`` where there never was an identity."""
    try:
        return (keys_directory / FOLDER / RECIPIENT_FILE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        msg = f"the file {RECIPIENT_FILE} of the rosters' key cannot be read"
        raise KeyFileError(msg) from error


def has_identity(keys_directory: Path) -> bool:
    """Tell whether there is one, also where it was lost, or its first start was cut off."""
    folder = keys_directory / FOLDER
    return (folder / SECRET_FILE).exists() or (folder / RECIPIENT_FILE).exists()


def remove_unfinished(keys_directory: Path) -> None:
    """Delete what a start that was cut off left in plain; for whoever changes how the keys lie. Raises KeyFileError."""
    remove_all(keys_directory / FOLDER, _UNFINISHED)


def _opened(content: bytes, keys: Keys | None) -> bytes:
    if keys is None and len(content) == _SEALED_LENGTH and not content.startswith(_PLAIN):
        msg = "the key of the rosters lies sealed under this appliance's keys, which are locked"
        raise KeyLocked(msg)
    if keys is None or content.startswith(_PLAIN):
        return content
    return _sealing(keys).open(content, sealed_for=_SEALED_FOR, what="key of the rosters")


def _write(path: Path, identity: RosterIdentity, keys: Keys | None) -> None:
    write_atomically(path, _content(identity.secret, keys))


def _content(secret: str, keys: Keys | None) -> bytes:
    line = f"{secret}\n".encode()
    return line if keys is None else _sealing(keys).seal(line, sealed_for=_SEALED_FOR)


def _sealing(keys: Keys) -> Sealing:
    return Sealing(keys.derived(_SEALED_FOR))


def _create(folder: Path, generate: Callable[[], str], keys: Keys | None) -> None:
    if (folder / RECIPIENT_FILE).exists():
        msg = (
            f"the key file {SECRET_FILE} is missing beside its public half; restore it from the backup, or remove"
            f" {folder} and give the province the new public key"
        )
        raise KeyLost(msg)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED[0][:-1], dir=folder)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_content(generate(), keys))
            file.flush()
            os.fsync(file.fileno())
        (folder / SECRET_FILE).hardlink_to(fresh)  # fails where another process was first, and its key counts
    except FileExistsError:
        return
    finally:
        fresh.unlink(missing_ok=True)
    fsync_directory(folder)
