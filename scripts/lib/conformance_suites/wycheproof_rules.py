"""What Wycheproof leaves open, decided; and what of it is not run.

``valid`` must be accepted and ``invalid`` refused. ``acceptable`` is decided by flag, the first that is listed here.
"""

from enum import StrEnum
from typing import Final


class Expected(StrEnum):
    """What our function has to do."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEVIATION = "accepted and reported as a deviation"
    EITHER = "accepted or refused, but never with a wrong result"


ACCEPTABLE: Final[dict[str, tuple[Expected, str]]] = {
    "MissingNull": (
        Expected.DEVIATION,
        "RFC 8017, 9.2, note 1 asks to bear with a DigestInfo without NULL; nothing can hide behind it",
    ),
    "SmallModulus": (
        Expected.ACCEPTED,
        "RSA-1024 and RSA-1536 sign cards that are still valid",
    ),
    "WeakHash": (Expected.ACCEPTED, "SHA-1 signs cards that are still valid; policy decides"),
    "SmallPublicKey": (Expected.ACCEPTED, "real CSCAs have the exponent 3, and the whole padding is compared"),
    "NoCofactor": (Expected.ACCEPTED, "the cofactor is OPTIONAL (RFC 3279, 2.3.5) and follows from the rest"),
    "UnnamedCurve": (
        Expected.REFUSED,
        "explicit parameters are compared with a known curve, all of them",
    ),
    "CompressedPublic": (
        Expected.EITHER,
        "a certificate's key may be compressed (RFC 5480, 2.2); a card's ephemeral key may not (ICAO 9303-11, 9.4.3)",
    ),
    "InvalidAsn": (
        Expected.EITHER,
        "lengths and tags in BER occur in real certificates and are read; what is computed must be right",
    ),
    "MissingZero": (
        Expected.REFUSED,
        "a number of a signature without its leading zero byte is a negative one (X.690, 8.3)",
    ),
    "SmallOrderPublicKey": (Expected.EITHER, "a list's key is the issuer's own and pinned; nobody else chooses it"),
    "MixedOrderPublicKey": (Expected.EITHER, "a list's key is the issuer's own and pinned; nobody else chooses it"),
}

_SHA3 = "SHA-3 and SHAKE sign no card: ICAO 9303-12, 4.1.6 has SHA-224 to SHA-512, and SHA-1 of old"
_TRUNCATED = "SHA-512/224 and SHA-512/256 are not in ICAO 9303-12, 4.1.6"
EXCLUDED_HASHES: Final = {
    "SHA3-224": _SHA3,
    "SHA3-256": _SHA3,
    "SHA3-384": _SHA3,
    "SHA3-512": _SHA3,
    "SHAKE128": _SHA3,
    "SHAKE256": _SHA3,
    "SHA-512/224": _TRUNCATED,
    "SHA-512/256": _TRUNCATED,
}
EXCLUDED_SCHEMAS: Final = {
    "EcdhPemTest": "the same keys as in the file without _pem; no input of ours is a bare key in PEM",
    "EcdhWebcryptoTest": "keys as JSON Web Keys; no card has them",
    "DsaP1363Verify": "DSA as r, s; issuers' signatures by DSA are in DER (RFC 3279, 2.2.2)",
    "EcdsaBitcoinVerify": "refuses the greater s, a rule of Bitcoin's; ICAO 9303 has none such",
}
_UNCARRIED = "`cryptography` does not carry {}; such keys are refused by name"
EXCLUDED_CURVES: Final = {
    name: _UNCARRIED.format(name) for name in ("secp160k1", "secp160r1", "secp160r2", "secp192k1", "secp224k1")
}
EXCLUDED_AGREEMENTS: Final = {
    name: f"no secret meets our own arithmetic on {name}: signatures are verified on it, keys are not agreed"
    for name in ("brainpoolP224r1", "brainpoolP320r1")
}
"""Curves on which signatures are verified (``plain_ecdsa``) and nothing else is done."""

SALT_LENGTH: Final = "s_len changed"
"""PSS with another salt length than the parameters say: *invalid*, and here a deviation (real signers do it)."""
