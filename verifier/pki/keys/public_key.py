"""Public keys from SubjectPublicKeyInfo, and the verification of signatures with them (RFC 3279, RFC 8017, FIPS 186).

``cryptography`` verifies; it does not decode. It refuses a third of the real issuers' keys for their encoding (explicit
curve parameters, NULL where nothing belongs), so keys are made from their numbers here.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.pki.asn1.der import BIT_STRING, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, Element, Reader, read_one
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.keys.algorithms import HASH_ALGORITHMS, Scheme, SignatureAlgorithm, hash_of
from verifier.pki.keys.dsa_keys import DSA_OID, decode_dsa, verify_dsa
from verifier.pki.keys.ec_parameters import decode_curve, decode_point
from verifier.pki.keys.plain_ecdsa import PlainPoint

__all__ = ["MAX_RSA_BITS", "MIN_RSA_BITS", "Deviation", "PublicKey", "SignatureVerdict"]

_RSA, _RSA_PSS_ONLY, _EC = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.10045.2.1"
MIN_RSA_BITS = 1024
"""RSA-1024 signs cards that are still valid; shorter keys have been factored. Lengths are for issuers to choose (ICAO
9303-12, 4.1.6)."""
MAX_RSA_BITS = 16384


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """Whether a signature is good, and what was odd about it."""

    valid: bool
    deviations: tuple[Deviation, ...] = ()

    def __bool__(self) -> bool:
        return self.valid


_FORGED: Final = SignatureVerdict(valid=False)
_GOOD: Final = SignatureVerdict(valid=True)


@dataclass(frozen=True)
class PublicKey:
    """An RSA, EC or DSA public key.

    ``description`` is for people (``RSA 2048``, ``EC brainpoolP256r1``). ``der`` is the SubjectPublicKeyInfo as it was
    encoded; its SHA-256 identifies a chip in a card status list.
    """

    der: bytes = field(repr=False)
    material: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | PlainPoint | dsa.DSAPublicKey = field(
        repr=False, compare=False
    )
    """What verifies: a key of ``cryptography``, or a point of a curve that it does not carry."""
    description: str
    pss_only: bool = False

    @property
    def key(self) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
        """The key as ``cryptography`` has it.

        Raises ``UnsupportedFeature`` for a curve that it does not carry, and for DSA, which no chip proves itself with.
        """
        if isinstance(self.material, PlainPoint | dsa.DSAPublicKey):
            name = "DSA" if isinstance(self.material, dsa.DSAPublicKey) else f"the curve {self.material.curve.name}"
            msg = f"{name} is supported for signatures only"
            raise UnsupportedFeature(msg)
        return self.material

    @property
    def is_rsa(self) -> bool:
        """Whether this is an RSA key."""
        return isinstance(self.material, rsa.RSAPublicKey)

    @property
    def is_of_a_curve(self) -> bool:
        """Whether this is an EC key."""
        return isinstance(self.material, ec.EllipticCurvePublicKey | PlainPoint)

    @property
    def bits(self) -> int:
        """The length of the modulus, or of the curve's field."""
        return self.material.key_size

    @classmethod
    def decode(cls, der: bytes) -> "PublicKey":
        """Decode a SubjectPublicKeyInfo.

        Raises ``MalformedData``, or ``UnsupportedFeature`` naming the kind of key or curve.
        """
        reader = read_one(der, SEQUENCE, "a public key").reader()
        algorithm = reader.take(SEQUENCE).reader()
        bits = reader.take(BIT_STRING)
        reader.end()
        oid = algorithm.take(OBJECT_IDENTIFIER).oid
        if oid in {_RSA, _RSA_PSS_ONLY}:
            key = _decode_rsa(bits.bits)
            return cls(der, key, f"RSA {key.key_size}", pss_only=oid == _RSA_PSS_ONLY)
        if oid == _EC:
            return cls._decode_ec(der, algorithm, bits)
        if oid == DSA_OID:
            dsa_key = decode_dsa(algorithm.take_if(SEQUENCE), bits.bits)
            return cls(der, dsa_key, f"DSA {dsa_key.key_size}")
        msg = f"public keys of the kind {oid} are not supported"
        raise UnsupportedFeature(msg)

    @classmethod
    def _decode_ec(cls, der: bytes, algorithm: Reader, bits: Element) -> "PublicKey":
        curve = decode_curve(algorithm.take())
        decode = decode_point if curve.implementation is not None else PlainPoint.decode
        return cls(der, decode(bits.bits, curve), f"EC {curve.name}")

    def verify(self, algorithm: SignatureAlgorithm, signature: bytes, message: bytes) -> SignatureVerdict:
        """Verify ``signature`` over ``message``.

        A forged signature, or a scheme that does not go with this key, is a verdict and not an exception. Raises
        ``UnsupportedFeature`` where the algorithm leaves its hash open.
        """
        if algorithm.hash_name is None:
            msg = f"the signature algorithm {algorithm.name} does not name a hash"
            raise UnsupportedFeature(msg)
        try:
            if isinstance(self.material, rsa.RSAPublicKey):
                return self._verify_rsa(self.material, algorithm, algorithm.hash_name, signature, message)
            if isinstance(self.material, dsa.DSAPublicKey):
                fits = algorithm.scheme is Scheme.DSA
                good = fits and verify_dsa(self.material, signature, message, hash_of(algorithm.hash_name))
                return _GOOD if good else _FORGED
            return _verify_ecdsa(self.material, algorithm, algorithm.hash_name, signature, message)
        except UnsupportedAlgorithm as error:
            msg = f"{algorithm.name} with a key {self.description} is not supported"
            raise UnsupportedFeature(msg) from error

    def _verify_rsa(
        self, key: rsa.RSAPublicKey, algorithm: SignatureAlgorithm, hash_name: str, signature: bytes, message: bytes
    ) -> SignatureVerdict:
        if algorithm.scheme is Scheme.RSA_PSS:
            return _verify_pss(key, algorithm, hash_name, signature, message)
        if algorithm.scheme is Scheme.RSA_PKCS1 and not self.pss_only:
            return _verify_pkcs1(key, hash_name, signature, message)
        return _FORGED


