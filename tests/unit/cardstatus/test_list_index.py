import os
import pickle
import stat
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import get_ident

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.cardstatus.card_status_list import CardState, CardStatusEntry, CardStatusList, build_card_status_list
from verifier.cardstatus.layout import HEADER, RECORD
from verifier.errors import InvalidInput, MalformedData, TrustMaterialError

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
ISSUER = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = ISSUER.public_key()
COUNT = 1000


def entry(number):
    return CardStatusEntry(sha256(str(number).encode()).digest(), CardState(number % 3 + 1), NOW)


def build(count=COUNT, sequence=1, issuer=ISSUER, at=NOW):
    return build_card_status_list([entry(n) for n in range(count)], at, at + MONTH, sequence, issuer)


KEYS = sorted(entry(n).key_hash[:16] for n in range(COUNT))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "cards.list"
    path.write_bytes(build())
    return path


@pytest.fixture
def index(tmp_path):
    return tmp_path / "cards.index"


@pytest.fixture
def sealed(path, index):
    CardStatusList.open(path, PUBLIC, index=index).close()
    return index


def is_served(path, index, key=PUBLIC):
    """Whether the list opens by its index: then a damaged record is noticed when it is looked up, and not before."""
    content = path.read_bytes()
    path.write_bytes(content[: HEADER.size + 3] + b"\xee" + content[HEADER.size + 4 :])
    try:
        with CardStatusList.open(path, key, index=index) as cards:
            with pytest.raises(TrustMaterialError, match="changed after it was checked"):
                cards.status_of(KEYS[0])
            return True
    except (TrustMaterialError, MalformedData):
        return False
    finally:
        path.write_bytes(content)


def test_a_list_that_was_checked_once_opens_by_its_index(path, index):
    assert not is_served(path, index)
    CardStatusList.open(path, PUBLIC, index=index).close()
    assert is_served(path, index)
    assert is_served(path, str(index))


@pytest.mark.parametrize("count", [0, 1, 194, 195, 196, 780, 781, 1000])
def test_look_ups_are_the_same_with_and_without_an_index(path, index, count):
    path.write_bytes(build(count))
    hashes = [entry(n).key_hash for n in range(COUNT + 50)] + [bytes(16), b"\xff" * 16]
    with (
        CardStatusList.open(path, PUBLIC) as plain,
        CardStatusList.open(path, PUBLIC, index=index) as first,
        CardStatusList.open(path, PUBLIC, index=index) as second,
    ):
        assert first.index_problem is second.index_problem is None
        for cards in (first, second):
            assert (cards.issued_at, cards.next_update, cards.sequence, cards.count) == (NOW, NOW + MONTH, 1, count)
            assert [cards.status_of(key) for key in hashes] == [plain.status_of(key) for key in hashes]


def test_a_record_that_was_damaged_since_is_noticed_when_it_is_looked_up(path, sealed):
    content = bytearray(path.read_bytes())
    content[HEADER.size + 500 * RECORD.size + 16] ^= 1
    path.write_bytes(bytes(content))
    with CardStatusList.open(path, PUBLIC, index=sealed) as cards:
        with pytest.raises(TrustMaterialError, match="changed after it was checked"):
            cards.status_of(KEYS[500])
        assert cards.status_of(KEYS[0]) is not None


@pytest.mark.parametrize("place", [24, 40, -1, -64])
def test_a_header_or_signature_that_was_damaged_since_is_noticed_when_the_list_is_opened(path, sealed, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises((TrustMaterialError, MalformedData)):
        CardStatusList.open(path, PUBLIC, index=sealed)


def test_a_list_that_was_cut_short_since_is_noticed_when_it_is_opened(path, sealed):
    os.truncate(path, path.stat().st_size - RECORD.size)
    with pytest.raises(MalformedData):
        CardStatusList.open(path, PUBLIC, index=sealed)


def test_the_index_of_another_list_is_made_anew(path, sealed):
    before = sealed.read_bytes()
    for other in (build(sequence=2), build(at=NOW + MONTH), build(COUNT - 1), build(0)):
        path.write_bytes(other)
        if other != build(0):
            assert not is_served(path, sealed)
        CardStatusList.open(path, PUBLIC, index=sealed).close()
        assert sealed.read_bytes() != before
        with CardStatusList.open(path, PUBLIC, index=sealed) as cards:
            assert len(cards) == int.from_bytes(other[40:48])


def test_an_index_does_not_make_another_issuers_list_good(path, sealed):
    other = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
    with pytest.raises(TrustMaterialError, match="not signed by the issuer"):
        CardStatusList.open(path, other.public_key(), index=sealed)
    path.write_bytes(build(issuer=other))
    CardStatusList.open(path, other.public_key(), index=sealed).close()
    with pytest.raises(TrustMaterialError, match="not signed by the issuer"):
        CardStatusList.open(path, PUBLIC, index=sealed)


def test_no_index_is_left_of_a_list_that_is_refused(path, index):
    path.write_bytes(build()[:-1] + b"\0")
    with pytest.raises(TrustMaterialError):
        CardStatusList.open(path, PUBLIC, index=index)
    assert not index.exists()


def test_a_damaged_index_is_made_anew(path, sealed):
    good = sealed.read_bytes()
    places = (0, 17, 19, 30, 100, 150, 190, 300, len(good) - 1)
    flipped = [good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :] for place in places]
    for bad in (b"", b"junk", good[:-1], good + b"\0", *flipped):
        sealed.write_bytes(bad)
        assert not is_served(path, sealed)
        CardStatusList.open(path, PUBLIC, index=sealed).close()
        assert sealed.read_bytes() == good


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_an_index_that_others_may_write_is_made_anew(path, sealed, mode):
    path.chmod(0o666)  # as open as the list is no excuse: the list is signed
    sealed.chmod(mode)
    assert not is_served(path, sealed)
    CardStatusList.open(path, PUBLIC, index=sealed).close()
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o644
    assert is_served(path, sealed)


