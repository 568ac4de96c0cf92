"""Object identifiers in dotted form and as content bytes (ISO/IEC 8825-1, 8.19)."""

from functools import lru_cache

from verifier.errors import InvalidInput, MalformedData

_MAX_LENGTH = 64


@lru_cache(maxsize=512)
def encode_object_identifier(dotted: str) -> bytes:
    """Return the content bytes, without tag and length.

    >>> encode_object_identifier("0.4.0.127.0.7.2.2.4.2.2").hex()
    '04007f00070202040202'
    """
    try:
        first, second, *rest = (int(arc) for arc in dotted.split("."))
    except ValueError as error:
        msg = "an object identifier has at least two numbers"
        raise InvalidInput(msg) from error
    if not 0 <= first <= 2 or second < 0 or (first < 2 and second > 39) or any(arc < 0 for arc in rest):
        msg = "the numbers of an object identifier are out of range"
        raise InvalidInput(msg)
    return b"".join(_encode_arc(arc) for arc in (40 * first + second, *rest))


@lru_cache(maxsize=512)
def decode_object_identifier(content: bytes) -> str:
    """Return the dotted form of 1 to 64 content bytes; raise ``MalformedData`` where they are no object identifier."""
    if not content or len(content) > _MAX_LENGTH or content[-1] & 0x80:
        msg = "an object identifier is empty, too long or cut off"
        raise MalformedData(msg)
    arcs = []
    value = 0
    for position, octet in enumerate(content):
        starts = position == 0 or not content[position - 1] & 0x80
        if starts and octet == 0x80:
            msg = "a number of an object identifier begins with a zero"
            raise MalformedData(msg)
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def _encode_arc(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets))
