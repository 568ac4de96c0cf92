"""A delta leads from its base to its result and nowhere else, whatever is done to its bytes; so does an index."""

import io
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.cardstatus.card_status_list import CardState, CardStatusEntry, CardStatusList, build_card_status_list
from verifier.errors import VerifierError
from verifier.sdk.card_status import CardStatusDelta, apply_card_status_delta
from verifier.sdk.publishing import make_card_status_delta, read_card_status_csv

ISSUER = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NEAR = st.integers(0, 60).map(lambda number: number.to_bytes(16))
"""Few keys, so that lists have many in common."""
FAR = st.binary(min_size=16, max_size=16)
LISTED = st.dictionaries(NEAR | FAR, st.sampled_from(CardState), max_size=40)


def signed(states, sequence):
    entries = [CardStatusEntry(key, state, NOW) for key, state in states.items()]
    return build_card_status_list(entries, NOW, NOW + timedelta(days=30), sequence, ISSUER)


def applied(base, delta):
    with tempfile.NamedTemporaryFile() as file:
        file.write(base)
        file.flush()
        into = io.BytesIO()
        apply_card_status_delta(Path(file.name), delta, into)
        return into.getvalue()


@given(before=LISTED, after=LISTED)
@settings(max_examples=200, deadline=None)
def test_any_two_lists_have_a_delta_that_names_exactly_what_differs(before, after):
    base, result = signed(before, 1), signed(after, 2)
    delta = make_card_status_delta(base, result)
    assert applied(base, delta) == result
    decoded = CardStatusDelta.decode(delta)
    assert decoded.encode() == delta
    named = {key: CardState(record[16]) if record else None for key, record in decoded.changes()}
    assert named == {key: after.get(key) for key in {*before, *after} if before.get(key) != after.get(key)}


@given(data=st.data(), before=LISTED, after=LISTED, change=st.binary(max_size=12))
@settings(max_examples=300, deadline=None)
def test_a_mutated_delta_gives_the_exact_result_or_a_typed_error(data, before, after, change):
    base, result = signed(before, 1), signed(after, 2)
    delta = make_card_status_delta(base, result)
    position = data.draw(st.integers(0, len(delta)))
    taken = data.draw(st.integers(0, 30))
    mutated = delta[:position] + change + delta[position + taken :]
    try:
        made = applied(base, mutated)
    except VerifierError:
        return
    assert made == result


@given(before=LISTED, delta=st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_what_is_no_delta_raises_only_our_errors(before, delta):
    for bytes_of_one in (delta, b"\x89TCSD\r\n\x1a\0\1\0\x15\0\0\0\0" + delta):
        try:
            applied(signed(before, 1), bytes_of_one)
        except VerifierError:
            continue
        raise AssertionError(bytes_of_one)


@given(data=st.data(), listed=LISTED, change=st.binary(max_size=12))
@settings(max_examples=150, deadline=None)
def test_a_list_with_any_index_beside_it_answers_as_it_does_without(data, listed, change):
    with tempfile.TemporaryDirectory() as folder:
        path, index = Path(folder) / "list", Path(folder) / "index"
        path.write_bytes(signed(listed, 1))
        CardStatusList.open(path, ISSUER.public_key(), index=index).close()
        encoded = index.read_bytes()
        position = data.draw(st.integers(0, len(encoded)))
        taken = data.draw(st.integers(0, 40))
        index.write_bytes(encoded[:position] + change + encoded[position + taken :])
        with CardStatusList.open(path, ISSUER.public_key(), index=index) as cards:
            assert index.read_bytes() == encoded
            for key in (*listed, bytes(16), b"\xff" * 16):
                status = cards.status_of(key)
                assert (None if status is None else status.state) == listed.get(key)


CELLS = st.sampled_from(
    ["ab" * 16, "cd" * 32, "good", "lost", "revoked", "2026-03-01", "2026-03-01T08:00:00Z", "", '"']
)
ROWS = st.lists(CELLS | st.text(max_size=20), max_size=6).flatmap(
    lambda cells: st.sampled_from(",;").map(lambda by: by.join(cells))
)


@given(
    headings=st.sampled_from([[], ["hash,state,since,reason"], ["since;state;hash"]]), rows=st.lists(ROWS, max_size=8)
)
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_table_or_raises_only_our_errors(headings, rows):
    try:
        entries = list(read_card_status_csv([*headings, *rows]))
    except VerifierError:
        return
    assert len({entry.key_hash for entry in entries}) == len(entries)
    assert len(CardStatusList.decode(signed({e.key_hash: e.state for e in entries}, 1), ISSUER.public_key())) == len(
        entries
    )
