"""Certificates that deviate from ICAO 9303-12 on purpose, so that a tolerance can be tried."""

from typing import Final

from asn1crypto import x509

from verifier.errors import InvalidInput
from verifier.evidence.arguments import quoted
from verifier.pki.conformity.deviation import Deviation
from verifier.sdk.testing.arithmetic.curves import Random
from verifier.sdk.testing.writing.signing import KeyKind, SigningKey

DEVIATING: Final = (
    Deviation.DEPRECATED_HASH_SHA1.value,
    Deviation.DEPRECATED_RSA_1024.value,
    Deviation.KEY_USAGE_MISSING.value,
)
"""What an authority or a signer of ``SyntheticPki`` can be made to do differently, by the codes of tolerances."""
_SHORT_RSA: Final = 1024


def deviating_key(code: str | None, kind: KeyKind, *, explicit_parameters: bool, random: Random) -> SigningKey:
    """Return a key that signs with SHA-1, or is too short, where the code says so. Raises ``InvalidInput``."""
    if code not in (None, *DEVIATING):
        msg = f"a synthetic certificate cannot be made to deviate by {quoted(code)}; it can by {', '.join(DEVIATING)}"
        raise InvalidInput(msg)
    if code == Deviation.DEPRECATED_RSA_1024:
        return SigningKey.generate(KeyKind.RSA_PKCS1, random=random, rsa_bits=_SHORT_RSA)
    hash_name = "sha1" if code == Deviation.DEPRECATED_HASH_SHA1 else None
    return SigningKey.generate(kind, hash_name=hash_name, explicit_parameters=explicit_parameters, random=random)


def key_usage(code: str | None, *uses: str) -> tuple[x509.Extension, ...]:
    """Return the extension, or none where the code says that it is missing."""
    if code == Deviation.KEY_USAGE_MISSING:
        return ()
    return (x509.Extension({"extn_id": "key_usage", "critical": True, "extn_value": set(uses)}),)
