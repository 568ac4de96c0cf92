"""How a card status list is made: for publishers, and for tests."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.cardstatus.header import ListHeader
from verifier.cardstatus.layout import MAX_COUNT, MAX_SINCE, RECORD, CardState, signed_message, truncated
from verifier.cardstatus.order import is_ascending
from verifier.errors import InvalidInput


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
    if _seconds(next_update) <= _seconds(issued_at) or not 0 <= sequence < 1 << 64:
        msg = "the next update comes after the issue, and a sequence number is not negative"
        raise InvalidInput(msg)
    records = sorted(RECORD.pack(truncated(e.key_hash), e.state, _since(e.since)) for e in entries)
    count, joined = len(records), b"".join(records)
    del records
    if count > MAX_COUNT or not is_ascending(joined):
        msg = "a card is in the list twice, or there are too many"
        raise InvalidInput(msg)
    body = ListHeader(issued_at, next_update, sequence, count).encode() + joined
    return body + private_key.sign(signed_message(body))


def _seconds(moment: datetime) -> int:
    seconds = moment.timestamp() if moment.tzinfo is not None else -1
    if seconds < 0:
        msg = "a time in a card status list needs a time zone and lies after 1970"
        raise InvalidInput(msg)
    return int(seconds)


def _since(moment: datetime) -> int:
    seconds = _seconds(moment)
    if seconds > MAX_SINCE:
        msg = "a card's state begins before 2106"
        raise InvalidInput(msg)
    return seconds