def _decode_rsa(encoded: bytes) -> rsa.RSAPublicKey:
    reader = read_one(encoded, SEQUENCE, "an RSA public key").reader()
    modulus, exponent = reader.take(INTEGER).big_integer, reader.take(INTEGER).big_integer
    reader.end()
    if not MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS:
        msg = f"an RSA key of {modulus.bit_length()} bits is not supported"
        raise UnsupportedFeature(msg)
    if modulus < 0 or exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > 64:
        msg = "an RSA key with an impossible modulus or exponent"
        raise MalformedData(msg)
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, TypeError) as error:
        msg = "an RSA key with an impossible modulus or exponent"
        raise MalformedData(msg) from error


def _verify_ecdsa(
    key: ec.EllipticCurvePublicKey | PlainPoint,
    algorithm: SignatureAlgorithm,
    hash_name: str,
    signature: bytes,
    message: bytes,
) -> SignatureVerdict:
    if algorithm.scheme is Scheme.ECDSA_PLAIN:
        signature = _plain_to_der(signature, key)
    elif algorithm.scheme is not Scheme.ECDSA:
        return _FORGED
    if isinstance(key, PlainPoint):
        return _GOOD if key.verify(signature, hashlib.new(hash_name, message).digest()) else _FORGED
    try:
        key.verify(signature, message, ec.ECDSA(hash_of(hash_name)))
    except (InvalidSignature, ValueError):
        return _FORGED
    return _GOOD


def _plain_to_der(signature: bytes, key: ec.EllipticCurvePublicKey | PlainPoint) -> bytes:
    """Return r ‖ s, each as long as the curve's order, as Ecdsa-Sig-Value; nothing for another length."""
    order = key.curve.n if isinstance(key, PlainPoint) else key.curve.group_order
    size = (order.bit_length() + 7) // 8
    if len(signature) != 2 * size:
        return b""
    return encode_dss_signature(int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))


def _verify_pkcs1(key: rsa.RSAPublicKey, hash_name: str, signature: bytes, message: bytes) -> SignatureVerdict:
    try:
        key.verify(signature, message, padding.PKCS1v15(), hash_of(hash_name))
    except (InvalidSignature, ValueError):
        return _verify_pkcs1_without_null(key, hash_name, signature, message)
    return _GOOD


def _verify_pkcs1_without_null(
    key: rsa.RSAPublicKey, hash_name: str, signature: bytes, message: bytes
) -> SignatureVerdict:
    """EMSA-PKCS1-v1_5 with the shorter DigestInfo; the padding has to fill the key, so nothing can hide behind it."""
    try:
        recovered = key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
    except (InvalidSignature, ValueError):
        return _FORGED
    expected = _DIGEST_INFO_WITHOUT_NULL[hash_name] + hashlib.new(hash_name, message).digest()
    return SignatureVerdict(True, (Deviation.DIGEST_INFO_WITHOUT_NULL,)) if recovered == expected else _FORGED


def _verify_pss(
    key: rsa.RSAPublicKey, algorithm: SignatureAlgorithm, hash_name: str, signature: bytes, message: bytes
) -> SignatureVerdict:
    mask = padding.MGF1(hash_of(algorithm.mgf_hash_name or hash_name))
    for salt_length, verdict in (
        (algorithm.salt_length, _GOOD),
        (padding.PSS.AUTO, SignatureVerdict(True, (Deviation.PSS_SALT_LENGTH_DIFFERS,))),
    ):
        try:
            key.verify(signature, message, padding.PSS(mask, salt_length), hash_of(hash_name))
        except (InvalidSignature, ValueError):
            continue
        return verdict
    return _FORGED


def _digest_info_without_null(oid: str, size: int) -> bytes:
    first, second, *rest = (int(arc) for arc in oid.split("."))
    content = bytes([40 * first + second]) + b"".join(_base_128(arc) for arc in rest)
    identifier = bytes([SEQUENCE, len(content) + 2, OBJECT_IDENTIFIER, len(content)]) + content
    return bytes([SEQUENCE, len(identifier) + 2 + size]) + identifier + bytes([0x04, size])


def _base_128(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | arc & 0x7F)
    return bytes(reversed(groups))


_DIGEST_INFO_WITHOUT_NULL: Final = {
    name: _digest_info_without_null(oid, hashlib.new(name).digest_size) for oid, name in HASH_ALGORITHMS.items()
}
