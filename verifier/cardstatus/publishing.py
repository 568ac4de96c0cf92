"""How a card status list is made: for publishers, and for tests."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.cardstatus.layout import HEADER, MAGIC, MAX_COUNT, RECORD, VERSION, CardState, signed_message, truncated
from verifier.errors import InvalidInput

_MAX_SINCE = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class CardStatusEntry:
    """One card that is no longer good: 16 or 32 bytes of SHA-256, its state, and since when (aware)."""

    key_hash: bytes = field(repr=False)
    state: CardState
    since: datetime


def build_card_status_list(
    entries: Iterable[CardStatusEntry],
    issued_at: datetime,
    next_update: datetime,
    sequence: int,
    private_key: Ed25519PrivateKey,
) -> bytes:
    """Return a signed list, sorted. Every next list has a higher ``sequence``.

    Raises ``InvalidInput`` for a card that is there twice, for times without a zone or in the wrong order.
    """
    start, end = _seconds(issued_at), _seconds(next_update)
    if end <= start or not 0 <= sequence < 1 << 64:
        msg = "the next update comes after the issue, and a sequence number is not negative"
        raise InvalidInput(msg)
    records = sorted(RECORD.pack(truncated(e.key_hash), e.state, _since(e.since)) for e in entries)
    keys = {record[:16] for record in records}
    if len(keys) != len(records) or len(records) > MAX_COUNT:
        msg = "a card is in the list twice, or there are too many"
        raise InvalidInput(msg)
    header = HEADER.pack(MAGIC, VERSION, RECORD.size, start, end, sequence, len(records))
    body = header + b"".join(records)
    return body + private_key.sign(signed_message(body))


def _seconds(moment: datetime) -> int:
    if moment.tzinfo is None or moment.timestamp() < 0:
        msg = "a time in a card status list needs a time zone and lies after 1970"
        raise InvalidInput(msg)
    return int(moment.timestamp())


def _since(moment: datetime) -> int:
    seconds = _seconds(moment)
    if seconds > _MAX_SINCE:
        msg = "a card's state begins before 2106"
        raise InvalidInput(msg)
    return seconds
