"""The records of a card status list in pieces, of which each is known by its first key and its hash.

A list is too long to keep in memory, and a file may be written to or cut short after it was checked. So the check
remembers of each piece what 4 kB of records hash to, and a look-up reads one piece, and believes it only if it is still
the one that was checked.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from verifier.cardstatus.layout import HEADER, KEY_LENGTH, RECORD, STATE_OFFSET, CardState
from verifier.cardstatus.order import is_ascending
from verifier.cardstatus.source import Source
from verifier.errors import InvalidInput, MalformedData, TrustMaterialError

RECORDS_IN_A_PIECE: Final = 195
PIECE: Final = RECORDS_IN_A_PIECE * RECORD.size
"""Bytes: just under a page of 4096."""
HASH_LENGTH: Final = 16
REMEMBERED_OF_A_PIECE: Final = KEY_LENGTH + HASH_LENGTH
_PIECES_AT_A_TIME: Final = 4
"""16 kB: the fewest steps per record, in caches of small machines."""
_STATES: Final = bytes(CardState)


def pieces_of(count: int) -> int:
    """Return how many pieces so many records are."""
    return -(-count // RECORDS_IN_A_PIECE)


class RecordPieces:
    """The pieces of one list. Threads may share it."""

    def __init__(self, source: Source, count: int) -> None:
        self._source = source
        self._count = count
        self._first_keys: list[bytes] = []
        self._hashes = b""

    @property
    def remembered(self) -> bytes:
        """What is known of all pieces: their first keys of 16 bytes, then their hashes of 16 bytes."""
        return b"".join(self._first_keys) + self._hashes

    def remember(self, remembered: bytes) -> None:
        """Take what an earlier check of this list remembered in place of checking it."""
        keys = pieces_of(self._count) * KEY_LENGTH
        self._first_keys = [remembered[start : start + KEY_LENGTH] for start in range(0, keys, KEY_LENGTH)]
        self._hashes = remembered[keys:]

    def check(self) -> Iterator[bytes]:
        """Yield all records as they are read, for their bytes to be signed; remember each piece, and check them.

        Raises ``MalformedData`` where a record is out of order, listed twice or of an unknown state.
        """
        last = b""
        hashes = bytearray()
        for number in range(0, pieces_of(self._count), _PIECES_AT_A_TIME):
            records = self._read(number, _PIECES_AT_A_TIME)
            _check(records, after=last, count=self._records_in(number, _PIECES_AT_A_TIME))
            for start in range(0, len(records), PIECE):
                self._first_keys.append(records[start : start + KEY_LENGTH])
                hashes += _hash(records[start : start + PIECE])
            last = records[-RECORD.size :][:KEY_LENGTH]
            yield records
        self._hashes = bytes(hashes)

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
            piece = self._read(number, 1)
        except ValueError as error:
            msg = "the card status list was closed, and cannot be asked any more"
            raise InvalidInput(msg) from error
        except OSError as error:
            msg = "the card status list cannot be read any more"
            raise TrustMaterialError(msg) from error
        if _hash(piece) != self._hashes[number * HASH_LENGTH : (number + 1) * HASH_LENGTH]:
            msg = "the card status list was changed after it was checked"
            raise TrustMaterialError(msg)
        return piece

    def _read(self, number: int, pieces: int) -> bytes:
        length = self._records_in(number, pieces) * RECORD.size
        return self._source.read(HEADER.size + number * PIECE, length)

    def _records_in(self, number: int, pieces: int) -> int:
        return min(pieces * RECORDS_IN_A_PIECE, self._count - number * RECORDS_IN_A_PIECE)


def _check(records: bytes, *, after: bytes, count: int) -> None:
    if len(records) != count * RECORD.size:
        msg = "a card status list was cut short while it was read"
        raise MalformedData(msg)
    if records[:KEY_LENGTH] <= after or not is_ascending(records):
        msg = "a card status list that is not sorted, or lists a card twice"
        raise MalformedData(msg)
    if records[STATE_OFFSET :: RECORD.size].translate(None, _STATES):
        msg = "a card status list with a state that is not known"
        raise MalformedData(msg)


def _hash(piece: bytes) -> bytes:
    return hashlib.sha256(piece).digest()[:HASH_LENGTH]
