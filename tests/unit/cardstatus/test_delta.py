import io
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.cardstatus.card_status_list import CardState, CardStatusEntry, CardStatusList, build_card_status_list
from verifier.cardstatus.delta import DELTA_HEADER
from verifier.cardstatus.layout import HEADER, RECORD, signed_message
from verifier.errors import InvalidInput, MalformedData, TrustMaterialError, UnsupportedFeature
from verifier.sdk.card_status import CardStatusDelta, apply_card_status_delta
from verifier.sdk.publishing import make_card_status_delta

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ISSUER = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = ISSUER.public_key()


def key(number):
    return number.to_bytes(16)


def signed(states, sequence, at=NOW):
    """Return a list of states by number; a state may come with a time."""
    entries = [
        CardStatusEntry(key(number), *(state if isinstance(state, tuple) else (state, NOW)))
        for number, state in states.items()
    ]
    return build_card_status_list(entries, at, at + 30 * DAY, sequence, ISSUER)


def revoked(*cards):
    return dict.fromkeys(cards, CardState.REVOKED)


def numbers(count, *, seed):
    random = Random(seed)
    return [random.getrandbits(128) for _ in range(count)]


@pytest.fixture
def applied(tmp_path):
    def apply(base, delta):
        path = tmp_path / "base.list"
        path.write_bytes(base)
        into = io.BytesIO()
        decoded = apply_card_status_delta(path, delta, into)
        return decoded, into.getvalue()

    return apply


LAST = (1 << 128) - 1
MANY = revoked(*numbers(5000, seed=1))
FEWER = {number: state for place, (number, state) in enumerate(MANY.items()) if place % 7}
ANOTHER = {number: CardState.LOST if place % 11 == 0 else state for place, (number, state) in enumerate(FEWER.items())}
NEW = revoked(*numbers(1300, seed=2))


@pytest.mark.parametrize(
    ("before", "after", "removed", "changed"),
    [
        ({}, {}, 0, 0),
        (revoked(5), revoked(5), 0, 0),
        ({}, revoked(1, 2, 3), 0, 3),
        (revoked(1, 2, 3), {}, 3, 0),
        (revoked(1, 2, 3), revoked(4, 5, 6), 3, 3),
        (revoked(1, 3), revoked(0, 1, 2, 3, LAST), 0, 3),
        (revoked(0, 1, LAST), revoked(1), 2, 0),
        (revoked(1, 2), {1: CardState.REVOKED, 2: CardState.LOST}, 0, 1),
        (revoked(1, 2), {1: (CardState.REVOKED, NOW - DAY), 2: CardState.REVOKED}, 0, 1),
        (MANY, MANY, 0, 0),
        (MANY, {}, 5000, 0),
        ({}, MANY, 0, 5000),
        (MANY, ANOTHER | NEW, 5000 - len(FEWER), 1300 + len([s for s in ANOTHER.values() if s is CardState.LOST])),
    ],
    ids=[
        "nothing",
        "same",
        "first",
        "all",
        "others",
        "ends",
        "ends go",
        "state",
        "since",
        "many",
        "none",
        "new",
        "mix",
    ],
)
def test_a_base_and_its_delta_give_the_result_byte_for_byte(applied, before, after, removed, changed):
    base, result = signed(before, 7), signed(after, 9, at=NOW + DAY)
    delta = make_card_status_delta(base, result)
    decoded, made = applied(base, delta)
    assert made == result
    assert (decoded.removed_count, decoded.changed_count) == (removed, changed)
    assert len(delta) == 128 + 16 * removed + 21 * changed + 64
    with CardStatusList.decode(made, PUBLIC) as cards:
        assert len(cards) == len(after)


def test_a_delta_says_what_it_leads_from_and_to():
    base, result = signed(revoked(1, 2), 7), signed(revoked(2, 3), 9, at=NOW + DAY)
    delta = CardStatusDelta.decode(make_card_status_delta(base, result))
    assert (delta.base_sequence, delta.base_sha256) == (7, sha256(base).digest())
    assert (delta.sequence, delta.count, delta.sha256) == (9, 2, sha256(result).digest())
    assert (delta.issued_at, delta.next_update) == (NOW + DAY, NOW + 31 * DAY)
    assert delta.signature == result[-64:]
    assert key(1).hex() not in repr(delta)
    assert repr(delta.removed) not in repr(delta)


