"""Writing DER by hand: the few types that security infos and public keys are made of."""

from collections.abc import Iterable

from verifier.iso7816.tlv import encode
from verifier.sdk.testing.writing.object_identifiers import encode_oid


def integer(number: int) -> bytes:
    """Return an INTEGER ≥ 0 in DER."""
    return encode(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def sequence(*elements: bytes) -> bytes:
    """Return a SEQUENCE of encoded elements."""
    return encode(0x30, b"".join(elements))


def set_of(elements: Iterable[bytes]) -> bytes:
    """Return a SET OF encoded elements, sorted as DER wants them."""
    return encode(0x31, b"".join(sorted(elements)))


def object_identifier(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    return encode(0x06, encode_oid(dotted))


def octet_string(content: bytes) -> bytes:
    """Return an OCTET STRING."""
    return encode(0x04, content)
