"""A card status list answers as a dictionary would, and whatever the bytes, raises the project's own errors only."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.cardstatus.card_status_list import CardState, CardStatusEntry, CardStatusList, build_card_status_list
from verifier.cardstatus.layout import signed_message
from verifier.errors import VerifierError

ISSUER = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEYS = st.binary(min_size=16, max_size=16)


def build(states):
    entries = [CardStatusEntry(key, state, NOW) for key, state in states.items()]
    return build_card_status_list(entries, NOW, NOW + timedelta(days=30), 1, ISSUER)


@given(states=st.dictionaries(KEYS, st.sampled_from(CardState), max_size=40), others=st.lists(KEYS, max_size=20))
@settings(max_examples=100, deadline=None)
def test_it_answers_as_a_dictionary_would(states, others):
    cards = CardStatusList.decode(build(states), ISSUER.public_key())
    for key in (*states, *others):
        status = cards.status_of(key)
        assert (None if status is None else status.state) == states.get(key)


@given(
    states=st.dictionaries(KEYS, st.sampled_from(CardState), max_size=4),
    position=st.integers(0, 200),
    change=st.binary(max_size=12),
    sign_again=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_damaged_lists_raise_only_our_errors(states, position, change, sign_again):
    encoded = build(states)
    damaged = encoded[:position] + change + encoded[position + len(change) :]
    if sign_again:
        damaged = damaged[:-64] + ISSUER.sign(signed_message(damaged[:-64]))
    try:
        cards = CardStatusList.decode(damaged, ISSUER.public_key())
        for key in (*states, bytes(16), b"\xff" * 16):
            cards.status_of(key)
    except VerifierError:
        pass
