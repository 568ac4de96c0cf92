"""Texts about persons in the store's tables: sealed as they lie there, opened as they are read (AES-256-GCM).

A column of these types takes and gives plain texts; what is bound and what is read passes through the keys that
``Database.unlock`` gave its connections. So no query can forget to seal, and none can search by a name in SQL.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from appliance.errors import KeyDamaged, KeyFileError
from appliance.keys import Keys

_NAMES = b"thechip names 1"
_TAGS = b"thechip name tags 1"
_NONCE_LENGTH = 12
_SEALED_FOR = b"thechip text 1\n"
_BLOCK = 64
"""Bytes: texts are filled up to a multiple, so that no name is told by its length."""
_UNLOCKED_BY = "thechip_text_keys"


@dataclass(frozen=True, slots=True)
class TextKeys:
    """Seals and opens texts, and makes the tags by which a sealed one is found; both keys are 32 bytes."""

    cipher: AESGCM = field(repr=False)
    tag_key: bytes = field(repr=False)
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    @classmethod
    def under(cls, keys: Keys) -> Self:
        """Return those of one appliance, both derived from ``Keys.sealing``."""
        return cls(AESGCM(keys.derived(_NAMES)), keys.derived(_TAGS))

    def seal(self, text: str) -> bytes:
        """Return nonce and sealed text: 28 bytes more than the text, filled up with zeros to a multiple of 64 bytes."""
        plain = text.encode()
        nonce = self.random(_NONCE_LENGTH)
        return nonce + self.cipher.encrypt(nonce, plain + bytes(-len(plain) % _BLOCK), _SEALED_FOR)

    def seal_alike(self, text: str) -> bytes:
        """Seal so that the same text gives the same bytes, with a nonce that is derived from it: for what is unique."""
        plain = text.encode()
        nonce = hmac.digest(self.tag_key, b"nonce\n" + plain, "sha256")[:_NONCE_LENGTH]
        return nonce + self.cipher.encrypt(nonce, plain + bytes(-len(plain) % _BLOCK), _SEALED_FOR)

    def open(self, sealed: bytes) -> str:
        """Return the text; KeyDamaged where it does not open."""
        try:
            plain = self.cipher.decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], _SEALED_FOR)
        except (InvalidTag, ValueError) as error:
            msg = "a sealed name does not open: it was changed, or the sealing key is another one"
            raise KeyDamaged(msg) from error
        return plain.rstrip(b"\0").decode()

    def tag_of(self, text: str) -> str:
        """Return what finds this very text again: HMAC-SHA256, 64 hexadecimal digits."""
        return hmac.digest(self.tag_key, text.encode(), "sha256").hex()


def unlock(dialect: Dialect, keys: TextKeys) -> None:
    """Let the connections of an engine, known by its dialect, seal and open texts."""
    setattr(dialect, _UNLOCKED_BY, keys)


def _keys_of(dialect: Dialect) -> TextKeys:
    keys: TextKeys | None = getattr(dialect, _UNLOCKED_BY, None)
    if keys is None:
        msg = "the names in the store lie sealed, and this process has no key to open them"
        raise KeyFileError(msg)
    return keys


class SealedText(TypeDecorator[str]):
    """A text, kept as ``TextKeys.seal`` made it; the same text is another one each time."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """To the store."""
        return None if value is None else _keys_of(dialect).seal(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """From the store."""
        return None if value is None else _keys_of(dialect).open(value)


class SealedCode(SealedText):
    """A text by which rows are found and kept unique: the same text is kept as the same bytes."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """To the store."""
        return None if value is None else _keys_of(dialect).seal_alike(value)


class TextTag(TypeDecorator[str]):
    """A text of which only the tag is kept, by which rows are found; what is read is the tag, not the text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the store."""
        return None if value is None else _keys_of(dialect).tag_of(value)
