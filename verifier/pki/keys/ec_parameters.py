"""How the parameters of an EC key become a curve that is known, and its point a key.

Many issuers write the curve out instead of naming it (RFC 3279, 2.3.5; SEC 1, C.2). Such parameters are never used to
calculate: they are compared, all of them, with the curves that are known. p, a, b, G and n must all match. Believing
an issuer's own G is what CVE-2020-0601 was. A cofactor h that is present must match as well; it is OPTIONAL in both
standards and a few real certificates omit it, which is accepted, because h follows from the others
(h = floor((sqrt(p) + 1)^2 / n)) and leaves an attacker no choice. A seed is not part of the group and is ignored.
"""

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.pki.asn1.der import BIT_STRING, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, Element
from verifier.pki.keys.curves import CURVES_BY_OID, CURVES_BY_PRIME_AND_ORDER, NamedCurve

_PRIME_FIELD = "1.2.840.10045.1.1"


def decode_curve(parameters: Element) -> NamedCurve:
    """Return the curve of the parameters in an EC key's AlgorithmIdentifier, named or explicit (RFC 3279, 2.3.5).

    Raises ``UnsupportedFeature`` for a curve that is not known, ``MalformedData`` for parameters that are none.
    """
    if parameters.tag == OBJECT_IDENTIFIER:
        curve = CURVES_BY_OID.get(parameters.oid)
        if curve is None:
            msg = f"the curve {parameters.oid} is not supported"
            raise UnsupportedFeature(msg)
        return curve
    if parameters.tag != SEQUENCE:
        msg = "curve parameters inherited from the issuer are not supported"
        raise UnsupportedFeature(msg)
    return _match(parameters)


def _match(parameters: Element) -> NamedCurve:
    """Compare SpecifiedECDomain / ECParameters, field by field, with the curves that are known."""
    reader = parameters.reader()
    reader.take(INTEGER)
    field = reader.take(SEQUENCE).reader()
    if field.take(OBJECT_IDENTIFIER).oid != _PRIME_FIELD:
        msg = "curves over binary fields are not supported"
        raise UnsupportedFeature(msg)
    p = field.take(INTEGER).integer
    coefficients = reader.take(SEQUENCE).reader()
    a = int.from_bytes(coefficients.take(OCTET_STRING).content)
    b = int.from_bytes(coefficients.take(OCTET_STRING).content)
    coefficients.take_if(BIT_STRING)
    coefficients.end()
    base = reader.take(OCTET_STRING).content
    n = reader.take(INTEGER).integer
    cofactor = reader.take_if(INTEGER)
    curve = CURVES_BY_PRIME_AND_ORDER.get((p, n))
    if (
        curve is None
        or (a, b) != (curve.a, curve.b)
        or not _is_base_point(base, curve)
        or (cofactor is not None and cofactor.integer != curve.h)
    ):
        msg = "explicit curve parameters match no known curve in p, a, b, G, n and h"
        raise UnsupportedFeature(msg)
    return curve


def _is_base_point(encoded: bytes, curve: NamedCurve) -> bool:
    """Whether ``encoded`` is G, uncompressed (04) or compressed (02, 03), at its full length (SEC 1, 2.3.3)."""
    size = curve.field_length
    x, y = curve.gx.to_bytes(size), curve.gy.to_bytes(size)
    return encoded in (b"\x04" + x + y, bytes([2 + curve.gy % 2]) + x)


def decode_point(encoded: bytes, curve: NamedCurve) -> ec.EllipticCurvePublicKey:
    """Return the public key at ``encoded``, a point uncompressed or compressed (SEC 1, 2.3.4), which must be on the
    curve. Raises ``MalformedData`` or, for a curve without implementation, ``UnsupportedFeature``."""
    implementation = curve.require_implementation()
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(implementation, encoded)
    except (ValueError, TypeError) as error:
        msg = f"the public key is no point of the curve {curve.name}"
        raise MalformedData(msg) from error
