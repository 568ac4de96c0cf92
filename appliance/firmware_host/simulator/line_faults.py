"""What can happen to a serial line: unplugged, disturbed, or a reader behind it that falls silent."""

from collections.abc import Callable
from typing import TypeAlias


class LineCut(Exception):
    """Unplug the reader now, after ``last_words``."""

    def __init__(self, last_words: bytes = b"") -> None:
        super().__init__()
        self.last_words = last_words


LineFault: TypeAlias = Callable[[int, bytes], bytes]
"""Called with the index and content of each frame that the reader is about to send (ACKs too); returns what goes out
or raises ``LineCut``."""


def cut_at_frame(number: int) -> LineFault:
    """Unplug the reader before its frame with this index."""

    def fault(index: int, frame: bytes) -> bytes:
        if index >= number:
            raise LineCut
        return frame

    return fault


def cut_after_bytes(count: int) -> LineFault:
    """Unplug the reader once it has sent so many bytes."""
    left = count

    def fault(_: int, frame: bytes) -> bytes:
        nonlocal left
        if len(frame) > left:
            raise LineCut(frame[:left])
        left -= len(frame)
        return frame

    return fault


class CutAfterReceived:
    """Unplug the reader once the host has sent it so many bytes; a fault of the other direction."""

    def __init__(self, count: int) -> None:
        self._left = count

    def arriving(self, received: bytes) -> bytes:
        """Return what arrives of these bytes; raise ``LineCut`` where nothing more will."""
        if not self._left:
            raise LineCut
        arrived, self._left = received[: self._left], max(0, self._left - len(received))
        return arrived


def corrupt_frame(number: int, position: int = -2) -> LineFault:
    """Flip a bit of one byte of the frame with this index."""

    def fault(index: int, frame: bytes) -> bytes:
        if index != number:
            return frame
        damaged = bytearray(frame)
        damaged[position % len(frame)] ^= 0x10
        return bytes(damaged)

    return fault


def truncate_frame(number: int, length: int = 4) -> LineFault:
    """Send only the first bytes of the frame with this index."""
    return lambda index, frame: frame[:length] if index == number else frame


def silent_from(number: int) -> LineFault:
    """Send nothing from the frame with this index on: the line is there, the reader has no power."""
    return lambda index, frame: b"" if index >= number else frame
