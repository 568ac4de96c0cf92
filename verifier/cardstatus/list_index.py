"""What the full check of a list remembers, kept in a file, so that the same list opens again without reading it all.

    magic (16)  records in a piece (4)  header (64)  signature (64)  issuer's key (32)
    first keys (16 each)  hashes (16 each)  SHA-256 of all before (32)

It belongs to the list with this very header and signature, checked with this key. The SHA-256 at the end notices
damage, and keeps out nobody: whoever may write an index decides what the list is believed to say. So only an index of
our own, or of root, that nobody else may write is used: not even one of whoever owns the list, which is signed and may
have come from anybody.
"""

import hashlib
import os
import stat
import struct
from pathlib import Path
from typing import Final

from verifier.cardstatus.record_pieces import RECORDS_IN_A_PIECE, REMEMBERED_OF_A_PIECE, pieces_of
from verifier.whole_file import write_whole_file

_MAGIC: Final = b"thechip cards 1\n"
_HEAD: Final = struct.Struct(">16sI64s64s32s")
_DIGEST_LENGTH: Final = 32
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


class ListIndex:
    """The index of one list: of ``count`` records, with a header and a signature of 64 bytes, and a key of 32 bytes."""

    def __init__(self, header: bytes, signature: bytes, issuer: bytes, count: int) -> None:
        self._head = _HEAD.pack(_MAGIC, RECORDS_IN_A_PIECE, header, signature, issuer)
        self._remembered = pieces_of(count) * REMEMBERED_OF_A_PIECE
        self._length = _HEAD.size + self._remembered + _DIGEST_LENGTH

    def encode(self, remembered: bytes) -> bytes:
        """Return the bytes of the index, of what ``RecordPieces`` remembers."""
        body = self._head + remembered
        return body + hashlib.sha256(body).digest()

    def decode(self, encoded: bytes) -> bytes | None:
        """Return what was remembered; ``None`` where the bytes are damaged, or the index of another list."""
        if len(encoded) != self._length or not encoded.startswith(self._head):
            return None
        body = memoryview(encoded)[:-_DIGEST_LENGTH]
        if hashlib.sha256(body).digest() != encoded[-_DIGEST_LENGTH:]:
            return None
        return bytes(body[_HEAD.size :])

    def read(self, path: Path) -> bytes | None:
        """Return what was remembered; ``None`` where no index is there that may be used."""
        try:
            with open(path, "rb", opener=_open) as file:
                may_be_trusted = self._may_be_trusted(os.fstat(file.fileno()))
                return self.decode(file.read(self._length)) if may_be_trusted else None
        except (OSError, ValueError):  # ValueError: a name that no file can have
            return None

    def write(self, path: Path, remembered: bytes) -> str | None:
        """Write the index; return a sentence where that is not possible. The list is good without it."""
        try:
            write_whole_file(path, self.encode(remembered))
        except OSError as error:
            return f"the index {path.name} cannot be written ({error.strerror})"
        return None

    def _may_be_trusted(self, index: os.stat_result) -> bool:
        return (
            stat.S_ISREG(index.st_mode)
            and index.st_size == self._length
            and index.st_uid in {0, os.geteuid() if hasattr(os, "geteuid") else 0}
            and not index.st_mode & _WRITABLE_BY_OTHERS
        )


def _open(path: str, flags: int) -> int:
    """Open without waiting: to open a pipe would be to wait for whoever writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
