"""The set of keys in one file, encrypted under a key that is made of what somebody knows, holds, or is built into.

The secret becomes a key by scrypt (RFC 7914), and that encrypts the three keys (AES-256-GCM); what the file says of
itself is authenticated with them. The file is replaced as a whole, so that a power cut leaves the old one or the new.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from appliance.errors import KeyDamaged
from appliance.keys.files import KEY_LENGTH
from appliance.keys.key_set import NAMES, Keys

_FORMAT: Final = "thechip-protected-keys-1"
_NONCE_LENGTH: Final = 12
_SALT_LENGTH: Final = 32
LOG2_COST: Final = 16
"""64 MiB of memory and about half a second on a Raspberry Pi 4, for every try."""
_GREATEST_LOG2_COST: Final = 18
_BLOCKS: Final = 8
_NOT_OURS: Final = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


class Unopened(Exception):
    """The secret is another one than that under which the keys were put."""


@dataclass(frozen=True, slots=True)
class WrappedKeys:
    """What the file holds: ``kind`` and ``source`` tell whose secret opens it, ``salt`` is the random part of it."""

    kind: str
    source: str
    salt: bytes
    log2_cost: int
    sealed: bytes = field(default=b"", repr=False)

    @classmethod
    def new(
        cls,
        keys: Keys,
        secret: bytes,
        *,
        kind: str,
        source: str = "",
        log2_cost: int = LOG2_COST,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Self:
        """Encrypt keys under a secret of any length."""
        unsealed = cls(kind, source, random(_SALT_LENGTH), log2_cost)
        nonce = random(_NONCE_LENGTH)
        cipher = AESGCM(unsealed.key_of(secret))
        sealed = nonce + cipher.encrypt(nonce, b"".join(keys.secrets()), unsealed._said())
        return cls(kind, source, unsealed.salt, log2_cost, sealed)

    def key_of(self, secret: bytes) -> bytes:
        """Return the key that a secret becomes here, 32 bytes; takes as long as scrypt does."""
        return Scrypt(salt=self.salt, length=KEY_LENGTH, n=1 << self.log2_cost, r=_BLOCKS, p=1).derive(secret)

    def open(self, key: bytes) -> Keys:
        """Return the keys; Unopened where this is not the key that they were put under, or the file was changed."""
        nonce, sealed = self.sealed[:_NONCE_LENGTH], self.sealed[_NONCE_LENGTH:]
        try:
            opened = AESGCM(key).decrypt(nonce, sealed, self._said())
        except InvalidTag as error:
            raise Unopened from error
        return Keys.of(tuple(opened[start : start + KEY_LENGTH] for start in range(0, len(opened), KEY_LENGTH)))

    def encode(self) -> bytes:
        """Return the file, of a few hundred bytes."""
        return json.dumps({**self._fields(), "sealed": self.sealed.hex()}, indent=1).encode() + b"\n"

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Read what ``encode`` wrote; KeyDamaged for anything else."""
        try:
            fields: dict[str, Any] = json.loads(content)
            wrapped = cls(
                kind=str(fields["kind"]),
                source=str(fields["source"]),
                salt=bytes.fromhex(fields["salt"]),
                log2_cost=int(fields["log2_cost"]),
                sealed=bytes.fromhex(fields["sealed"]),
            )
            is_ours = fields["format"] == _FORMAT and 10 <= wrapped.log2_cost <= _GREATEST_LOG2_COST
        except _NOT_OURS as error:
            raise _damaged() from error
        if not is_ours or len(wrapped.sealed) != _NONCE_LENGTH + len(NAMES) * KEY_LENGTH + 16:
            raise _damaged()
        return wrapped

    def _fields(self) -> dict[str, str | int]:
        return {
            "format": _FORMAT,
            "kind": self.kind,
            "source": self.source,
            "salt": self.salt.hex(),
            "log2_cost": self.log2_cost,
        }

    def _said(self) -> bytes:
        return json.dumps(self._fields(), sort_keys=True).encode()


def _damaged() -> KeyDamaged:
    return KeyDamaged("the file of the protected keys is damaged; restore it from the backup")
