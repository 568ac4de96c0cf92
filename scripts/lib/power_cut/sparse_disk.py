"""A disk in memory, of which only what is not empty takes room."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Self

_PART: Final = 2**16
"""Bytes that are kept together."""
_EMPTY: Final = bytes(_PART)


class SparseDisk:
    """So many bytes; what was never written is zero."""

    def __init__(self, length: int) -> None:
        self.length = length
        self._parts: dict[int, bytearray] = {}

    @classmethod
    def read(cls, file: BinaryIO, length: int) -> Self:
        """Read so many bytes of a file from where it is."""
        disk = cls(length)
        for number in range(-(-length // _PART)):
            part = file.read(min(_PART, length - number * _PART))
            if part != _EMPTY[: len(part)]:
                disk._parts[number] = bytearray(part.ljust(_PART, b"\0"))
        return disk

    def copy(self) -> "SparseDisk":
        """Return a disk that holds the same."""
        other = SparseDisk(self.length)
        other._parts = {number: bytearray(part) for number, part in self._parts.items()}
        return other

    def write(self, offset: int, content: bytes) -> None:
        """Write bytes; none may lie beyond the end."""
        if not 0 <= offset <= self.length - len(content):
            msg = f"{len(content)} bytes at {offset} do not fit on a disk of {self.length}"
            raise ValueError(msg)
        while content:
            number, start = divmod(offset, _PART)
            now = content[: _PART - start]
            self._parts.setdefault(number, bytearray(_PART))[start : start + len(now)] = now
            offset, content = offset + len(now), content[len(now) :]

    def save(self, path: Path) -> None:
        """Write an image that is as sparse."""
        with path.open("wb") as file:
            for start, part in self._inside():
                file.seek(start)
                file.write(part)
            file.truncate(self.length)

    def content(self) -> bytes:
        """Return all of it."""
        content = bytearray(self.length)
        for start, part in self._inside():
            content[start : start + len(part)] = part
        return bytes(content)

    def _inside(self) -> Iterator[tuple[int, bytearray]]:
        for number, part in self._parts.items():
            yield number * _PART, part[: self.length - number * _PART]
