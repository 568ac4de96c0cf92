"""A card status delta: what changed from a base to a later list. ``docs/card-status-list.md`` describes its bytes.

It is cumulative: a base and its newest delta give today's list, whatever was missed between. A delta is not signed
itself. It carries the signature of the list that it leads to, and the hash of all of it, so a forged one leads nowhere.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import pairwise, starmap
from operator import lt
from typing import Final

from verifier.cardstatus.header import ListHeader, period
from verifier.cardstatus.layout import (
    KEY_LENGTH,
    MAX_COUNT,
    RECORD,
    SIGNATURE_LENGTH,
    STATE_OFFSET,
    VERSION,
    CardState,
)
from verifier.errors import MalformedData, UnsupportedFeature

DELTA_MAGIC: Final = b"\x89TCSD\r\n\x1a"
DELTA_HEADER: Final = struct.Struct(">8sHHIQ32sQQQQ32sII")
"""magic, version, record length, zero, base's sequence and SHA-256, issued at, next update, sequence, count, SHA-256,
removed, new or changed: 128 bytes."""
_KEY: Final = struct.Struct(f"{KEY_LENGTH}s")
_WHOLE: Final = struct.Struct(f"{RECORD.size}s")
_STATES: Final = bytes(CardState)


@dataclass(frozen=True, slots=True)
class CardStatusDelta:
    """What leads from one list, the base, to another of the same issuer, the result. Nothing of it is believed yet."""

    base_sequence: int
    base_sha256: bytes
    """Of the base's whole file, 32 bytes."""
    issued_at: datetime
    """Of the result, as are the next four; UTC."""
    next_update: datetime
    sequence: int
    count: int
    """How many cards are listed."""
    sha256: bytes
    """Of the whole file, 32 bytes."""
    removed: bytes = field(repr=False)
    """The keys of cards that are no longer listed, 16 bytes each, joined, ascending."""
    records: bytes = field(repr=False)
    """The records that are new or changed, 21 bytes each, joined, ascending."""
    signature: bytes = field(repr=False)
    """The issuer's, of the result: 64 bytes."""

    @classmethod
    def decode(cls, encoded: bytes) -> "CardStatusDelta":
        """Decode a delta, and check all that can be told without its base.

        Raises ``MalformedData`` where it is cut off, too long, not sorted, names a card twice, has an unknown state or
        an impossible time, or leads to no later list; ``UnsupportedFeature`` for another version.
        """
        if len(encoded) < DELTA_HEADER.size + SIGNATURE_LENGTH or not encoded.startswith(DELTA_MAGIC):
            msg = "this is no card status delta, or it is cut off"
            raise MalformedData(msg)
        _, version, record_length, zero, base_sequence, base_sha256, issued, due, sequence, count, sha256, gone, new = (
            DELTA_HEADER.unpack_from(encoded)
        )
        if version != VERSION:
            msg = f"card status deltas of version {version} are not supported"
            raise UnsupportedFeature(msg)
        first_record = DELTA_HEADER.size + gone * KEY_LENGTH
        end = first_record + new * RECORD.size
        if (record_length, zero) != (RECORD.size, 0) or len(encoded) != end + SIGNATURE_LENGTH:
            msg = "a card status delta is cut off, or longer than it says"
            raise MalformedData(msg)
        delta = cls(
            base_sequence,
            base_sha256,
            *period(issued, due),
            sequence,
            count,
            sha256,
            removed=bytes(encoded[DELTA_HEADER.size : first_record]),
            records=bytes(encoded[first_record:end]),
            signature=bytes(encoded[end:]),
        )
        _check(delta)
        return delta

    def encode(self) -> bytes:
        """Return the bytes of the delta."""
        header = DELTA_HEADER.pack(
            DELTA_MAGIC,
            VERSION,
            RECORD.size,
            0,
            self.base_sequence,
            self.base_sha256,
            int(self.issued_at.timestamp()),
            int(self.next_update.timestamp()),
            self.sequence,
            self.count,
            self.sha256,
            self.removed_count,
            self.changed_count,
        )
        return header + self.removed + self.records + self.signature

    @property
    def removed_count(self) -> int:
        """How many cards are no longer listed."""
        return len(self.removed) // KEY_LENGTH

    @property
    def changed_count(self) -> int:
        """How many cards are new, or listed otherwise than before."""
        return len(self.records) // RECORD.size

    @property
    def header(self) -> bytes:
        """The 64 bytes with which the result begins."""
        return ListHeader(self.issued_at, self.next_update, self.sequence, self.count).encode()

    def changes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every key that is named, ascending, with its record; with no bytes where it is removed."""
        removed = ((key, b"") for (key,) in _KEY.iter_unpack(self.removed))
        changed = ((record[:KEY_LENGTH], record) for (record,) in _WHOLE.iter_unpack(self.records))
        return merge(removed, changed)


def _check(delta: CardStatusDelta) -> None:
    if delta.sequence <= delta.base_sequence or delta.count > MAX_COUNT:
        msg = "a card status delta that leads to no later list"
        raise MalformedData(msg)
    if not _is_strictly_ascending(key for key, _ in delta.changes()):
        msg = "a card status delta that is not sorted, or names a card twice"
        raise MalformedData(msg)
    if delta.records[STATE_OFFSET :: RECORD.size].translate(None, _STATES):
        msg = "a card status delta with a state that is not known"
        raise MalformedData(msg)


def _is_strictly_ascending(keys: Iterable[bytes]) -> bool:
    """Whether every key is greater than the one before; also told of two rows that were merged, each sorted or not."""
    return all(starmap(lt, pairwise(keys)))