def test_files_and_bytes_give_the_same_delta(tmp_path):
    base, result = tmp_path / "base.list", tmp_path / "result.list"
    base.write_bytes(signed(MANY, 1))
    result.write_bytes(signed(FEWER | NEW, 2))
    by_file = make_card_status_delta(base, str(result))
    assert by_file == make_card_status_delta(base.read_bytes(), result.read_bytes())


def test_a_thousand_changes_among_200000_cards_are_less_than_40_kilobytes(applied):
    cards = numbers(200_500, seed=3)
    base, result = signed(revoked(*cards[:200_000]), 1), signed(revoked(*cards[500:]), 2)
    delta = make_card_status_delta(base, result)
    assert len(delta) <= 40_000
    assert applied(base, delta)[1] == result


@pytest.mark.parametrize("sequence", [1, 6, 7])
def test_a_delta_leads_forward_only(sequence):
    with pytest.raises(InvalidInput, match=f"{sequence} does not follow 7"):
        make_card_status_delta(signed({}, 7), signed(revoked(1), sequence))


def test_the_base_may_be_a_file_that_cannot_be_read(tmp_path):
    delta = make_card_status_delta(signed({}, 1), signed({}, 2))
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "empty", "pipe", "."):
        with pytest.raises(TrustMaterialError, match="cannot be read"):
            apply_card_status_delta(tmp_path / name, delta, io.BytesIO())
        with pytest.raises(TrustMaterialError, match="cannot be read"):
            make_card_status_delta(tmp_path / name, signed({}, 2))
    with pytest.raises(InvalidInput, match="a Path or a str"):
        apply_card_status_delta(7, delta, io.BytesIO())


def test_what_is_no_list_has_no_delta():
    for broken in (b"junk" * 100, signed(revoked(1), 1)[:-1], signed(revoked(1), 1) + b"\0"):
        with pytest.raises(MalformedData):
            make_card_status_delta(broken, signed({}, 2))
        with pytest.raises(MalformedData):
            make_card_status_delta(signed({}, 0), broken)


def records_of(*numbers, state=CardState.REVOKED):
    return b"".join(RECORD.pack(key(number), state, 0) for number in numbers)


def whole(records, sequence):
    fields = list(HEADER.unpack(signed({}, sequence)[: HEADER.size]))
    fields[6] = len(records) // RECORD.size
    body = HEADER.pack(*fields) + records
    return body + ISSUER.sign(signed_message(body))


@pytest.mark.parametrize(
    "unsorted",
    [records_of(3, 2, 1), records_of(*range(1000, 0, -1)), records_of(9, 9, 1), records_of(1, 1)],
    ids=["three", "many", "below", "twice"],
)
@pytest.mark.parametrize("other", [b"", records_of(1, 2), records_of(1, 9, LAST), records_of(*range(1000))])
def test_a_list_that_is_not_sorted_has_no_delta(unsorted, other):
    with pytest.raises(MalformedData):
        make_card_status_delta(whole(other, 1), whole(unsorted, 2))


BASE = signed(revoked(10, 20, 30), 7)
RESULT = signed(revoked(20, 25, 30, 40), 9)
DELTA = CardStatusDelta.decode(make_card_status_delta(BASE, RESULT))


def changed(**fields):
    """Return the bytes of a delta that was made by hand, its counts those of what it holds."""
    values = {name: getattr(DELTA, name) for name in DELTA.__slots__} | fields
    return CardStatusDelta(**values).encode()


@pytest.mark.parametrize(
    ("delta", "sentence"),
    [
        (changed(removed=key(11)), "removes a card which its base does not list"),
        (changed(removed=key(10) + key(LAST)), "removes a card which its base does not list"),
        (changed(removed=b""), "leads to 5 cards, and says 4"),
        (changed(count=3), "leads to 4 cards, and says 3"),
        (changed(removed=key(20) + key(10)), "not sorted, or names a card twice"),
        (changed(removed=key(10) + key(10)), "not sorted, or names a card twice"),
        (changed(records=records_of(40, 25)), "not sorted, or names a card twice"),
        (changed(records=records_of(25, 25)), "not sorted, or names a card twice"),
        (changed(records=records_of(10, 25)), "not sorted, or names a card twice"),
        (changed(records=records_of(25, 40, state=9)), "a state that is not known"),
        (changed(sequence=7), "leads to no later list"),
        (changed(sequence=6), "leads to no later list"),
        (changed(count=100_000_001), "leads to no later list"),
        (changed(next_update=NOW), "ends before it begins"),
    ],
)
def test_a_delta_that_contradicts_itself_or_its_base_is_malformed(applied, delta, sentence):
    with pytest.raises(MalformedData, match=sentence):
        applied(BASE, delta)


