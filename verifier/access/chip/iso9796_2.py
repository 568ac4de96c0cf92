"""ISO/IEC 9796-2 digital signature scheme 1: RSA signatures that carry part of the message they sign.

Active Authentication uses it with the chip's nonce M1 recovered from the signature and the reader's challenge M2 sent
beside it (ICAO 9303-11, 6.1.2). The recovered string is ``6A M1 H(M1 M2) BC``, or with an explicit hash
``6A M1 H(M1 M2) id CC``; a short M1 is filled up from the left: ``6B BB … BA M1``. A chip whose whole message fits
into the signature may say so (total recovery): ``4A M1 M2 H(M1 M2) BC``, filled up in the same way.
"""

import hashlib
import hmac
from typing import Final

from verifier.errors import UnsupportedFeature

_HASHES: Final = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}
"""Hash identifiers of ISO/IEC 10118-3. RIPEMD-160 (31), RIPEMD-128 (32) and Whirlpool (37) were never allowed in travel
documents (ICAO 9303-11, 6.1.2.2): a signature with them is refused like one with a wrong hash, for a clone can make up
one that ends so."""
_IMPLICIT_TRAILER, _EXPLICIT_TRAILER = 0xBC, 0xCC
_PARTIAL_RECOVERY, _TOTAL_RECOVERY = 0x60, 0x40
_BORDER, _FILL = 0x0A, 0x0B


def verify_message_recovery(modulus: int, exponent: int, signature: bytes, message: bytes) -> bool:
    """Tell whether ``signature`` signs ``message``, which is the end of what was signed: the challenge M2.

    A signature that recovers a whole message holds without any other, and so could be replayed: it must have recovered
    the challenge too. Unknown hashes and padding of any other form are refused.

    Raises ``UnsupportedFeature`` for a modulus that is not of whole bytes.
    """
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature)
    if modulus.bit_length() % 8:
        msg = f"Active Authentication with an RSA key of {modulus.bit_length()} bits is not supported"
        raise UnsupportedFeature(msg)
    if not 0 < len(signature) <= size or not 0 < number < modulus:
        return False
    recovered = pow(number, exponent, modulus)
    if recovered % 16 != 0x0C:  # ISO/IEC 9796-2, B.6: a signer may give n - s where that is smaller
        recovered = modulus - recovered
    return _is_authentic(recovered.to_bytes(size), message)


def _is_authentic(recovered: bytes, message: bytes) -> bool:
    if recovered[-1] == _IMPLICIT_TRAILER:
        name, trailer_length = "sha1", 1
    elif recovered[-1] == _EXPLICIT_TRAILER and recovered[-2] in _HASHES:
        name, trailer_length = _HASHES[recovered[-2]], 2
    else:
        return False
    start = _end_of_padding(recovered)
    end = len(recovered) - trailer_length - hashlib.new(name, usedforsecurity=False).digest_size
    if start is None or end < start:
        return False
    signed = _signed_message(recovered[0], recovered[start:end], message)
    if signed is None:
        return False
    digest = hashlib.new(name, signed, usedforsecurity=False).digest()
    return hmac.compare_digest(digest, recovered[end : end + len(digest)])


def _signed_message(header: int, recovered: bytes, message: bytes) -> bytes | None:
    """Return what must have been hashed; ``None`` where the whole message was recovered and is another."""
    if header & 0xF0 == _PARTIAL_RECOVERY:
        return recovered + message
    return recovered if message and recovered.endswith(message) else None


def _end_of_padding(recovered: bytes) -> int | None:
    """Return where M1 begins: after 6A (4A), or after 6B (4B), any number of BB, and BA."""
    if recovered[0] & 0xF0 not in (_PARTIAL_RECOVERY, _TOTAL_RECOVERY):
        return None
    if recovered[0] & 0x0F == _BORDER:
        return 1
    if recovered[0] & 0x0F != _FILL:
        return None
    for position, octet in enumerate(recovered[1:], start=1):
        if octet == _FILL << 4 | _BORDER:
            return position + 1
        if octet != _FILL << 4 | _FILL:
            return None
    return None
