"""Active Authentication: the chip signs a challenge with the private key to DG15 (ICAO 9303-11, 6.1)."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from verifier.access.chip.iso9796_2 import verify_message_recovery
from verifier.access.proofs import ActiveAuthenticationProof
from verifier.errors import InvalidInput, UnsupportedFeature
from verifier.iso7816.apdu import EXTENDED_MAX_LE, SHORT_MAX_LE, CommandApdu
from verifier.iso7816.exchange import Exchange
from verifier.lds.security_infos import ActiveAuthenticationInfo
from verifier.pki.keys.algorithms import Scheme, SignatureAlgorithm
from verifier.pki.keys.plain_ecdsa import PlainPoint
from verifier.pki.keys.public_key import PublicKey

INTERNAL_AUTHENTICATE: Final = 0x88
CHALLENGE_LENGTH: Final = 8
_MAX_SHORT_SIGNATURE: Final = 223
"""What fits into a short response inside secure messaging with AES."""
_ECDSA_PLAIN, _ECDSA = "0.4.0.127.0.7.1.1.4.1", "1.2.840.10045.4"
_DIGESTS: Final[dict[str, str]] = {
    f"{_ECDSA_PLAIN}.1": "sha1",
    f"{_ECDSA_PLAIN}.2": "sha224",
    f"{_ECDSA_PLAIN}.3": "sha256",
    f"{_ECDSA_PLAIN}.4": "sha384",
    f"{_ECDSA_PLAIN}.5": "sha512",
    f"{_ECDSA}.1": "sha1",
    f"{_ECDSA}.3.1": "sha224",
    f"{_ECDSA}.3.2": "sha256",
    f"{_ECDSA}.3.3": "sha384",
    f"{_ECDSA}.3.4": "sha512",
}
_ALL_DIGESTS: Final = ("sha256", "sha1", "sha224", "sha384", "sha512")


def response_length(public_key_spki_der: bytes, *, chunk: int = _MAX_SHORT_SIGNATURE) -> int:
    """Return the Le for ``authenticate_actively``: 256, or 65,536 where the signature needs an extended response.

    ``chunk`` is what a short response holds: ``max_plain_chunk`` of the channel. RSA keys from 1,792 bits (AES) or
    1,856 bits (3DES) on need more. Raises as ``PublicKey.decode`` does.
    """
    key = PublicKey.decode(public_key_spki_der)
    size = (key.bits + 7) // 8 if key.is_rsa else 2 * _order_length(key)
    return SHORT_MAX_LE if size <= chunk else EXTENDED_MAX_LE


def authenticate_actively(
    random: Callable[[int], bytes], *, le: int = SHORT_MAX_LE
) -> Exchange[ActiveAuthenticationProof]:
    """Have the chip sign eight drawn bytes, in one command. ``le`` as from ``response_length``.

    Raises ``CardRefused``. Whether the signature is good is for ``verify_active_authentication`` to say.
    """
    challenge = random(CHALLENGE_LENGTH)
    if len(challenge) != CHALLENGE_LENGTH:
        msg = f"a challenge has {CHALLENGE_LENGTH} bytes"
        raise InvalidInput(msg)
    response = yield CommandApdu(0x00, INTERNAL_AUTHENTICATE, 0x00, 0x00, data=challenge, le=le)
    return ActiveAuthenticationProof(challenge, response.require_ok("Active Authentication"))


def verify_active_authentication(
    proof: ActiveAuthenticationProof, public_key_spki_der: bytes, info: ActiveAuthenticationInfo | None
) -> bool:
    """Tell whether the chip that answered holds the private key to the SubjectPublicKeyInfo of an authentic DG15.

    RSA by ISO/IEC 9796-2 scheme 1, whose trailer names the hash. ECDSA as r, s or in DER (which the standard does not
    allow and chips send), with the digest of ``info`` (DG14), or with any where DG14 says nothing.

    Raises ``UnsupportedFeature`` or ``MalformedData`` for key or ``info``; a signature that is none is ``False``.
    """
    key = PublicKey.decode(public_key_spki_der)
    if len(proof.challenge) != CHALLENGE_LENGTH:
        return False
    if not isinstance(key.material, rsa.RSAPublicKey):
        return _verify_ecdsa(key, proof, _digests(info))
    numbers = key.material.public_numbers()
    return verify_message_recovery(numbers.n, numbers.e, proof.signature, proof.challenge)


def _digests(info: ActiveAuthenticationInfo | None) -> tuple[str, ...]:
    if info is None:
        return _ALL_DIGESTS
    digest = _DIGESTS.get(info.signature_algorithm)
    if digest is None:
        msg = f"Active Authentication with {info.signature_algorithm} is not supported"
        raise UnsupportedFeature(msg)
    return (digest,)


def _verify_ecdsa(key: PublicKey, proof: ActiveAuthenticationProof, digests: tuple[str, ...]) -> bool:
    return any(
        key.verify(SignatureAlgorithm(Scheme.ECDSA, digest), signature, proof.challenge)
        for signature in _as_der(proof.signature, _order_length(key))
        for digest in digests
    )


def _as_der(signature: bytes, order_length: int) -> list[bytes]:
    """Return every reading of the signature: plain r, s where the length fits, and DER where it decodes."""
    readings = []
    if len(signature) == 2 * order_length:
        r, s = int.from_bytes(signature[:order_length]), int.from_bytes(signature[order_length:])
        readings.append(encode_dss_signature(r, s))
    with suppress(ValueError):
        readings.append(encode_dss_signature(*decode_dss_signature(signature)))
    return readings


def _order_length(key: PublicKey) -> int:
    """Bytes of r and of s: those of the order of the curve."""
    material = key.material
    if isinstance(material, PlainPoint):
        return (material.curve.n.bit_length() + 7) // 8
    if not isinstance(material, ec.EllipticCurvePublicKey):
        msg = f"Active Authentication with a key {key.description} is not supported"
        raise UnsupportedFeature(msg)
    return (material.curve.group_order.bit_length() + 7) // 8
