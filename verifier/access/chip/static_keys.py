"""A chip's static key for key agreement, over a curve or a prime field (ICAO 9303-11, 9.2.6, 9.4; RFC 3279, 2.3.3).

Each kind does two things: agree on a secret with a key pair that is drawn, and agree again with one that a proof holds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from verifier.access.chip.finite_field import FiniteFieldGroup, encode_public_value
from verifier.access.groups.domain_parameters import standardised_curve
from verifier.access.groups.point_arithmetic import Point, PrivateKey, agree, point_of
from verifier.access.groups.rfc5114 import MODP_GROUPS
from verifier.errors import CardProtocolError, MalformedData, UnsupportedFeature
from verifier.iso7816 import tlv
from verifier.iso7816.object_identifier import encode_object_identifier
from verifier.pki.asn1.der import (
    BIT_STRING,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Element,
    Reader,
    read_one,
)
from verifier.pki.keys.curves import NAMED_CURVES, NamedCurve
from verifier.pki.keys.ec_parameters import decode_point
from verifier.pki.keys.public_key import PublicKey

PKCS3_KEY_AGREEMENT: Final = "1.2.840.113549.1.3.1"
X942_PUBLIC_NUMBER: Final = "1.2.840.10046.2.1"
STANDARDISED_PARAMETERS: Final = "0.4.0.127.0.7.1.2"
"""standardizedDomainParameters (TR-03110-3, A.2.1.1): the number of 9303-11, 9.5.1, stands for the group."""
_CURVES: Final = {curve.implementation.name: curve for curve in NAMED_CURVES if curve.implementation is not None}
_MAX_CURVE_KEY, _MAX_FIELD_KEY = 512, 2304
"""Bytes of a reader's private key in PKCS #8, at most: it comes from anywhere, and to check a huge one takes long."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of a drawn key pair: the public half as it travels, the private one in PKCS #8, and the secret."""

    public_key: bytes
    private_key: bytes = field(repr=False)
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CurveKey:
    """A static key on an elliptic curve."""

    curve: NamedCurve
    point: Point

    @property
    def strength(self) -> int:
        """Bits of security."""
        return self.curve.n.bit_length() // 2

    def agree(self, random: Callable[[int], bytes]) -> Agreement:
        """Draw a key pair and agree. Raises ``CardProtocolError`` where the chip's key is that very pair."""
        key = PrivateKey.draw(self.curve, random)
        if self.point == key.public_point:
            raise CardProtocolError(_OWN_KEY)
        pkcs8 = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return Agreement(key.public_point.encode(self.curve), pkcs8, key.shared_secret(self.point))

    def agree_again(self, pkcs8: bytes) -> bytes | None:
        """Return the secret with a key of a proof; ``None`` where that is no key that could have been drawn."""
        key = _load_curve_key(pkcs8)
        if key is None or key.curve.name != self.curve.require_implementation().name:
            return None
        return None if point_of(key.public_key()) == self.point else agree(key, self.curve, self.point)


@dataclass(frozen=True, slots=True)
class FieldKey:
    """A static key in the multiplicative group of a prime field."""

    group: FiniteFieldGroup
    value: int = field(repr=False)

    @property
    def strength(self) -> int:
        """Bits of security."""
        return self.group.strength

    def agree(self, random: Callable[[int], bytes]) -> Agreement:
        """Draw a key pair and agree. Raises ``CardProtocolError`` where the chip's key is that very pair."""
        private = self.group.draw(random)
        public = self.group.public_value(private)
        if public == self.value:
            raise CardProtocolError(_OWN_KEY)
        pkcs8 = _encode_field_key(self.group, private)
        return Agreement(encode_public_value(public), pkcs8, self.group.shared_secret(private, self.value))

    def agree_again(self, pkcs8: bytes) -> bytes | None:
        """Return the secret with a key of a proof; ``None`` where that is no key that could have been drawn."""
        private = _load_field_key(pkcs8, self.group)
        if private is None or self.group.public_value(private) == self.value:
            return None
        return self.group.shared_secret(private, self.value)


StaticKey: TypeAlias = CurveKey | FieldKey
_OWN_KEY: Final = "the chip's static key is the reader's own ephemeral key"


