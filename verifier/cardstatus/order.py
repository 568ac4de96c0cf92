"""Whether records are in order, told for hundreds of them at once.

A list of millions is checked on small machines, and a loop over keys would take most of the time. So neighbours are
compared by one subtraction of two long integers, which hold the keys side by side: above each key the five bytes of
another record's state and time are cleared, and the carry out of a key falls there.
"""

from functools import lru_cache
from typing import Final

from verifier.cardstatus.layout import KEY_LENGTH, RECORD

_RECORD_BITS: Final = 8 * RECORD.size
_KEY_BITS: Final = 8 * KEY_LENGTH


def is_ascending(records: bytes) -> bool:
    """Whether the key of every record is greater than the one before: sorted, and none twice.

    >>> is_ascending(bytes(21) + bytes(15) + b"\\x01" + bytes(5))
    True
    >>> is_ascending(bytes(21) + bytes(21))
    False
    """
    pairs = len(records) // RECORD.size - 1
    if pairs < 1:
        return True
    keys, carries = _masks(pairs)
    number = int.from_bytes(records)
    later, earlier = number & keys, (number >> _RECORD_BITS) & keys
    return (later + keys - earlier) & carries == carries  # later + (2**128 - 1) - earlier reaches 2**128 if later wins


@lru_cache(maxsize=8)
def _masks(count: int) -> tuple[int, int]:
    """Return, for ``count`` records, all bits of their keys, and the bit above each key."""
    ones = int.from_bytes((bytes(RECORD.size - 1) + b"\x01") * count)
    return ones * (((1 << _KEY_BITS) - 1) << (_RECORD_BITS - _KEY_BITS)), ones << _RECORD_BITS
