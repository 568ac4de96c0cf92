"""Receive a card status list and a delta to it, and ask today's list about a card."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.sdk.card_status import (
    CardState,
    CardStatus,
    CardStatusDelta,
    CardStatusList,
    apply_card_status_delta,
)
from verifier.sdk.publishing import CardStatusEntry, build_card_status_list, make_card_status_delta

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
key = Ed25519PrivateKey.generate()
lost = sha256(b"the chip's public key").digest()
month: bytes = build_card_status_list([], now, now + timedelta(days=40), 1, key)
today: bytes = build_card_status_list(
    [CardStatusEntry(lost, CardState.LOST, now)], now, now + timedelta(days=40), 2, key
)
delta: bytes = make_card_status_delta(month, today)

with TemporaryDirectory() as name:
    base, fresh, index = (Path(name) / part for part in ("base.list", "today.list", "today.index"))
    base.write_bytes(month)
    described: CardStatusDelta = CardStatusDelta.decode(delta)
    assert (described.base_sequence, described.sequence, described.issued_at) == (1, 2, now)
    with fresh.open("wb") as file:
        assert apply_card_status_delta(base, delta, file) == described
    assert fresh.read_bytes() == today
    with CardStatusList.open(fresh, key.public_key(), index=index) as listed:
        status: CardStatus | None = listed.status_of(lost)
        problem: str | None = listed.index_problem
        assert status is not None
        assert status.state is CardState.LOST
        assert problem is None
    assert index.exists()
