"""How today's list is made from a base and its delta: the runs between the changes are copied, and all is hashed."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from verifier.cardstatus.delta import CardStatusDelta
from verifier.cardstatus.records import Records
from verifier.cardstatus.source import FileSource, path_of
from verifier.errors import MalformedData, TrustMaterialError


def apply_card_status_delta(base: Path | str, delta: bytes, into: BinaryIO) -> CardStatusDelta:
    """Write the list that a delta leads to from the file ``base``, byte for byte as its issuer signed it.

    Once it returns, what was written has the SHA-256 that the delta names; *whether the issuer signed it* is for
    ``CardStatusList.open`` to say, and is not known before. If it raises, nothing that was written counts: write beside
    the list in use, and rename. ``into`` is a buffered file; it is neither flushed nor closed. The base is read twice,
    and never as a whole: memory does not grow with it.

    Raises ``MalformedData`` for a delta that is damaged or removes what the base does not list, ``UnsupportedFeature``
    for another version, ``TrustMaterialError`` for a base that cannot be read or is another than the delta's, and for a
    result that is not the one that was published. What ``into`` raises, a full disk say, stays an ``OSError``.
    """
    decoded = CardStatusDelta.decode(delta)
    with closing(FileSource.open(path_of(base))) as source:
        records = Records(source)
        _require_base(records, decoded)
        digest = hashlib.sha256()
        for part in result_of(records, decoded):
            digest.update(part)
            into.write(part)
    if digest.digest() != decoded.sha256:
        msg = "the delta does not lead to the card status list that its publisher hashed"
        raise TrustMaterialError(msg)
    return decoded


def result_of(base: Records, delta: CardStatusDelta) -> Iterator[bytes]:
    """Yield the bytes of the list that a delta leads to; whether they hash to what it says is not looked at.

    Raises ``MalformedData`` where it removes a card that is not there, or does not come to its count.
    """
    yield delta.header
    position, count = 0, base.count
    for key, record in delta.changes():
        found = base.first_not_below(key, position)
        yield from base.runs(position, found)
        is_listed = found < base.count and base.key(found) == key
        if not record and not is_listed:
            msg = "a card status delta that removes a card which its base does not list"
            raise MalformedData(msg)
        if record:
            yield record
        position = found + is_listed
        count += bool(record) - is_listed
    if count != delta.count:
        msg = f"a card status delta that leads to {count} cards, and says {delta.count}"
        raise MalformedData(msg)
    yield from base.runs(position, base.count)
    yield delta.signature


def _require_base(base: Records, delta: CardStatusDelta) -> None:
    if base.header.sequence != delta.base_sequence:
        msg = f"the delta is for card status list {delta.base_sequence}, and this is list {base.header.sequence}"
        raise TrustMaterialError(msg)
    if base.sha256() != delta.base_sha256:
        msg = f"this is another card status list {delta.base_sequence} than the one that the delta is for"
        raise TrustMaterialError(msg)
