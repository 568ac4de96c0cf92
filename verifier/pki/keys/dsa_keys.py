"""DSA keys of issuers, and signatures with them (FIPS 186-4; RFC 3279, 2.3.2; ICAO 9303-12, 4.1.6.2).

For certificates, lists and documents only: no chip proves itself with DSA.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.pki.asn1.der import INTEGER, Element, read_one

DSA_OID: Final = "1.2.840.10040.4.1"
_PRIME_BITS: Final = (2048, 3072)
_SUBGROUP_BITS: Final = (224, 256)
"""Those of FIPS 186-4 from 2048 bits on; shorter ones no longer protect."""


def decode_dsa(parameters: Element | None, encoded: bytes) -> dsa.DSAPublicKey:
    """Decode Dss-Parms and the public value y.

    Raises ``MalformedData``; ``UnsupportedFeature`` for other lengths, and for parameters that an issuer's certificate
    would have to supply.
    """
    if parameters is None:
        msg = "a DSA key without its own parameters is not supported"
        raise UnsupportedFeature(msg)
    reader = parameters.reader()
    p, q, g = (reader.take(INTEGER).big_integer for _ in range(3))
    reader.end()
    y = read_one(encoded, INTEGER, "a DSA public key").big_integer
    if p.bit_length() not in _PRIME_BITS or q.bit_length() not in _SUBGROUP_BITS:
        msg = f"a DSA key of {p.bit_length()} bits with a subgroup of {q.bit_length()} is not supported"
        raise UnsupportedFeature(msg)
    if not (1 < g < p and 1 < y < p and p % 2 and pow(y, q, p) == 1 and pow(g, q, p) == 1):
        msg = "a DSA key with impossible numbers"
        raise MalformedData(msg)
    try:
        return dsa.DSAPublicNumbers(y, dsa.DSAParameterNumbers(p, q, g)).public_key()
    except (ValueError, TypeError) as error:
        msg = "a DSA key with impossible numbers"
        raise MalformedData(msg) from error


def verify_dsa(key: dsa.DSAPublicKey, signature: bytes, message: bytes, hash_algorithm: hashes.HashAlgorithm) -> bool:
    """Tell whether a signature (Dss-Sig-Value in DER) over ``message`` is this key's."""
    try:
        key.verify(signature, message, hash_algorithm)
    except (InvalidSignature, ValueError):
        return False
    return True
