"""Sealing: what must not lie in the store in plain, such as the passwords of cards (AES-256-GCM).

A sealed text begins with its nonce, 12 bytes, and opens only for what it was sealed for: ``member 7`` in no other row.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.errors import KeyDamaged
from verifier.sdk import CanPassword, MrzPassword, Password

_NONCE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Sealing:
    """Seals and opens under one key of 32 bytes, ``Keys.sealing``."""

    key: bytes = field(repr=False)
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", AESGCM(self.key))

    def seal(self, plain: bytes, *, sealed_for: bytes) -> bytes:
        """Return nonce and sealed text, 28 bytes more than what is sealed."""
        nonce = self.random(_NONCE_LENGTH)
        return nonce + self._cipher.encrypt(nonce, plain, sealed_for)

    def open(self, sealed: bytes, *, sealed_for: bytes, what: str) -> bytes:
        """Return what was sealed; KeyDamaged where it does not open, and ``what`` is how the sentence calls it."""
        nonce, sealed_text = sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:]
        try:
            return self._cipher.decrypt(nonce, sealed_text, sealed_for)
        except (InvalidTag, ValueError) as error:
            msg = f"a sealed {what} does not open: it was changed, or the sealing key is another one"
            raise KeyDamaged(msg) from error

    def seal_password(self, password: Password, member_id: int) -> bytes:
        """Seal the password of a member's card."""
        return self.seal(json.dumps(_password_fields(password)).encode(), sealed_for=_row_of(member_id))

    def open_password(self, sealed: bytes, member_id: int) -> Password:
        """Open what ``seal_password`` sealed for this member; KeyDamaged otherwise."""
        fields = json.loads(self.open(sealed, sealed_for=_row_of(member_id), what="password"))
        return CanPassword(**fields) if "digits" in fields else MrzPassword(**fields)


def _password_fields(password: Password) -> dict[str, str]:
    if isinstance(password, CanPassword):
        return {"digits": password.digits}
    return {
        "document_number": password.document_number,
        "date_of_birth": password.date_of_birth,
        "date_of_expiry": password.date_of_expiry,
    }


def _row_of(member_id: int) -> bytes:
    return b"thechip password 1\n%d" % member_id
