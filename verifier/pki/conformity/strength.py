"""Which signatures are made with what no longer protects: SHA-1, RSA under 2048 bits, curves under 224 bits.

The bounds are those of ICAO 9303-12, 4.1.6 (SHA-224 and longer; the shortest curves have 224 bits) and, for RSA, of the
key lengths that it recommends for document signers. Why they are refused, where, and where not: docs/decisions.
"""

from typing import Final

from verifier.pki.conformity.deviation import Deviation
from verifier.pki.keys.public_key import PublicKey

MIN_RSA_BITS: Final = 2048
MIN_CURVE_BITS: Final = 224


def weaknesses_of_signature(hash_name: str | None, key: PublicKey) -> tuple[Deviation, ...]:
    """Return what is deprecated about signatures with this hash (as in ``hashlib``) and this key; usually nothing."""
    weak_key = weakness_of_key(key)
    weak_hash = (Deviation.DEPRECATED_HASH_SHA1,) if hash_name == "sha1" else ()
    return weak_hash if weak_key is None else (*weak_hash, weak_key)


def weakness_of_key(key: PublicKey) -> Deviation | None:
    """Return what is deprecated about a key, if anything is."""
    if key.is_rsa:
        return Deviation.DEPRECATED_RSA_1024 if key.bits < MIN_RSA_BITS else None
    if not key.is_of_a_curve:
        return None  # a DSA key that is too short does not even decode
    return Deviation.DEPRECATED_CURVE_P192 if key.bits < MIN_CURVE_BITS else None
