"""A card's own domain parameters, which are named and refused (ICAO 9303-11, 9.2.2 and 9.5.2).

Nothing protects them in EF.CardAccess, and weak ones give the password away: 9.2.2 forbids to use what is not known to
be secure, and every card has standardised ones to offer besides.
"""

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.lds.security_infos import PaceDomainParameterInfo
from verifier.pki.asn1.der import INTEGER, OBJECT_IDENTIFIER, SEQUENCE, Element, read_one
from verifier.pki.keys.ec_parameters import decode_curve

_STANDARDISED, _DH, _EC = "0.4.0.127.0.7.1.2", "1.2.840.10046.2.1", "1.2.840.10045.2.1"


def describe_explicit(info: PaceDomainParameterInfo) -> str:
    """Return a name for people: ``domain parameters of its own (a 2048-bit MODP group)``; never raises."""
    try:
        kind = _kind_of(read_one(info.parameters, SEQUENCE, "an AlgorithmIdentifier"))
    except MalformedData:
        kind = "unreadable"
    return f"domain parameters of its own ({kind})"


def _kind_of(algorithm: Element) -> str:
    reader = algorithm.reader()
    oid = reader.take(OBJECT_IDENTIFIER).oid
    if oid == _STANDARDISED:
        return f"the standardised ones of number {reader.take(INTEGER).integer}"
    if oid == _DH:
        prime = reader.take(SEQUENCE).reader().take(INTEGER).big_integer
        return f"a {prime.bit_length()}-bit MODP group"
    if oid != _EC:
        return f"of the unknown kind {oid}"
    try:
        return f"the curve {decode_curve(reader.take(SEQUENCE, OBJECT_IDENTIFIER)).name}"
    except UnsupportedFeature:
        return "an elliptic curve that is not known"
