"""The card of an appliance: what another one must know of it, on a file that somebody carries over.

It is signed with the device key that it names, so that nobody introduces a key that is not theirs. That it is the right
appliance's, two people find out by comparing its fingerprint.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.bundles.envelope import require_recipient
from appliance.errors import BundleRefused, PairingRefused, RuleViolation
from appliance.ledger.canonical_json import JsonValue, canonical_json
from appliance.names import clean

FORMAT: Final = "thechip-device-1"
LONGEST_CARD: Final = 2048
"""Bytes."""
LONGEST_NAME: Final = 40
_DOMAIN: Final = b"thechip device 1\n"
_GROUP: Final = 8
_FIELDS: Final = frozenset(("format", "name", "public_key", "recipient", "signature"))
_KEY_LENGTH: Final = 32
_P: Final = 2**255 - 19
_ORDER_8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER: Final = frozenset((0, 1, _P - 1, _ORDER_8, _P - _ORDER_8))
"""The y of the eight points whose order divides the cofactor 8 (RFC 8032, 5.1); the tests multiply them out."""
_NOT_OURS: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """An appliance: its name, its device key (32 bytes), and the key of age to which bundles for it are sealed."""

    name: str
    public_key: bytes
    recipient: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 over both keys, in groups, for two people on the telephone."""
        digits = hashlib.sha256(self.public_key + self.recipient.encode()).hexdigest()
        return " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))

    def signed(self, key: Ed25519PrivateKey) -> bytes:
        """Return the file."""
        signature = key.sign(_DOMAIN + canonical_json(self._fields()))
        return canonical_json({**self._fields(), "signature": signature.hex()}) + b"\n"

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read a file; PairingRefused for anything else than an appliance's card."""
        try:
            fields = json.loads(content[: LONGEST_CARD + 1])
            if len(content) > LONGEST_CARD or set(fields) != _FIELDS or fields["format"] != FORMAT:
                raise _no_card()
            card = cls(
                name=clean(fields["name"], "the name", longest=LONGEST_NAME),
                public_key=bytes.fromhex(fields["public_key"]),
                recipient=require_recipient(fields["recipient"]),
            )
            if not _is_point_of_a_key(card.public_key):
                raise _no_card()
            key = Ed25519PublicKey.from_public_bytes(card.public_key)
            key.verify(bytes.fromhex(fields["signature"]), _DOMAIN + canonical_json(card._fields()))
        except (*_NOT_OURS, InvalidSignature, RuleViolation, BundleRefused) as error:
            raise _no_card() from error
        return card

    def _fields(self) -> dict[str, JsonValue]:
        return {
            "format": FORMAT,
            "name": self.name,
            "public_key": self.public_key.hex(),
            "recipient": self.recipient,
        }


def _is_point_of_a_key(encoded: bytes) -> bool:
    """Refuse points of small order, whose signatures anybody makes, and those that are written in another way."""
    y = int.from_bytes(encoded, "little") & (1 << 255) - 1
    return len(encoded) == _KEY_LENGTH and y < _P and y not in _SMALL_ORDER


def _no_card() -> PairingRefused:
    return PairingRefused("this is no appliance's card: take the file that its device show writes")
