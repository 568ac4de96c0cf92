"""The bytes of a card status list; ``docs/card-status-list.md`` describes them."""

import hashlib
import struct
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from verifier.errors import InvalidInput, MalformedData

MAGIC: Final = b"\x89TCSL\r\n\x1a"
VERSION: Final = 1
HEADER: Final = struct.Struct(">8sHH4xQQQQ16x")
"""magic, version, record length, issued at, next update, sequence, count; zeros between: 64 bytes."""
RECORD: Final = struct.Struct(">16sBI")
"""key, state, since (seconds since 1970): 21 bytes."""
KEY_LENGTH: Final = 16
STATE_OFFSET: Final = KEY_LENGTH
SIGNATURE_LENGTH: Final = 64
MAX_COUNT: Final = 100_000_000
MAX_SINCE: Final = (1 << 32) - 1
"""Seconds since 1970: a time in 2106."""
_MAX_TIME: Final = 253_402_300_799  # the last second of the year 9999
_DOMAIN: Final = b"thechip card status list v1\x00"
_CHUNK: Final = 1 << 20


class CardState(IntEnum):
    """Why a card is no longer good. The numbers are those in the file."""

    REVOKED = 1
    """For good."""
    SUSPENDED = 2
    """Until further notice."""
    LOST = 3
    """Reported lost or stolen by its holder."""


def signed_message(body: memoryview | bytes) -> bytes:
    """Return what is signed: a prefix that no other kind of message has, and the SHA-512 of header and records."""
    digest = hashlib.sha512()
    for start in range(0, len(body), _CHUNK):
        digest.update(body[start : start + _CHUNK])
    return message_of_digest(digest.digest())


def message_of_digest(digest: bytes) -> bytes:
    """Return what is signed, from the SHA-512 of header and records."""
    return _DOMAIN + digest


def to_datetime(seconds: int) -> datetime:
    """Return a time of the file in UTC. Raises ``MalformedData`` beyond the year 9999."""
    if seconds > _MAX_TIME:
        msg = "a card status list with a time after the year 9999"
        raise MalformedData(msg)
    return datetime.fromtimestamp(seconds, tz=UTC)


def truncated(key_hash: bytes) -> bytes:
    """Return the 16 bytes by which a card is listed. Raises ``InvalidInput`` for a hash of another length."""
    if len(key_hash) not in {KEY_LENGTH, 2 * KEY_LENGTH}:
        msg = f"a card is looked up by 16 or 32 bytes of hash, not by {len(key_hash)}"
        raise InvalidInput(msg)
    return bytes(key_hash[:KEY_LENGTH])
