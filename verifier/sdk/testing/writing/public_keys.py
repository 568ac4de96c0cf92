"""SubjectPublicKeyInfo of the keys that a chip holds, in every form that issuers write (ICAO 9303-11, 9.5)."""

from enum import StrEnum

from verifier.errors import InvalidInput
from verifier.iso7816.tlv import encode
from verifier.sdk.testing.arithmetic.curves import Curve
from verifier.sdk.testing.arithmetic.dh_groups import DhGroup
from verifier.sdk.testing.arithmetic.groups import Group, Point
from verifier.sdk.testing.writing.der_writing import integer, object_identifier, octet_string, sequence
from verifier.sdk.testing.writing.object_identifiers import (
    DH_KEY_AGREEMENT,
    DH_PUBLIC_NUMBER,
    EC_PUBLIC_KEY,
    PRIME_FIELD,
    STANDARDISED_DOMAIN_PARAMETERS,
)


class KeyForm(StrEnum):
    """How a public key says what group it is of."""

    NAMED = "a named curve; for Diffie-Hellman p, g and q (RFC 3279)"
    EXPLICIT = "all parameters; for Diffie-Hellman the same as NAMED"
    STANDARDISED = "the number of the standardised domain parameters (ICAO 9303-11, 9.5.1)"
    PKCS3 = "Diffie-Hellman with p and g only (PKCS #3)"


def agreement_key_info(group: Group, public: Point, form: KeyForm = KeyForm.NAMED) -> bytes:
    """Return SubjectPublicKeyInfo of a key for Chip Authentication; raise ``InvalidInput`` for PKCS #3 with a curve."""
    key = integer(public.x) if group.agreement == "DH" else group.encode(public)
    return sequence(domain_parameters(group, form), encode(0x03, b"\x00" + key))


def domain_parameters(group: Group, form: KeyForm) -> bytes:
    """Return the AlgorithmIdentifier that describes a group."""
    if form is KeyForm.STANDARDISED:
        return sequence(object_identifier(STANDARDISED_DOMAIN_PARAMETERS), integer(group.parameter_id))
    if isinstance(group, DhGroup):
        numbers = (group.p, group.generator.x) if form is KeyForm.PKCS3 else (group.p, group.generator.x, group.n)
        oid = DH_KEY_AGREEMENT if form is KeyForm.PKCS3 else DH_PUBLIC_NUMBER
        return sequence(object_identifier(oid), sequence(*map(integer, numbers)))
    if not isinstance(group, Curve) or form is KeyForm.PKCS3:
        msg = f"a key of {group.name} has no such form"
        raise InvalidInput(msg)
    parameters = _explicit(group) if form is KeyForm.EXPLICIT else object_identifier(group.oid)
    return sequence(object_identifier(EC_PUBLIC_KEY), parameters)


def public_key_info(curve: Curve, encoded_point: bytes, *, explicit_parameters: bool = False) -> bytes:
    """Return SubjectPublicKeyInfo of an EC key, with the curve's name or with all of its parameters (RFC 5480)."""
    form = KeyForm.EXPLICIT if explicit_parameters else KeyForm.NAMED
    return sequence(domain_parameters(curve, form), encode(0x03, b"\x00" + encoded_point))


def _explicit(curve: Curve) -> bytes:
    """ECParameters with every parameter written out (ICAO 9303-12, 4.1.6.3; SEC 1, C.2)."""
    size = curve.field_length
    return sequence(
        integer(1),
        sequence(object_identifier(PRIME_FIELD), integer(curve.p)),
        sequence(octet_string(curve.a.to_bytes(size)), octet_string(curve.b.to_bytes(size))),
        octet_string(curve.encode(curve.generator)),
        integer(curve.n),
        integer(1),
    )
