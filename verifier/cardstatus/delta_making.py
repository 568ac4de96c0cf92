"""How a delta is made: two lists are compared in step, a few hundred records at a time."""

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from verifier.cardstatus.applying import result_of
from verifier.cardstatus.delta import CardStatusDelta
from verifier.cardstatus.layout import KEY_LENGTH, RECORD
from verifier.cardstatus.records import Records
from verifier.cardstatus.source import FileSource, MemorySource, Source, path_of
from verifier.errors import InvalidInput, MalformedData

_AT_A_TIME: Final = 512
"""Records: where lists are equal they are passed over by one comparison, where they differ by a set of so many."""
_WHOLE: Final = struct.Struct(f"{RECORD.size}s")


def make_card_status_delta(base: Path | str | bytes, result: Path | str | bytes) -> bytes:
    """Return the delta that leads from one list to a later one: of both the file, or all bytes.

    Both are complete and signed by one issuer; that they are is for ``CardStatusList.open`` to say. It takes memory for
    what differs, not for the lists. What comes out was applied once to see that it leads to ``result``.

    Raises ``InvalidInput`` where the sequence of ``result`` is not the higher one, ``MalformedData`` for what is no
    list, or one that is not sorted, ``TrustMaterialError`` for a file that cannot be read.
    """
    with ExitStack() as stack:
        before, after = (Records(_opened(one, stack)) for one in (base, result))
        if after.header.sequence <= before.header.sequence:
            msg = f"a delta leads to a later list: {after.header.sequence} does not follow {before.header.sequence}"
            raise InvalidInput(msg)
        delta = _compared(before, after)
        made = delta.encode()
        _require_way(before, made)
    return made


def _opened(one: Path | str | bytes, stack: ExitStack) -> Source:
    source = MemorySource(one) if isinstance(one, bytes) else FileSource.open(path_of(one))
    stack.callback(source.close)
    return source


def _compared(before: Records, after: Records) -> CardStatusDelta:
    removed, changed = bytearray(), bytearray()
    for old, new in _differing(before, after):
        had, has = _set_of(old), _set_of(new)
        came = sorted(has - had)
        gone = {record[:KEY_LENGTH] for record in had - has} - {record[:KEY_LENGTH] for record in came}
        removed += b"".join(sorted(gone))
        changed += b"".join(came)
    header = after.header
    return CardStatusDelta(
        base_sequence=before.header.sequence,
        base_sha256=before.sha256(),
        issued_at=header.issued_at,
        next_update=header.next_update,
        sequence=header.sequence,
        count=header.count,
        sha256=after.sha256(),
        removed=bytes(removed),
        records=bytes(changed),
        signature=after.signature,
    )


def _differing(before: Records, after: Records) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records of both lists over the same range of keys, wherever they differ."""
    here = there = 0
    while here < before.count or there < after.count:
        old = before.read(here, min(here + _AT_A_TIME, before.count))
        new = after.read(there, min(there + _AT_A_TIME, after.count))
        if old != new:
            last = min(records[-RECORD.size :][:KEY_LENGTH] for records in (old, new) if records)
            old, new = _up_to(last, old), _up_to(last, new)
            if not old and not new:
                raise _no_way()
            if old != new:
                yield old, new
        here += len(old) // RECORD.size
        there += len(new) // RECORD.size


def _up_to(key: bytes, records: bytes) -> bytes:
    def key_of(number: int) -> bytes:
        return records[number * RECORD.size : number * RECORD.size + KEY_LENGTH]

    return records[: RECORD.size * bisect_right(range(len(records) // RECORD.size), key, key=key_of)]


def _set_of(records: bytes) -> set[bytes]:
    return {record for (record,) in _WHOLE.iter_unpack(records)}


def _require_way(before: Records, made: bytes) -> None:
    delta = CardStatusDelta.decode(made)
    digest = hashlib.sha256()
    for part in result_of(before, delta):
        digest.update(part)
    if digest.digest() != delta.sha256:
        raise _no_way()


def _no_way() -> MalformedData:
    return MalformedData("no delta leads from one list to the other: one of them is not as a card status list must be")
