"""Whether bytes are DER: the shortest lengths and integers, and truth as FF (ITU-T X.690, 8.3, 10 and 11)."""

from typing import Final

from verifier.pki.asn1.der import BOOLEAN, INTEGER

_CONSTRUCTED: Final = 0x20
MAX_OBJECTS: Final = 1 << 20


def why_not_der(encoded: bytes) -> str | None:
    """Return where an encoding first differs from DER; ``None`` for DER, and for what is no BER with definite lengths.

    Every object is looked at once, whatever its depth.
    """
    position, seen = 0, 0
    while position + 2 <= len(encoded) and seen < MAX_OBJECTS:
        seen += 1
        tag, first = encoded[position], encoded[position + 1]
        content, length = position + 2, first
        if first == 0x80:
            return f"The object at byte {position} has an indefinite length."
        if first > 0x80:
            content += first & 0x7F
            length = int.from_bytes(encoded[position + 2 : content])
            if length < 0x80 or encoded[position + 2 : position + 3] == b"\x00":
                return f"The object at byte {position} has a length in more bytes than it needs."
        problem = _value_problem(tag, encoded[content : min(content + length, content + 2)], length)
        if problem:
            return f"The {problem} at byte {position} is not written as DER."
        position = content if tag & _CONSTRUCTED else content + length
    return None


def _value_problem(tag: int, start: bytes, length: int) -> str | None:
    if tag == BOOLEAN and length == 1 and start not in {b"\x00", b"\xff"}:
        return "BOOLEAN"
    if tag == INTEGER and length > 1 and (start[:1], start[1:2] >= b"\x80") in {(b"\x00", False), (b"\xff", True)}:
        return "INTEGER"
    return None
