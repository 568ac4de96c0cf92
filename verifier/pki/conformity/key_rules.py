"""The public key, how it is written, and whether it and the signature are strong enough (9303-12, 4.1.6)."""

from collections.abc import Iterator
from typing import Final

from verifier.errors import VerifierError
from verifier.pki.asn1.der import BIT_STRING, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, Element
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.role import Role
from verifier.pki.conformity.strength import weakness_of_key
from verifier.pki.keys.algorithms import SignatureAlgorithm
from verifier.pki.keys.public_key import PublicKey

_EC: Final = "1.2.840.10045.2.1"
_RSA: Final = "1.2.840.113549.1.1.1"
_COMPRESSED: Final = frozenset({b"\x02", b"\x03"})
_RECOMMENDED_RSA_BITS: Final = 3072
_RECOMMENDED_CURVE_BITS: Final = 256


def check_key(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield what is wrong with the subject's key and with what the issuer signed it with."""
    yield from check_signature_hash(parts.outer_algorithm)
    try:
        yield from _check_encoding(parts.public_key)
        key = PublicKey.decode(parts.public_key.raw)
    except VerifierError as error:
        yield Finding(Deviation.PUBLIC_KEY_UNUSABLE, f"The public key cannot be used: {error.sentence}.")
        return
    weakness = weakness_of_key(key)
    recommended = _RECOMMENDED_CURVE_BITS if key.is_of_a_curve else _RECOMMENDED_RSA_BITS
    if weakness is not None:
        yield Finding(weakness, f"The key is {key.description}.")
    elif role.is_authority and key.bits < recommended:
        sentence = f"The authority's key is {key.description}; {recommended} bits are recommended."
        yield Finding(Deviation.KEY_SHORTER_THAN_RECOMMENDED, sentence)


def check_signature_hash(algorithm: Element) -> Iterator[Finding]:
    """Yield SHA-1 in a signature algorithm, also as a default of RSASSA-PSS."""
    try:
        name = SignatureAlgorithm.of(algorithm).hash_name
    except VerifierError:
        return
    if name == "sha1":
        yield Finding(Deviation.DEPRECATED_HASH_SHA1)


def _check_encoding(public_key: Element) -> Iterator[Finding]:
    reader = public_key.reader()
    algorithm, point = reader.take(SEQUENCE).reader(), reader.take(BIT_STRING).bits
    oid = algorithm.take(OBJECT_IDENTIFIER).oid
    if oid == _RSA and algorithm.next_tag != NULL:
        yield Finding(Deviation.ALGORITHM_PARAMETERS_WRONG, "The RSA key lacks its NULL parameters.")
    if oid != _EC:
        return
    if point[:1] in _COMPRESSED:
        yield Finding(Deviation.EC_POINT_COMPRESSED, "The public point is compressed.")
    parameters = algorithm.take()
    if parameters.tag == SEQUENCE:
        yield from _check_explicit(parameters)
    else:
        yield Finding(Deviation.EC_PARAMETERS_NAMED)


def _check_explicit(parameters: Element) -> Iterator[Finding]:
    reader = parameters.reader()
    reader.take(INTEGER)
    reader.take(SEQUENCE)
    reader.take(SEQUENCE)
    base = reader.take(OCTET_STRING).content
    reader.take(INTEGER)
    if base[:1] in _COMPRESSED:
        yield Finding(Deviation.EC_POINT_COMPRESSED, "The curve's base point is compressed.")
    if reader.next_tag != INTEGER:
        yield Finding(Deviation.EC_COFACTOR_MISSING)
