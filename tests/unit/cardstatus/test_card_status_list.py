import base64
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.cardstatus.card_status_list import (
    CardState,
    CardStatus,
    CardStatusEntry,
    CardStatusList,
    build_card_status_list,
)
from verifier.cardstatus.layout import HEADER, RECORD, signed_message
from verifier.errors import InvalidInput, MalformedData, TrustMaterialError, UnsupportedFeature

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
ISSUER = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = ISSUER.public_key()


def entry(number, state=CardState.REVOKED, since=NOW):
    return CardStatusEntry(sha256(str(number).encode()).digest(), state, since)


def build(entries, sequence=1):
    return build_card_status_list(entries, NOW, NOW + MONTH, sequence, ISSUER)


def resigned(body):
    return body + ISSUER.sign(signed_message(body))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 100])
def test_every_listed_card_is_found_and_no_other(count):
    entries = [entry(n, CardState(n % 3 + 1), NOW - timedelta(days=n)) for n in range(count)]
    cards = CardStatusList.decode(build(entries), PUBLIC)
    assert len(cards) == count
    for listed in entries:
        assert cards.status_of(listed.key_hash) == CardStatus(listed.state, listed.since)
        assert cards.status_of(listed.key_hash[:16]) == CardStatus(listed.state, listed.since)
    for number in range(count, count + 50):
        assert cards.status_of(entry(number).key_hash) is None
    assert cards.status_of(bytes(16)) is None
    assert cards.status_of(b"\xff" * 16) is None


def test_a_file_answers_as_the_bytes_do(tmp_path):
    path = tmp_path / "cards.csl"
    path.write_bytes(build([entry(n) for n in range(20)], sequence=9))
    with CardStatusList.open(path, PUBLIC.public_bytes_raw()) as cards:
        assert (cards.issued_at, cards.next_update, cards.sequence, cards.count) == (NOW, NOW + MONTH, 9, 20)
        assert cards.status_of(entry(7).key_hash).state is CardState.REVOKED
        replacement = tmp_path / "next.csl"
        replacement.write_bytes(build([]))
        replacement.rename(path)
        assert cards.status_of(entry(8).key_hash) is not None
    assert "9 of 2026-06-01: 20 cards" in repr(cards)


@pytest.mark.parametrize("count", [194, 195, 196, 390, 1000])
def test_cards_at_the_ends_of_the_pieces_are_found(count):
    entries = sorted((entry(n, CardState(n % 3 + 1)) for n in range(count)), key=lambda each: each.key_hash[:16])
    cards = CardStatusList.decode(build(entries), PUBLIC)
    for listed in entries:
        assert cards.status_of(listed.key_hash) == CardStatus(listed.state, listed.since)
    for listed in (*entries[::50], entries[-1]):
        beside = (int.from_bytes(listed.key_hash[:16]) + 1) % (1 << 128)
        assert cards.status_of(beside.to_bytes(16)) is None


@pytest.mark.parametrize("state", [0, int(CardState.LOST)])
def test_what_is_written_into_an_open_list_is_not_believed(tmp_path, state):
    path = tmp_path / "cards.csl"
    entries = sorted((entry(n) for n in range(500)), key=lambda each: each.key_hash[:16])
    path.write_bytes(build(entries))
    with CardStatusList.open(path, PUBLIC) as cards:
        with path.open("r+b") as file:
            file.seek(HEADER.size + 3 * RECORD.size + 16)
            file.write(bytes([state]))
        with pytest.raises(TrustMaterialError, match="changed after it was checked"):
            cards.status_of(entries[3].key_hash)
        with pytest.raises(TrustMaterialError):
            cards.status_of(entries[4].key_hash)
        assert cards.status_of(entries[400].key_hash) == CardStatus(CardState.REVOKED, NOW)  # of another piece


def test_an_open_list_that_is_cut_short_is_an_error_and_no_crash(tmp_path):
    path = tmp_path / "cards.csl"
    path.write_bytes(build([entry(n) for n in range(5000)]))
    with CardStatusList.open(path, PUBLIC) as cards:
        os.truncate(path, 100)
        with pytest.raises(TrustMaterialError, match="changed after it was checked"):
            cards.status_of(entry(7).key_hash)


def test_a_list_of_another_issuer_is_not_believed():
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(TrustMaterialError):
        CardStatusList.decode(build([entry(1)]), other)


def test_no_bit_of_a_list_can_be_changed():
    encoded = build([entry(1), entry(2)])
    for position in range(len(encoded)):
        changed = bytearray(encoded)
        changed[position] ^= 1
        with pytest.raises((TrustMaterialError, MalformedData, UnsupportedFeature)):
            CardStatusList.decode(bytes(changed), PUBLIC)


def test_no_end_of_a_list_can_be_cut_off_or_grow():
    encoded = build([entry(1), entry(2)])
    for length in range(len(encoded)):
        with pytest.raises(MalformedData):
            CardStatusList.decode(encoded[:length], PUBLIC)
    with pytest.raises(MalformedData):
        CardStatusList.decode(encoded + b"\x00", PUBLIC)


def records_of(*entries):
    return [RECORD.pack(e.key_hash[:16], e.state, int(e.since.timestamp())) for e in entries]


def body_of(records, count=None, **header):
    fields = list(HEADER.unpack(build([])[: HEADER.size]))
    fields[6] = len(records) if count is None else count
    for index, value in header.items():
        fields[int(index[1:])] = value
    return HEADER.pack(*fields) + b"".join(records)


