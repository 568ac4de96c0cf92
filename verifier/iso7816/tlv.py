"""BER-TLV (ISO/IEC 8825-1 as used by ISO/IEC 7816-4, 5.2) with a depth and a length limit.

Every structure from a card or a list passes here before any deeper decoder sees it: ``check_structure`` walks it
without recursion, so nested hostile bytes meet a limit and not the interpreter's stack.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from verifier.errors import MalformedData
from verifier.iso7816.octets import octets

MAX_DEPTH = 40
MAX_LENGTH = 1 << 20
_CONSTRUCTED = 0x20


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object: ``tag`` as an integer of its tag bytes (0x7F49), ``value`` its content bytes."""

    tag: int
    value: bytes = field(repr=False)
    size: int = field(compare=False)
    """Bytes that the object took with tag and length."""

    @property
    def is_constructed(self) -> bool:
        """Whether the value is a sequence of data objects."""
        first = self.tag.to_bytes((self.tag.bit_length() + 7) // 8 or 1)[0]
        return bool(first & _CONSTRUCTED)


def encode(tag: int, value: bytes) -> bytes:
    """Return tag, definite length in its shortest form, value.

    >>> encode(0x5F1F, b"ab").hex()
    '5f1f026162'
    """
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1) + encode_length(len(value)) + value


def encode_length(length: int) -> bytes:
    """Return a definite length in its shortest form: one to five bytes."""
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets


def decode_one(encoded: bytes, *, max_length: int = MAX_LENGTH) -> Tlv:
    """Decode exactly one data object; raise ``MalformedData`` if bytes are missing or left over."""
    encoded = octets(encoded, "a data object")
    element = decode_first(encoded, max_length=max_length)
    if element.size != len(encoded):
        msg = f"{len(encoded) - element.size} bytes are left over after the data object"
        raise MalformedData(msg)
    return element


def decode_first(encoded: bytes, *, max_length: int = MAX_LENGTH) -> Tlv:
    """Decode the data object at the start; whatever follows it is ignored."""
    return _decode_at(encoded, 0, max_length)


def decode_all(encoded: bytes, *, max_length: int = MAX_LENGTH) -> Iterator[Tlv]:
    """Decode a sequence of data objects that fills ``encoded`` exactly."""
    position = 0
    while position < len(encoded):
        element = _decode_at(encoded, position, max_length)
        yield element
        position += element.size


def _decode_at(encoded: bytes, start: int, max_length: int) -> Tlv:
    tag, position = _read_tag(encoded, start)
    length, position = _read_length(encoded, position)
    if length is None:
        msg = "an indefinite length is not allowed here"
        raise MalformedData(msg)
    if length > max_length:
        msg = f"a data object is longer than {max_length} bytes"
        raise MalformedData(msg)
    end = position + length
    if end > len(encoded):
        msg = "a data object ends before its length says"
        raise MalformedData(msg)
    return Tlv(tag, bytes(encoded[position:end]), end - start)


def header_length(start: bytes) -> int:
    """Return how long the whole object is, from its first bytes alone (2 to 8 bytes are enough).

    Used to learn a file's size from its start. Raises ``MalformedData`` when the start is too short or no TLV.
    """
    _, position = _read_tag(start, 0)
    length, position = _read_length(start, position)
    if length is None:
        msg = "an indefinite length is not allowed here"
        raise MalformedData(msg)
    return position + length


def check_structure(encoded: bytes, *, max_depth: int = MAX_DEPTH, max_length: int = MAX_LENGTH) -> None:
    """Walk the structure without recursion and raise ``MalformedData`` where a recursive decoder would suffer.

    Checks that every length stays inside its parent, that nesting is at most ``max_depth``, and that indefinite
    lengths are closed. Says nothing about meaning.
    """
    _require(len(encoded) <= max_length, f"a structure is longer than {max_length} bytes")
    ends: list[int | None] = [len(encoded)]  # None: an indefinite length, closed by 00 00
    position = 0
    while True:
        while ends and ends[-1] is not None and position == ends[-1]:
            ends.pop()
        if not ends:
            return
        if ends[-1] is None and encoded[position : position + 2] == b"\x00\x00":
            ends.pop()
            position += 2
            continue
        position = _step(encoded, position, ends)
        _require(len(ends) <= max_depth, f"data objects are nested deeper than {max_depth}")


def _step(encoded: bytes, position: int, ends: list[int | None]) -> int:
    """Enter or pass the object at ``position``; return where to go on."""
    constructed = position < len(encoded) and bool(encoded[position] & _CONSTRUCTED)
    _, position = _read_tag(encoded, position)
    length, position = _read_length(encoded, position)
    if length is None:
        _require(constructed, "an indefinite length on a primitive data object")
        ends.append(None)
        return position
    limit = next((end for end in reversed(ends) if end is not None), len(encoded))
    _require(position + length <= limit, "a data object ends outside the one that holds it")
    if constructed:
        ends.append(position + length)
        return position
    return position + length


def _read_tag(encoded: bytes, position: int) -> tuple[int, int]:
    if position >= len(encoded):
        msg = "a tag is missing"
        raise MalformedData(msg)
    tag = encoded[position]
    position += 1
    if tag & 0x1F != 0x1F:
        return tag, position
    for _ in range(3):
        _require(position < len(encoded), "a tag is cut off")
        tag = tag << 8 | encoded[position]
        position += 1
        if not tag & 0x80:
            return tag, position
    msg = "a tag is longer than four bytes"
    raise MalformedData(msg)


def _read_length(encoded: bytes, position: int) -> tuple[int | None, int]:
    if position >= len(encoded):
        msg = "a length is missing"
        raise MalformedData(msg)
    first = encoded[position]
    position += 1
    if first < 0x80:
        return first, position
    if first == 0x80:
        return None, position
    count = first & 0x7F
    _require(count <= 4, "a length field is longer than four bytes")
    _require(position + count <= len(encoded), "a length is cut off")
    return int.from_bytes(encoded[position : position + count]), position + count


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise MalformedData(sentence)
