"""What is missing is missing, what is damaged is refused, and the last good list stays in use."""

import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.lists import hand_placed
from appliance.lists.hand_placed import HandPlacedLists
from verifier.sdk.testing import SyntheticCardStatus, SyntheticPki

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki() -> SyntheticPki:
    made = SyntheticPki(at=AT)
    made.issue_crl()
    return made


@pytest.fixture
def publisher() -> SyntheticCardStatus:
    return SyntheticCardStatus()


class Shelf:
    """The files of one appliance."""

    def __init__(self, folder: Path) -> None:
        self.trust = folder / "trust"
        self.status = folder / "card-status.list"
        self.key = folder / "card-status.key"
        self.index = folder / "run" / "trust.index"

    def open(self) -> HandPlacedLists:
        return HandPlacedLists(self.trust, self.status, self.key, trust_index=self.index)

    def publish(self, publisher: SyntheticCardStatus) -> None:
        self.status.write_bytes(publisher.issue(at=AT))
        self.key.write_bytes(publisher.public_key)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_an_appliance_that_never_received_lists_has_empty_ones_and_no_problem(shelf: Shelf) -> None:
    for make_folder in (False, True):
        if make_folder:
            shelf.trust.mkdir()
            (shelf.trust / ".gitkeep").touch()
        lists = shelf.open()
        assert lists.current().trust.anchors == ()
        assert lists.current().card_status is None
        assert lists.problem is None
        assert lists.summary(at=AT) == "0 issuers, 0 CRLs, no card status list"


def test_lists_that_arrive_later_are_taken_up_with_a_line_in_the_log(
    shelf: Shelf, pki: SyntheticPki, publisher: SyntheticCardStatus, caplog: pytest.LogCaptureFixture
) -> None:
    lists = shelf.open()
    lists.current()
    assert caplog.messages == []
    pki.write_to(shelf.trust)
    shelf.publish(publisher)
    current = lists.current()
    line = "what was placed by hand is in use from now on: 1 issuer, 1 CRL, card status list 1 of 2026-11-03"
    assert caplog.messages == [line]
    lists.current()
    assert caplog.messages == [line], "once"
    assert len(current.trust.anchors) == 1
    assert current.card_status is not None
    assert lists.summary(at=AT + timedelta(days=5, hours=3)) == (
        "1 issuer, 1 CRL, card status list 1 of 2026-11-03, 5 days old"
    )
    assert "check the clock" in lists.summary(at=AT - timedelta(days=1))


def test_nothing_is_read_again_while_no_file_changes(
    shelf: Shelf, pki: SyntheticPki, publisher: SyntheticCardStatus
) -> None:
    pki.write_to(shelf.trust)
    shelf.publish(publisher)
    lists = shelf.open()
    first = lists.current()
    assert lists.current().trust is first.trust
    shelf.publish(publisher)
    second = lists.current()
    assert second.trust is first.trust
    assert second.card_status is not None
    assert second.card_status.sequence == 2


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_noticed(
    shelf: Shelf, publisher: SyntheticCardStatus
) -> None:
    shelf.publish(publisher)
    lists = shelf.open()
    before = shelf.status.stat()
    shelf.publish(publisher)
    os.utime(shelf.status, ns=(before.st_atime_ns, before.st_mtime_ns))
    current = lists.current().card_status
    assert current is not None
    assert current.sequence == 2


