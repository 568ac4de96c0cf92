"""From BER to definite lengths: some issuers wrote EF.SOD with indefinite lengths and strings in pieces.

CMS allows BER (RFC 5652, 1), and such cards are in circulation. What follows is read as DER, so the structure is
rewritten once: indefinite lengths become definite, an OCTET STRING in pieces becomes one piece. Objects in which there
is nothing to rewrite, above all certificates, keep their bytes exactly.
"""

from dataclasses import dataclass, field

from verifier.errors import MalformedData
from verifier.iso7816 import tlv

_CONSTRUCTED_OCTET_STRING, _OCTET_STRING = 0x24, 0x04
_END_OF_CONTENTS = b"\x00\x00"


@dataclass(slots=True)
class _Open:
    """A constructed object that is being walked."""

    tag: bytes
    start: int
    stop: int | None
    """``None``: until the end-of-contents octets."""
    changed: bool
    parts: list[bytes] = field(default_factory=list)

    @property
    def is_string(self) -> bool:
        return self.tag == bytes([_CONSTRUCTED_OCTET_STRING])


def to_definite(encoded: bytes) -> bytes:
    """Return ``encoded`` with definite lengths only and no OCTET STRING in pieces; usually the very same bytes.

    Raises ``MalformedData`` for what is no BER, is nested deeper than 40 or longer than 1 MiB.
    """
    tlv.check_structure(encoded)
    root = _Open(b"", 0, len(encoded), changed=False)
    stack = [root]
    position = 0
    while len(stack) > 1 or position < len(encoded):
        top = stack[-1]
        if top.stop is None and encoded[position : position + 2] == _END_OF_CONTENTS:
            position += 2
            _close(stack, encoded, position)
        elif position == top.stop:
            _close(stack, encoded, position)
        else:
            position = _enter(stack, encoded, position)
    return b"".join(root.parts) if root.changed else encoded


def _enter(stack: list[_Open], encoded: bytes, start: int) -> int:
    """Open the constructed object at ``start``, or pass a primitive one; return where to go on."""
    tag_end = start + 1
    if encoded[start] & 0x1F == 0x1F:
        while encoded[tag_end] & 0x80:
            tag_end += 1
        tag_end += 1
    tag = encoded[start:tag_end]
    first = encoded[tag_end]
    content = tag_end + 1 + (first & 0x7F if first > 0x80 else 0)
    length = first if first < 0x80 else int.from_bytes(encoded[tag_end + 1 : content])
    if tag[0] & 0x20:
        stop = None if first == 0x80 else content + length
        stack.append(_Open(tag, start, stop, changed=stop is None or tag[0] == _CONSTRUCTED_OCTET_STRING))
        return content
    parent = stack[-1]
    if parent.is_string:
        _require_piece(tag[0])
        parent.parts.append(encoded[content : content + length])
    else:
        parent.parts.append(encoded[start : content + length])
    return content + length


def _close(stack: list[_Open], encoded: bytes, position: int) -> None:
    done = stack.pop()
    parent = stack[-1]
    if not done.changed:
        parent.parts.append(encoded[done.start : position])
        if parent.is_string:
            _require_piece(done.tag[0])
        return
    parent.changed = True
    value = b"".join(done.parts)
    if parent.is_string:
        _require_piece(done.tag[0])
        parent.parts.append(value)
    elif done.is_string:
        parent.parts.append(bytes([_OCTET_STRING]) + tlv.encode_length(len(value)) + value)
    else:
        parent.parts.append(done.tag + tlv.encode_length(len(value)) + value)


def _require_piece(tag: int) -> None:
    if tag not in {_OCTET_STRING, _CONSTRUCTED_OCTET_STRING}:
        msg = "an OCTET STRING in pieces holds something else"
        raise MalformedData(msg)