@lru_cache(maxsize=16)
def decode_static_key(spki: bytes) -> StaticKey:
    """Decode the SubjectPublicKeyInfo of a ChipAuthenticationPublicKeyInfo and check the public value.

    Curves by name or written out, groups of PKCS #3 and X9.42, and the standardised parameters by their number.

    Raises ``UnsupportedFeature`` naming what is not carried; ``MalformedData`` where the value lies not in its group.
    """
    reader = read_one(spki, SEQUENCE, "the chip's key").reader()
    algorithm = reader.take(SEQUENCE).reader()
    bits = reader.take(BIT_STRING)
    reader.end()
    match algorithm.take(OBJECT_IDENTIFIER).oid:
        case oid if oid in {PKCS3_KEY_AGREEMENT, X942_PUBLIC_NUMBER}:
            return _field_key(_decode_group(oid, algorithm), bits)
        case oid if oid == STANDARDISED_PARAMETERS:
            return _standardised_key(algorithm.take(INTEGER).integer, bits)
    key = PublicKey.decode(spki).key
    curve_of_key = _CURVES.get(key.curve.name) if isinstance(key, ec.EllipticCurvePublicKey) else None
    if curve_of_key is None or not isinstance(key, ec.EllipticCurvePublicKey):
        msg = "the chip's key for Chip Authentication is neither an elliptic curve nor a Diffie-Hellman key"
        raise UnsupportedFeature(msg)
    return CurveKey(curve_of_key, point_of(key))


def _standardised_key(parameter_id: int, bits: Element) -> StaticKey:
    if parameter_id in MODP_GROUPS:
        return _field_key(FiniteFieldGroup.of(MODP_GROUPS[parameter_id]), bits)
    curve = standardised_curve(parameter_id)
    return CurveKey(curve, point_of(decode_point(bits.bits, curve)))


def _field_key(group: FiniteFieldGroup, bits: Element) -> FieldKey:
    value = read_one(bits.bits, INTEGER, "the chip's Diffie-Hellman key").big_integer
    if not group.is_public_value(value):
        msg = "the chip's Diffie-Hellman key is no member of its group"
        raise MalformedData(msg)
    return FieldKey(group, value)


def _decode_group(oid: str, algorithm: Reader) -> FiniteFieldGroup:
    """PKCS #3: p, g and perhaps a length. X9.42: p, g, q, and perhaps j and a validation (RFC 3279, 2.3.3)."""
    reader = algorithm.take(SEQUENCE).reader()
    algorithm.end()
    p, g = reader.take(INTEGER).big_integer, reader.take(INTEGER).big_integer
    if oid == X942_PUBLIC_NUMBER:
        return FiniteFieldGroup(p, g, q=reader.take(INTEGER).big_integer)
    length = reader.take_if(INTEGER)
    reader.end()
    if known := next((group for group in MODP_GROUPS.values() if (group.p, group.g) == (p, g)), None):
        return FiniteFieldGroup.of(known)
    return FiniteFieldGroup(p, g, exponent_bits=None if length is None else length.integer)


def _encode_field_key(group: FiniteFieldGroup, private: int) -> bytes:
    oid, last = (PKCS3_KEY_AGREEMENT, group.exponent_bits) if group.q is None else (X942_PUBLIC_NUMBER, group.q)
    numbers = (group.p, group.g) if last is None else (group.p, group.g, last)
    identifier = tlv.encode(OBJECT_IDENTIFIER, encode_object_identifier(oid))
    parameters = tlv.encode(SEQUENCE, b"".join(_integer(number) for number in numbers))
    algorithm = tlv.encode(SEQUENCE, identifier + parameters)
    return tlv.encode(SEQUENCE, _integer(0) + algorithm + tlv.encode(OCTET_STRING, _integer(private)))


def _integer(value: int) -> bytes:
    return tlv.encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def _load_field_key(pkcs8: bytes, group: FiniteFieldGroup) -> int | None:
    """Return the private value, if the key belongs to this very group and could have been drawn from it."""
    if len(pkcs8) > _MAX_FIELD_KEY:
        return None
    try:
        reader = read_one(pkcs8, SEQUENCE, "a private key").reader()
        reader.take(INTEGER)
        algorithm = reader.take(SEQUENCE).reader()
        private = read_one(reader.take(OCTET_STRING).content, INTEGER, "a private key").big_integer
        reader.end()
        algorithm.take(OBJECT_IDENTIFIER)
        parameters = algorithm.take(SEQUENCE).reader()
        same = (parameters.take(INTEGER).big_integer, parameters.take(INTEGER).big_integer) == (group.p, group.g)
    except MalformedData:
        return None
    return private if same and 1 < private < (group.q or group.p - 1) else None


def _load_curve_key(pkcs8: bytes) -> ec.EllipticCurvePrivateKey | None:
    """Load the key; ``cryptography`` refuses one whose public half does not belong to its private one."""
    if len(pkcs8) > _MAX_CURVE_KEY or _names_finite_field(pkcs8):
        return None
    try:
        key = load_der_private_key(pkcs8, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _names_finite_field(pkcs8: bytes) -> bool:
    """Tell a Diffie-Hellman key, before loading it makes ``cryptography`` warn."""
    try:
        reader = read_one(pkcs8, SEQUENCE, "a private key").reader()
        reader.take(INTEGER)
        oid = reader.take(SEQUENCE).reader().take(OBJECT_IDENTIFIER).oid
    except MalformedData:
        return False
    return oid in {PKCS3_KEY_AGREEMENT, X942_PUBLIC_NUMBER}