@pytest.mark.parametrize("damage", ["cut", "altered", "wrong key", "short key", "no key", "empty", "too long"])
def test_a_bad_card_status_list_is_missing_at_the_start_and_refused_later(
    shelf: Shelf,
    publisher: SyntheticCardStatus,
    damage: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shelf.publish(publisher)
    lists = shelf.open()
    good = lists.current().card_status
    encoded = publisher.issue(at=AT)
    if damage == "cut":
        shelf.status.write_bytes(encoded[:-1])
    elif damage == "altered":
        shelf.status.write_bytes(encoded[:30] + bytes([encoded[30] ^ 1]) + encoded[31:])
    elif damage == "wrong key":
        shelf.key.write_bytes(SyntheticCardStatus().public_key)
    elif damage == "short key":
        shelf.key.write_bytes(publisher.public_key[:31])
    elif damage == "no key":
        shelf.key.unlink()
    elif damage == "empty":
        shelf.status.write_bytes(b"")
    else:
        monkeypatch.setattr(hand_placed, "LONGEST_CARD_STATUS_LIST", len(encoded) - 1)
        shelf.status.write_bytes(encoded)
    with caplog.at_level(logging.WARNING):
        assert lists.current().card_status is good
        assert lists.problem is not None
        assert lists.problem.sentence in caplog.text
    assert "refused: " in lists.summary(at=AT)
    anew = shelf.open()
    assert anew.current().card_status is None
    assert anew.problem is not None


@pytest.mark.parametrize("form", ["{}\n", "PEM"])
def test_the_issuers_key_is_taken_in_the_forms_in_which_issuers_hand_it_over(
    shelf: Shelf, publisher: SyntheticCardStatus, form: str
) -> None:
    shelf.publish(publisher)
    if form == "PEM":
        key = Ed25519PublicKey.from_public_bytes(publisher.public_key)
        shelf.key.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    else:
        shelf.key.write_text(form.format(publisher.public_key.hex()))
    assert shelf.open().current().card_status is not None


def test_what_was_refused_is_named_by_its_file(shelf: Shelf, publisher: SyntheticCardStatus) -> None:
    shelf.publish(publisher)
    shelf.key.write_text("no key")
    lists = shelf.open()
    assert "refused: card-status.key: the issuer's public key cannot be read" in lists.summary(at=AT)
    shelf.publish(publisher)
    shelf.status.write_bytes(b"half")
    assert "refused: card-status.list: this is no card status list" in lists.summary(at=AT)


def test_a_problem_is_over_when_good_files_come(shelf: Shelf, publisher: SyntheticCardStatus) -> None:
    shelf.publish(publisher)
    shelf.status.write_bytes(b"half")
    lists = shelf.open()
    assert lists.problem is not None
    shelf.publish(publisher)
    assert lists.current().card_status is not None
    assert lists.problem is None


def test_a_list_in_use_survives_being_overwritten_in_place(shelf: Shelf, publisher: SyntheticCardStatus) -> None:
    shelf.publish(publisher)
    status = shelf.open().current().card_status
    assert status is not None
    with shelf.status.open("r+b") as file:
        file.truncate(0)
    assert status.status_of(bytes(32)) is None


def test_a_damaged_trust_folder_keeps_the_last_good_one_but_an_emptied_one_counts(
    shelf: Shelf, pki: SyntheticPki
) -> None:
    pki.write_to(shelf.trust)
    lists = shelf.open()
    good = lists.current().trust
    files = list(shelf.trust.iterdir())
    for file in files:
        file.write_bytes(b"damaged")
    assert lists.current().trust is good
    assert lists.problem is not None
    assert "no usable root" in lists.problem.sentence
    for file in files:
        file.unlink()
    assert lists.current().trust.anchors == ()
    assert lists.problem is None


def test_a_revocation_is_taken_up_beside_a_broken_card_status_list(
    shelf: Shelf, pki: SyntheticPki, publisher: SyntheticCardStatus
) -> None:
    pki.write_to(shelf.trust)
    shelf.publish(publisher)
    lists = shelf.open()
    pki.issue_crl()
    pki.write_to(shelf.trust)
    shelf.status.write_bytes(b"half")
    current = lists.current()
    assert len(current.trust.crls) == len(pki.crls())
    assert current.card_status is not None


def test_a_trust_folder_that_is_a_file_is_a_problem_and_no_crash(shelf: Shelf) -> None:
    shelf.trust.write_bytes(b"")
    lists = shelf.open()
    assert lists.current().trust.anchors == ()
    assert lists.problem is not None


def test_files_of_the_folder_that_cannot_be_used_are_logged_by_name(
    shelf: Shelf, pki: SyntheticPki, caplog: pytest.LogCaptureFixture
) -> None:
    pki.write_to(shelf.trust)
    (shelf.trust / "damaged.cer").write_bytes(b"?")
    with caplog.at_level(logging.WARNING):
        assert len(shelf.open().current().trust.anchors) == 1
    assert "damaged.cer" in caplog.text


@pytest.mark.parametrize("what", ["status", "key"])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "loop"])
def test_what_is_no_regular_file_is_refused_at_once_and_the_last_list_stays(
    shelf: Shelf, publisher: SyntheticCardStatus, what: str, kind: str
) -> None:
    shelf.publish(publisher)
    lists = shelf.open()
    path: Path = getattr(shelf, what)
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path)
    assert lists.current().card_status is not None
    assert lists.problem is not None


def test_a_folder_full_of_rubbish_does_not_fill_the_log_nor_steer_who_reads_it(
    shelf: Shelf, pki: SyntheticPki, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.trust.mkdir()
    pki.write_to(shelf.trust)
    (shelf.trust / "a\n\x1b[2J.cer").write_bytes(b"x")
    for number in range(500):
        (shelf.trust / f"b{number}.cer").write_bytes(b"x")
    with caplog.at_level(logging.WARNING):
        assert shelf.open().current().trust.anchors
    assert len(caplog.messages) <= 25
    assert all(message.isprintable() for message in caplog.messages)


def test_newer_files_are_looked_for_no_more_often_than_asked(
    shelf: Shelf, pki: SyntheticPki, publisher: SyntheticCardStatus
) -> None:
    now = 100.0
    lists = HandPlacedLists(shelf.trust, shelf.status, shelf.key, look_every_s=2.0, clock=lambda: now)
    pki.write_to(shelf.trust)
    shelf.publish(publisher)
    now = 101.9
    assert lists.current().trust.anchors == ()
    now = 102.0
    assert lists.current().trust.anchors


def test_a_restarted_station_reads_the_index_instead_of_the_folder(
    shelf: Shelf, pki: SyntheticPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    pki.write_to(shelf.trust)
    first = shelf.open().current().trust
    ahead = shelf.index.stat().st_mtime_ns + 10**9  # one that is as young as the folder is not taken
    os.utime(shelf.index, ns=(ahead, ahead))
    monkeypatch.setattr(
        "verifier.pki.trust.trust_store.scan_files", lambda *_, **__: pytest.fail("the folder was read")
    )
    again = shelf.open()
    assert again.problem is None
    assert again.current().trust.anchors == first.anchors


def test_a_tap_does_not_wait_for_lists_that_arrive_meanwhile(shelf: Shelf, pki: SyntheticPki) -> None:
    lists = shelf.open()
    pki.write_to(shelf.trust)
    assert not lists.in_use.trust.has_anchor
    assert lists.current().trust.has_anchor
    assert lists.in_use.trust.has_anchor


def test_an_index_that_cannot_be_written_is_told_and_spoils_nothing(
    shelf: Shelf, pki: SyntheticPki, caplog: pytest.LogCaptureFixture
) -> None:
    pki.write_to(shelf.trust)
    shelf.index.mkdir(parents=True)
    lists = shelf.open()
    assert lists.problem is None
    assert lists.current().trust.has_anchor
    assert "index cannot be written" in caplog.text
