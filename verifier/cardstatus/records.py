"""The records of a list by their numbers, read where they are needed: how two lists are compared, and one changed."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from verifier.cardstatus.header import ListHeader
from verifier.cardstatus.layout import HEADER, KEY_LENGTH, RECORD, SIGNATURE_LENGTH
from verifier.cardstatus.source import Source
from verifier.errors import TrustMaterialError

_CHUNK: Final = 1 << 20
_RECORDS_IN_A_CHUNK: Final = _CHUNK // RECORD.size
_WINDOW: Final = 195
"""Records: about a page of 4096 bytes."""


class Records:
    """The header of a list and its records, numbered from 0; nothing is believed that is not hashed as well.

    Raises ``MalformedData`` for what is no list of its length, and ``TrustMaterialError`` where it cannot be read or
    was cut short meanwhile.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.header = ListHeader.decode(self._bytes(0, HEADER.size), source.size)
        self.count = self.header.count
        self._window_start, self._window = 0, b""

    @property
    def signature(self) -> bytes:
        """The 64 bytes at the end."""
        return self._bytes(self._source.size - SIGNATURE_LENGTH, SIGNATURE_LENGTH)

    def sha256(self) -> bytes:
        """Hash the whole list, header and signature included."""
        digest = hashlib.sha256()
        for start in range(0, self._source.size, _CHUNK):
            digest.update(self._bytes(start, min(_CHUNK, self._source.size - start)))
        return digest.digest()

    def read(self, start: int, stop: int) -> bytes:
        """Return the records from ``start`` up to ``stop``, joined."""
        window, offset = self._window, (start - self._window_start) * RECORD.size
        length = (stop - start) * RECORD.size
        if 0 <= offset <= len(window) - length:
            return window[offset : offset + length]
        return self._bytes(HEADER.size + start * RECORD.size, length)

    def runs(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the same in pieces of 1 MB at most."""
        for first in range(start, stop, _RECORDS_IN_A_CHUNK):
            yield self.read(first, min(first + _RECORDS_IN_A_CHUNK, stop))

    def key(self, number: int) -> bytes:
        """Return the key of a record; its neighbours are read with it, for they are mostly asked for next."""
        offset = (number - self._window_start) * RECORD.size
        if not 0 <= offset < len(self._window):
            self._window_start = number - number % _WINDOW
            offset = (number - self._window_start) * RECORD.size
            self._window = b""  # so that it is read, and not found there
            self._window = self.read(self._window_start, min(self._window_start + _WINDOW, self.count))
        return self._window[offset : offset + KEY_LENGTH]

    def first_not_below(self, key: bytes, start: int) -> int:
        """Return the number of the first record from ``start`` whose key is ``key`` or greater; ``count`` if none is.

        It looks ahead in growing steps before it bisects, so that many changes close to each other cost little.
        """
        low, high, step = start, start, 1
        while high < self.count and self.key(high) < key:
            low, high, step = high + 1, high + step, 2 * step
        return bisect_left(range(self.count), key, low, min(high, self.count), key=self.key)

    def _bytes(self, start: int, length: int) -> bytes:
        try:
            found = self._source.read(start, length)
        except OSError as error:
            msg = "the card status list cannot be read any more"
            raise TrustMaterialError(msg) from error
        if len(found) != min(length, self._source.size - start):
            msg = "the card status list was cut short while it was read"
            raise TrustMaterialError(msg)
        return found
