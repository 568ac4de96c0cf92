"""Looking a card up among 200,000, against a dict of the same entries."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from random import Random

from benchmarks.measure import Row, interleaved
from benchmarks.scenes import AT
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.cardstatus.card_status_list import CardState, CardStatusEntry, CardStatusList, build_card_status_list

_ENTRIES = 200_000


def rows() -> Iterator[Row]:
    """Half of the look-ups find something."""
    random = Random(4)  # noqa: S311 – nobody's cards
    known = {random.randbytes(16): CardState.REVOKED for _ in range(_ENTRIES)}
    key = Ed25519PrivateKey.generate()
    entries = [CardStatusEntry(key_hash, state, AT) for key_hash, state in known.items()]
    encoded = build_card_status_list(entries, AT, AT + timedelta(days=30), 1, key)
    listed = CardStatusList.decode(encoded, key.public_key())
    asked = [*random.sample(list(known), 500), *(random.randbytes(16) for _ in range(500))]
    first, second = cycle(asked), cycle(asked)
    times = interleaved(
        {"ours": lambda: listed.status_of(next(first)), "dict": lambda: known.get(next(second))},
        repetitions=20,
        batch=1000,
    )
    details = {"entries": _ENTRIES, "bytes": len(encoded)}
    yield Row(
        "card status look-up",
        times["ours"].least * 1e6,
        "µs",
        times["dict"].least * 1e6,
        "a look-up in a dict",
        details,
    )
