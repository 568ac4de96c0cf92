"""Publish a card status list from the issuer's register, and a delta to it, and ask it about a card."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.sdk.publishing import (
    CardState,
    CardStatus,
    CardStatusEntry,
    CardStatusList,
    build_card_status_list,
    make_card_status_delta,
    read_card_status_csv,
)

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
key = Ed25519PrivateKey.generate()
lost = sha256(b"the chip's public key").digest()
entries = [CardStatusEntry(lost, CardState.LOST, now)]
encoded: bytes = build_card_status_list(entries, now, now + timedelta(days=7), 1, key)
with CardStatusList.decode(encoded, key.public_key()) as listed:
    status: CardStatus | None = listed.status_of(lost)
    assert status is not None
    assert status.state is CardState.LOST
    assert listed.status_of(sha256(b"another one").digest()) is None

register = [
    "hash;state;since;reason",
    f"{lost.hex()};good;;",
    f"{sha256(b'another one').hexdigest()};revoked;2026-11-22;",
]
later: bytes = build_card_status_list(read_card_status_csv(register), now, now + timedelta(days=7), 2, key)
delta: bytes = make_card_status_delta(encoded, later)
assert len(delta) == 128 + 16 + 21 + 64
