"""The records of a card status list in pieces, of which each is known by its first key and its hash.

A list is too long to keep in memory, and a file may be written to or cut short after it was checked. So the check
remembers of each piece what 4 kB of records hash to, and a look-up reads one piece, and believes it only if it is still
the one that was checked.
"""

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterator
from io import BufferedReader
from itertools import chain
from typing import Final, Protocol

from verifier.cardstatus.layout import HEADER, RECORD, STATE_OFFSET, CardState, is_strictly_ascending, keys_of
from verifier.errors import InvalidInput, MalformedData, TrustMaterialError

RECORDS_IN_A_PIECE: Final = 195
PIECE: Final = RECORDS_IN_A_PIECE * RECORD.size
"""Bytes: just under a page of 4096."""
_HASH_LENGTH: Final = 16
_STATES: Final = frozenset(CardState)


class Source(Protocol):
    """Where the bytes of a list are."""

    def read(self, start: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``start``, fewer at the end; raise ``OSError`` or ``ValueError``."""
        ...


class MemorySource:
    """A list in memory."""

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded

    def read(self, start: int, length: int) -> bytes:
        """Return a part of it."""
        return self.encoded[start : start + length]


class FileSource:
    """A list in a file, read where it is needed and never mapped: a file that shrinks is an error and no crash."""

    def __init__(self, file: BufferedReader) -> None:
        self.file = file

    def read(self, start: int, length: int) -> bytes:
        """Return a part of it. Raises ``ValueError`` once the file was closed."""
        return os.pread(self.file.fileno(), length, start)


class RecordPieces:
    """The pieces of one list. Threads may share it."""

    def __init__(self, source: Source, count: int) -> None:
        self._source = source
        self._count = count
        self._first_keys: list[bytes] = []
        self._hashes = bytearray()

    def check(self) -> Iterator[bytes]:
        """Yield every piece as it is read, for its bytes to be signed; remember it, and check order and states.

        Raises ``MalformedData`` where a record is out of order, listed twice or of an unknown state.
        """
        last: list[bytes] = []
        for number in range(-(-self._count // RECORDS_IN_A_PIECE)):
            piece = self._read(number)
            keys = list(keys_of(piece))
            if not is_strictly_ascending(chain(last, keys)):
                msg = "a card status list that is not sorted, or lists a card twice"
                raise MalformedData(msg)
            if not _STATES.issuperset(piece[STATE_OFFSET :: RECORD.size]):
                msg = "a card status list with a state that is not known"
                raise MalformedData(msg)
            self._first_keys.append(keys[0])
            self._hashes += _hash(piece)
            last = keys[-1:]
            yield piece

    def record(self, key: bytes) -> tuple[int, int] | None:
        """Return state and time of a key, ``None`` where it is not listed.

        Raises ``TrustMaterialError`` where the file is no longer the one that was checked, and ``InvalidInput`` where
        it was closed.
        """
        number = bisect_right(self._first_keys, key) - 1
        if number < 0:
            return None
        piece = self._believed(number)
        low, high = 0, len(piece) // RECORD.size
        while low < high:
            middle = (low + high) // 2
            found, state, since = RECORD.unpack_from(piece, middle * RECORD.size)
            if found == key:
                return state, since
            if found < key:
                low = middle + 1
            else:
                high = middle
        return None

    def _believed(self, number: int) -> bytes:
        try:
            piece = self._read(number)
        except ValueError as error:
            msg = "the card status list was closed, and cannot be asked any more"
            raise InvalidInput(msg) from error
        except OSError as error:
            msg = "the card status list cannot be read any more"
            raise TrustMaterialError(msg) from error
        if _hash(piece) != self._hashes[number * _HASH_LENGTH : (number + 1) * _HASH_LENGTH]:
            msg = "the card status list was changed after it was checked"
            raise TrustMaterialError(msg)
        return piece

    def _read(self, number: int) -> bytes:
        records = min(RECORDS_IN_A_PIECE, self._count - number * RECORDS_IN_A_PIECE)
        return self._source.read(HEADER.size + number * PIECE, records * RECORD.size)


def _hash(piece: bytes) -> bytes:
    return hashlib.sha256(piece).digest()[:_HASH_LENGTH]
