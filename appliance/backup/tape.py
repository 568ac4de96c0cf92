"""Tar without a file: a stream that is read, made from parts as they are asked for, whatever their size."""

import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import BackupNotWritten

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)
"""What ends an archive."""
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive: what is in it, or where that lies."""

    name: str
    content: bytes | Path


def header(name: str, size: int) -> bytes:
    """Return the header of a file with this name, mode 0600, and nothing else that differs between two machines."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def padding(size: int) -> bytes:
    """Return what fills the last block."""
    return bytes(-size % BLOCK)


class Tape(io.RawIOBase):
    """An archive of parts, as a stream; each file is opened when its turn comes. Memory: a quarter of a megabyte.

    ``read`` raises ``BackupNotWritten`` for a file that became shorter meanwhile, and ``OSError``.
    """

    def __init__(self, parts: Iterable[Part]) -> None:
        self._pieces = _pieces(parts)
        self._left = b""

    def readable(self) -> bool:
        """Tell that it is for reading."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = piece
        size = len(self._left) if size < 0 else size
        given, self._left = self._left[:size], self._left[size:]
        return given


def _pieces(parts: Iterable[Part]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part.content, bytes):
            yield header(part.name, len(part.content)) + part.content + padding(len(part.content))
        else:
            yield from _pieces_of_file(part.name, part.content)
    yield END


def _pieces_of_file(name: str, path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        size = left = os.fstat(file.fileno()).st_size
        yield header(name, size)
        while left:
            piece = file.read(min(left, _PIECE))
            if not piece:
                msg = f"the file {path.name} was changed while it was backed up; start again"
                raise BackupNotWritten(msg)
            left -= len(piece)
            yield piece
        yield padding(size)
