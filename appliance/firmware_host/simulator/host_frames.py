"""The frames between host and PN532 on its high speed UART, seen from the chip (UM0701-02, 6.2.1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

ACK = bytes.fromhex("0000FF00FF00")
NACK = bytes.fromhex("0000FFFF0000")
ERROR_FRAME = bytes.fromhex("0000FF01FF7F8100")
"""Sent for a command that the chip cannot parse or does not know (6.2.1.5)."""
LONGEST_PAYLOAD = 265
_BUFFER_LIMIT = 4096


class Signal(Enum):
    """A frame without content."""

    ACK = "acknowledge: cancels what runs"
    NACK = "repeat the last answer"


@dataclass(frozen=True, slots=True)
class Command:
    """What the host asks: the command code and its parameters."""

    code: int
    parameters: bytes = field(repr=False)


def encode_response(code: int, content: bytes) -> bytes:
    """Return an answer as it travels: D5, the command's code plus one, and the content.

    From 255 bytes on the extended form is used, because a length byte of FF reads as its beginning.
    """
    payload = bytes([0xD5, code + 1]) + content
    length = len(payload)
    if length < 0xFF:
        head = bytes([length, -length & 0xFF])
    else:
        size = length.to_bytes(2)
        head = b"\xff\xff" + size + bytes([-sum(size) & 0xFF])
    return b"\x00\x00\xff" + head + payload + bytes([-sum(payload) & 0xFF, 0])


class HostFrameDecoder:
    """Finds frames in what comes down the line: any preamble, normal and extended form.

    What is damaged is dropped without a word, as the chip does; the host then misses its ACK.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def clear(self) -> None:
        """Forget a frame begun."""
        self._buffer.clear()

    def feed(self, received: bytes) -> Iterator[Command | Signal]:
        """Take bytes from the line, yield what they complete."""
        self._buffer += received
        while (start := self._buffer.find(b"\x00\xff")) >= 0:
            del self._buffer[:start]
            size = self._size()
            if size is None:
                break
            yield from self._decode(bytes(self._buffer[: size or 2]))
            del self._buffer[: size or 2]
        if len(self._buffer) > _BUFFER_LIMIT:
            self._buffer.clear()

    def _size(self) -> int | None:
        """Return the size of the frame that the buffer begins with, 0 for none, ``None`` for not yet known."""
        header = bytes(self._buffer[:7])
        if len(header) < 4:
            return None
        if header[2:4] in (b"\x00\xff", b"\xff\x00"):
            return 4
        if header[2:4] != b"\xff\xff":
            size = 4 + header[2] + 1 if header[2] and sum(header[2:4]) & 0xFF == 0 else 0
        elif len(header) < 7:
            return None
        else:
            size = 7 + int.from_bytes(header[4:6]) + 1 if sum(header[4:7]) & 0xFF == 0 else 0
        if size > LONGEST_PAYLOAD + 8:
            return 0
        return size if len(self._buffer) >= size else None

    @staticmethod
    def _decode(frame: bytes) -> Iterator[Command | Signal]:
        if frame[2:] == b"\x00\xff":
            yield Signal.ACK
        elif frame[2:] == b"\xff\x00":
            yield Signal.NACK
        elif len(frame) > 4:
            payload = frame[7:-1] if frame[2:4] == b"\xff\xff" else frame[4:-1]
            if sum(frame[-1:] + payload) & 0xFF == 0 and len(payload) >= 2 and payload[0] == 0xD4:
                yield Command(payload[1], payload[2:])
