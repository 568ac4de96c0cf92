"""Paper: the signed checkpoint that stands on the minutes when a meeting has closed, as a line of text and a QR code.

A store that is put back as a whole takes its checkpoint file with it; what was printed and signed stays. The line is
made of the ledger alone, so that it can be printed again and is the same each time.
"""

import hashlib
import struct
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.errors import CheckpointRefused

_PREFIX: Final = "THECHIP1:"
_DOMAIN: Final = b"thechip ledger paper 1\n"
_FIELDS: Final = struct.Struct(">8s16sQ32s32sQ")
_SIGNATURE_LENGTH: Final = 64
_KEY_ID_LENGTH: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAMAGED: Final = "this is no checkpoint of a ledger, or a letter of it is wrong or missing"


@dataclass(frozen=True, slots=True)
class PaperCheckpoint:
    """What is printed: at ``at`` the ledger of ``key_id`` (8 bytes) had come to entry ``sequence`` with this hash.

    That entry closed the meeting ``meeting_uid`` (32 hexadecimal digits). ``entry_hash`` and ``figures`` (SHA-256 over
    the canonical JSON of the minutes' figures) are 32 bytes.
    """

    key_id: bytes
    meeting_uid: str
    sequence: int
    entry_hash: bytes
    figures: bytes
    at: datetime

    def signed(self, key: Ed25519PrivateKey) -> str:
        """Return the line: 278 characters, all of them in the alphanumeric set of QR codes."""
        content = self._bytes()
        encoded = b32encode(content + key.sign(_DOMAIN + content)).decode("ascii")
        return _PREFIX + encoded.rstrip("=")

    @classmethod
    def read(cls, line: str, public_key: Ed25519PublicKey) -> Self:
        """Return what a line says, which may be broken into groups and typed in small letters.

        Raises CheckpointRefused where a letter is wrong, or another appliance signed it.
        """
        content, signature = _bytes_of(line)
        key_id, uid, sequence, entry_hash, figures, microseconds = _FIELDS.unpack(content)
        if key_id != key_id_of(public_key):
            msg = f"this is the checkpoint of another appliance, whose key begins with {key_id.hex()}"
            raise CheckpointRefused(msg)
        try:
            public_key.verify(signature, _DOMAIN + content)
            at = _EPOCH + timedelta(microseconds=microseconds)
        except (InvalidSignature, OverflowError) as error:
            raise CheckpointRefused(_DAMAGED) from error
        return cls(key_id, uid.hex(), sequence, entry_hash, figures, at)

    def _bytes(self) -> bytes:
        microseconds = (self.at - _EPOCH) // timedelta(microseconds=1)
        uid = bytes.fromhex(self.meeting_uid)
        return _FIELDS.pack(self.key_id, uid, self.sequence, self.entry_hash, self.figures, microseconds)


def key_id_of(public_key: Ed25519PublicKey) -> bytes:
    """Return by which 8 bytes a checkpoint names the device key: the first of its SHA-256."""
    return hashlib.sha256(public_key.public_bytes_raw()).digest()[:_KEY_ID_LENGTH]


def _bytes_of(line: str) -> tuple[bytes, bytes]:
    letters = "".join(letter for letter in line.upper() if letter not in " \t\r\n-")
    encoded = letters.removeprefix(_PREFIX)
    try:
        content = b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError as error:
        raise CheckpointRefused(_DAMAGED) from error
    is_whole = b32encode(content).decode("ascii").rstrip("=") == encoded  # no bit of a letter goes unread
    if encoded == letters or len(content) != _FIELDS.size + _SIGNATURE_LENGTH or not is_whole:
        raise CheckpointRefused(_DAMAGED)
    return content[: _FIELDS.size], content[_FIELDS.size :]
