"""Where the bytes of a list are: in memory, or in a file that is read where it is needed."""

import os
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from verifier.errors import InvalidInput, TrustMaterialError


class Source(Protocol):
    """The bytes of a list, and how many they were when it was opened."""

    size: int

    def read(self, start: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``start``, fewer at the end; raise ``OSError`` or ``ValueError``."""
        ...

    def close(self) -> None:
        """Let go of them."""
        ...


class MemorySource:
    """A list in memory."""

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded
        self.size = len(encoded)

    def read(self, start: int, length: int) -> bytes:
        """Return a part of it."""
        return self.encoded[start : start + length]

    def close(self) -> None:
        """Do nothing: bytes need not be closed."""


class FileSource:
    """A list in a file, read where it is needed and never mapped: a file that shrinks is an error and no crash."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    @classmethod
    def open(cls, path: Path) -> "FileSource":
        """Open a regular file that is not empty. Raises ``TrustMaterialError``."""
        try:
            if not path.is_file():  # to open a pipe would be to wait for whoever writes into it
                raise unreadable(path)
            opened = cls(path.open("rb"))
        except (OSError, ValueError) as error:
            raise unreadable(path) from error
        if not opened.size:
            opened.close()
            raise unreadable(path)
        return opened

    def read(self, start: int, length: int) -> bytes:
        """Return a part of it. Raises ``ValueError`` once the file was closed."""
        return os.pread(self._file.fileno(), length, start)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def path_of(path: object) -> Path:
    """Return a path as one. Raises ``InvalidInput`` for what is none."""
    if not isinstance(path, str | Path):
        msg = "a card status list is opened by a Path or a str"
        raise InvalidInput(msg)
    return Path(path)


def unreadable(path: Path) -> TrustMaterialError:
    """Return the error for a file that cannot be read."""
    return TrustMaterialError(f"the card status list {path} cannot be read, or is empty")