@pytest.mark.parametrize(
    ("delta", "sentence"),
    [
        (changed(base_sequence=6), "is for card status list 6, and this is list 7"),
        (changed(base_sha256=bytes(32)), "another card status list 7"),
        (changed(sha256=bytes(32)), "its publisher hashed"),
        (changed(issued_at=NOW + DAY), "its publisher hashed"),
        (changed(sequence=10), "its publisher hashed"),
        (changed(signature=bytes(64)), "its publisher hashed"),
        (changed(records=records_of(25, 41)), "its publisher hashed"),
    ],
)
def test_a_delta_of_another_base_or_to_something_else_is_not_believed(applied, delta, sentence):
    with pytest.raises(TrustMaterialError, match=sentence):
        applied(BASE, delta)


def test_nothing_is_written_for_another_base(tmp_path):
    (tmp_path / "base").write_bytes(signed(revoked(10, 20, 31), 7))
    into = io.BytesIO()
    with pytest.raises(TrustMaterialError, match="another card status list 7"):
        apply_card_status_delta(tmp_path / "base", DELTA.encode(), into)
    assert into.getvalue() == b""


def test_a_forged_delta_whose_hashes_fit_fails_at_the_issuers_signature(applied):
    forger = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
    entries = [CardStatusEntry(key(20), CardState.REVOKED, NOW)]
    forged = build_card_status_list(entries, NOW, NOW + DAY, 10, forger)
    _, made = applied(BASE, make_card_status_delta(BASE, forged))
    assert made == forged
    with pytest.raises(TrustMaterialError, match="not signed by the issuer"):
        CardStatusList.decode(made, PUBLIC)


def test_no_bit_of_a_delta_can_be_changed(applied):
    encoded = DELTA.encode()
    for position in range(len(encoded)):
        damaged = bytearray(encoded)
        damaged[position] ^= 1
        with pytest.raises((MalformedData, TrustMaterialError, UnsupportedFeature)):
            applied(BASE, bytes(damaged))


def test_no_end_of_a_delta_can_be_cut_off_or_grow():
    encoded = DELTA.encode()
    for length in range(len(encoded)):
        with pytest.raises(MalformedData):
            CardStatusDelta.decode(encoded[:length])
    with pytest.raises(MalformedData):
        CardStatusDelta.decode(encoded + b"\0")


def test_a_delta_of_another_version_is_refused_by_its_number():
    encoded = bytearray(DELTA.encode())
    encoded[9] = 2
    with pytest.raises(UnsupportedFeature, match="version 2"):
        CardStatusDelta.decode(bytes(encoded))


@pytest.mark.parametrize("counts", [(1 << 32) - 1, 1 << 31])
def test_a_delta_that_claims_billions_of_changes_is_refused_before_anything_is_made_of_it(counts):
    fields = list(DELTA_HEADER.unpack_from(DELTA.encode()))
    for place in (-2, -1):
        fields[place] = counts
    with pytest.raises(MalformedData, match="cut off, or longer"):
        CardStatusDelta.decode(DELTA_HEADER.pack(*fields) + bytes(64))


def test_a_base_that_shrinks_while_it_is_read_is_an_error(tmp_path):
    path = tmp_path / "base.list"
    path.write_bytes(signed(MANY, 1))
    delta = make_card_status_delta(path, signed(FEWER, 2))

    class Shortening(io.BytesIO):
        def write(self, part):
            os.truncate(path, 1000)
            return super().write(part)

    with pytest.raises(TrustMaterialError, match="cut short while it was read"):
        apply_card_status_delta(path, delta, Shortening())


def test_a_full_disk_stays_an_error_of_the_system(tmp_path):
    path = tmp_path / "base.list"
    path.write_bytes(BASE)
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):
        apply_card_status_delta(path, DELTA.encode(), full)
