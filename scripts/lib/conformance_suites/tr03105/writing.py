"""Spoiling one place of an encoded structure, and sealing it again."""

import hashlib
from collections.abc import Callable, Sequence

from conformance_suites.tr03105.keys import PlanKey
from verifier.iso7816 import tlv

Change = Callable[[bytes], bytes]
"""Given an encoded element; returns what stands there instead: nothing, another, or several."""
SIGNED_DATA = (0, 1, 0)
"""Where SignedData is in EF.SOD: tag 77, ContentInfo, [0], SEQUENCE."""
DIGESTS, CONTENT_TYPE, CONTENT, CERTIFICATE = ((*SIGNED_DATA, *path) for path in ((1,), (2, 0), (2, 1, 0), (3, 0)))
SIGNER = (*SIGNED_DATA, 4, 0)
ATTRIBUTES, SIGNATURE = (*SIGNER, 3), (*SIGNER, 5)
_BIT_STRING, _SET, _OCTET_STRING = 0x03, 0x31, 0x04


def removed(_element: bytes) -> bytes:
    """Leave nothing there."""
    return b""


def put(other: bytes) -> Change:
    """Put other bytes there."""
    return lambda _element: other


def valued(value: bytes) -> Change:
    """Keep the tag, and put another value under it."""
    return lambda element: tlv.encode(tlv.decode_one(element).tag, value)


def flipped(element: bytes) -> bytes:
    """Change the last bit."""
    return element[:-1] + bytes([element[-1] ^ 1])


def members(encoded: bytes) -> list[bytes]:
    """Return the encoded elements inside an element."""
    value, found, position = tlv.decode_one(encoded).value, [], 0
    for element in tlv.decode_all(value):
        found.append(value[position : position + element.size])
        position += element.size
    return found


def at(encoded: bytes, path: Sequence[int]) -> bytes:
    """Return the element at a path of places, counted from 0."""
    for place in path:
        encoded = members(encoded)[place]
    return encoded


def edited(encoded: bytes, path: Sequence[int], change: Change) -> bytes:
    """Return the structure with the element at a path changed, and all lengths around it right again."""
    if not path:
        return change(encoded)
    inside = members(encoded)
    inside[path[0]] = edited(inside[path[0]], path[1:], change)
    return tlv.encode(tlv.decode_one(encoded).tag, b"".join(inside))


def with_length(encoded: bytes, by: int) -> bytes:
    """Return a file whose outermost length is too small or too large ``by`` some bytes."""
    element = tlv.decode_one(encoded)
    head, body = encoded[: -len(element.value)], element.value
    return head[:-1] + bytes([head[-1] + by]) + body


def resealed_certificate(certificate: bytes, key: PlanKey) -> bytes:
    """Return a certificate signed again, after something in it was changed."""
    signature = tlv.encode(_BIT_STRING, b"\x00" + key.sign(members(certificate)[0]))
    return edited(certificate, (2,), put(signature))


def resealed_sod(sod: bytes, key: PlanKey) -> bytes:
    """Return EF.SOD with its signature over the attributes made again."""
    attributes = tlv.encode(_SET, tlv.decode_one(at(sod, ATTRIBUTES)).value)
    return edited(sod, SIGNATURE, put(tlv.encode(_OCTET_STRING, key.sign(attributes))))


def with_digest_of(sod: bytes, content: bytes, hash_name: str) -> bytes:
    """Return EF.SOD with other content, and its digest among the signed attributes."""
    old = hashlib.new(hash_name, tlv.decode_one(at(sod, CONTENT)).value).digest()
    changed = edited(sod, CONTENT, valued(content))
    digest = hashlib.new(hash_name, content).digest()
    return edited(changed, ATTRIBUTES, lambda element: element.replace(old, digest))