@pytest.mark.parametrize(
    "body",
    [
        body_of(sorted(records_of(entry(1), entry(2)), reverse=True)),
        body_of(records_of(entry(1), entry(1))),
        body_of([entry(1).key_hash[:16] + b"\x09" + bytes(4)]),
        body_of([entry(1).key_hash[:16] + b"\x00" + bytes(4)]),
        body_of(records_of(entry(1)), count=2**63),
        body_of([], f3=2**63),
        body_of([], f4=1),
        body_of([], f2=22),
    ],
    ids=["unsorted", "twice", "state", "no state", "count", "time", "ends first", "record length"],
)
def test_a_well_signed_list_that_is_wrong_is_refused_as_a_whole(body):
    with pytest.raises(MalformedData):
        CardStatusList.decode(resigned(body), PUBLIC)


def test_another_version_is_refused_by_its_number():
    with pytest.raises(UnsupportedFeature, match="version 2"):
        CardStatusList.decode(resigned(body_of([], f1=2)), PUBLIC)


def test_a_signature_over_something_else_is_none():
    body = build([])[: HEADER.size]
    with pytest.raises(TrustMaterialError):
        CardStatusList.decode(body + ISSUER.sign(body), PUBLIC)


@pytest.mark.parametrize("content", [None, b""])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "cards.csl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TrustMaterialError, match=r"cards\.csl"):
        CardStatusList.open(path, PUBLIC)


@pytest.mark.parametrize("length", [0, 15, 17, 20, 33])
def test_a_hash_of_another_length_is_refused(length):
    with pytest.raises(InvalidInput):
        CardStatusList.decode(build([]), PUBLIC).status_of(bytes(length))


SPKI = ISSUER.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
RAW = ISSUER.public_key().public_bytes_raw()
OF_ANOTHER_KIND = X25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
OTHER_SPKI = OF_ANOTHER_KIND.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
HEX = RAW.hex().encode()


@pytest.mark.parametrize(
    "handed_over",
    [
        RAW,
        RAW.hex().encode(),
        RAW.hex().upper().encode() + b"\n",
        b"  " + RAW.hex().encode() + b"\r\n",
        base64.b64encode(RAW) + b"\n",
        base64.b64encode(SPKI),
        SPKI,
        ISSUER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=["raw", "hex", "hex line", "hex in blanks", "base64", "base64 of DER", "DER", "PEM"],
)
def test_a_key_is_taken_in_every_form_in_which_it_is_handed_over(handed_over):
    assert CardStatusList.issuer_key(handed_over).public_bytes_raw() == RAW
    assert len(CardStatusList.decode(build([]), handed_over)) == 0


@pytest.mark.parametrize(
    "none",
    [
        b"",
        b"short",
        RAW[:31],
        RAW + b"\n",
        RAW.hex().encode()[:-1],
        SPKI[:-1],
        OTHER_SPKI,
        b"\n" * 32 + b"x",
        b"\xff" * 64,
    ],
)
def test_a_key_that_is_none_is_refused(none):
    with pytest.raises(TrustMaterialError, match="the issuer's public key"):
        CardStatusList.decode(build([]), none)


@pytest.mark.parametrize(
    "arguments",
    [
        ([entry(1), entry(1)], NOW, NOW + MONTH, 1),
        ([entry(1, since=datetime(2026, 1, 1))], NOW, NOW + MONTH, 1),
        ([entry(1, since=datetime(2110, 1, 1, tzinfo=UTC))], NOW, NOW + MONTH, 1),
        ([], NOW, NOW, 1),
        ([], NOW, NOW + MONTH, -1),
        ([], datetime(2026, 1, 1), NOW, 1),
    ],
)
def test_a_publishers_mistake_is_refused(arguments):
    with pytest.raises(InvalidInput):
        build_card_status_list(*arguments, ISSUER)


def test_a_list_that_was_closed_says_so(tmp_path):
    key, at = Ed25519PrivateKey.generate(), datetime(2026, 11, 22, tzinfo=UTC)
    entry = CardStatusEntry(bytes(32), CardState.REVOKED, at)
    path = tmp_path / "cards.list"
    path.write_bytes(build_card_status_list([entry], at, at + timedelta(days=1), 1, key))
    with CardStatusList.open(path, key.public_key()) as listed:
        assert listed.status_of(bytes(32)) is not None
    with pytest.raises(InvalidInput, match="closed"):
        listed.status_of(bytes(32))


@pytest.mark.parametrize("key", ["key.hex", PUBLIC.public_bytes_raw().hex(), None, 7])
def test_a_key_is_bytes_and_not_the_name_of_its_file(tmp_path, key):
    path = tmp_path / "cards.list"
    path.write_bytes(build([entry(1)]))
    for wrong in (key, tmp_path / "key.hex"):
        with pytest.raises(InvalidInput, match="hexadecimal digits, base64, PEM or DER"):
            CardStatusList.open(path, wrong)
        with pytest.raises(InvalidInput):
            CardStatusList.decode(path.read_bytes(), wrong)
    with pytest.raises(InvalidInput):
        CardStatusList.open(7, PUBLIC)


def test_a_key_may_stand_in_any_buffer_of_bytes(tmp_path):
    path = tmp_path / "cards.list"
    path.write_bytes(build([entry(1)]))
    for key in (bytearray(PUBLIC.public_bytes_raw()), memoryview(PUBLIC.public_bytes_raw().hex().encode())):
        with CardStatusList.open(path, key) as opened:
            assert len(opened) == 1