def test_an_index_of_somebody_else_is_not_used_even_beside_a_list_of_theirs(path, sealed, monkeypatch):
    assert is_served(path, sealed)
    genuine = os.fstat

    def owned_by_another(descriptor):
        found = list(genuine(descriptor))
        found[stat.ST_UID] = 12345
        return os.stat_result(found)

    with monkeypatch.context() as patched:
        patched.setattr("verifier.cardstatus.list_index.os.fstat", owned_by_another)
        assert not is_served(path, sealed)
    assert is_served(path, sealed)


def test_a_pipe_or_a_folder_in_the_place_of_the_index_holds_nobody_up(path, index, tmp_path):
    os.mkfifo(index)
    for place in (index, tmp_path):
        with CardStatusList.open(path, PUBLIC, index=place) as cards:
            assert cards.status_of(KEYS[0]) is not None
            assert "cannot be written" in cards.index_problem
    assert index.is_fifo()


def test_a_pipe_that_somebody_writes_an_index_into_is_no_index(path, sealed, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)
    try:
        os.write(writer, sealed.read_bytes()[:4096])
        assert not is_served(path, pipe)
    finally:
        os.close(writer)


def test_an_index_that_cannot_be_written_is_told_and_no_failure(path, tmp_path):
    with CardStatusList.open(path, PUBLIC, index=tmp_path / "nowhere" / "cards.index") as cards:
        assert cards.status_of(KEYS[5]) is not None
        assert "cannot be written (No such file or directory)" in cards.index_problem
    with CardStatusList.open(path, PUBLIC, index=tmp_path / "in\0valid") as cards:
        assert "cannot be written" in cards.index_problem


def test_the_list_itself_is_never_taken_for_its_index(path, tmp_path):
    content = path.read_bytes()
    (tmp_path / "link").symlink_to(path)
    for place in (path, tmp_path / "link"):
        with pytest.raises(InvalidInput, match="a file of its own"):
            CardStatusList.open(path, PUBLIC, index=place)
    assert path.read_bytes() == content
    with pytest.raises(InvalidInput):
        CardStatusList.open(path, PUBLIC, index=7)


def test_what_lies_in_wait_under_the_name_of_a_half_written_index_is_not_followed(path, index, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f".{index.name}.{os.getpid()}.{get_ident()}.new").symlink_to(victim)
    with CardStatusList.open(path, PUBLIC, index=index) as cards:
        assert cards.index_problem is None
    assert victim.read_text() == "precious"
    assert is_served(path, index)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cards.index", "cards.list", "victim"]


def test_an_index_goes_to_another_process_with_its_list(path, sealed, monkeypatch):
    with CardStatusList.open(path, PUBLIC, index=sealed) as cards:
        sent = pickle.dumps(cards)
    content = bytearray(path.read_bytes())
    content[HEADER.size] ^= 1
    path.write_bytes(bytes(content))
    monkeypatch.chdir("/")
    with pickle.loads(sent) as again:  # noqa: S301 - our own bytes
        assert again.status_of(KEYS[900]) is not None
        assert len(again) == COUNT


def test_a_list_that_was_replaced_meanwhile_does_not_arrive_in_another_process(path, sealed):
    with CardStatusList.open(path, PUBLIC, index=sealed) as cards:
        sent = pickle.dumps(cards)
    path.write_bytes(build(sequence=2))
    with pytest.raises(TrustMaterialError, match="replaced by another one"):
        pickle.loads(sent)  # noqa: S301 - our own bytes


def test_a_moved_list_and_its_index_still_belong_together(path, sealed, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    assert is_served(path.rename(folder / "list"), sealed.rename(folder / "index"))
