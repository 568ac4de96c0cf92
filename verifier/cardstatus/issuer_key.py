"""The issuer's public key, in whatever form it was handed over."""

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from verifier.errors import TrustMaterialError

_RAW_LENGTH = 32


def decode_issuer_key(encoded: bytes) -> Ed25519PublicKey:
    """Decode an Ed25519 public key: its 32 bytes, 64 hexadecimal digits, base64, or SubjectPublicKeyInfo (PEM, DER).

    White space around a text does not matter. Raises ``TrustMaterialError`` for anything else.
    """
    try:
        key = _load(encoded)
    except (ValueError, UnsupportedAlgorithm) as error:
        msg = "the issuer's public key cannot be read: it is 32 bytes, 64 hexadecimal digits, base64, PEM or DER"
        raise TrustMaterialError(msg) from error
    if not isinstance(key, Ed25519PublicKey):
        msg = "the issuer's public key is no Ed25519 key"
        raise TrustMaterialError(msg)
    return key


def _load(encoded: bytes) -> object:
    if b"-----BEGIN" in encoded:
        return load_pem_public_key(encoded)
    if len(encoded) == _RAW_LENGTH:
        return Ed25519PublicKey.from_public_bytes(encoded)
    octets = _decoded_text(b"".join(encoded.split()))
    if octets is None:
        return load_der_public_key(encoded)
    if len(octets) == _RAW_LENGTH:
        return Ed25519PublicKey.from_public_bytes(octets)
    return load_der_public_key(octets)


def _decoded_text(text: bytes) -> bytes | None:
    try:
        return binascii.unhexlify(text) if len(text) == 2 * _RAW_LENGTH else base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
