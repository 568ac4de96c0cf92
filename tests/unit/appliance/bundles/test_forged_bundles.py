"""Bundles that are altered, too long, or of somebody whom nobody paired: refused, and nothing has changed."""

import tracemalloc

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.bundles import adopting, envelope
from appliance.bundles.bundle import DOMAIN
from appliance.bundles.envelope import LONGEST_SEALED
from appliance.errors import (
    BundleRefused,
    DeviceContradicts,
    DeviceUnknown,
)
from appliance.ledger.canonical_json import canonical_json


def test_what_the_forgery_makes_is_taken_where_nothing_was_forged(forgery):
    assert forgery.a.takes(forgery.sealed()).new == 3


# --- not a bundle -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"null",
        b"[" * 5_000,
        b'{"a":' * 5_000,
        b'{"format":"thechip-bundle-1"}',
        b'{"n":' + b"9" * 5_000 + b"}",
        b'{"n":1e999}',
        b'{"n":0.5}',
        b'{"a":1,"a":1}',
        b'{"a":"\\ud800"}',
        b"\xff\xfe",
        b"[]" * 1_000_000,
    ],
)
def test_lines_that_are_no_header_are_refused(forgery, line):
    forgery.refused(line)


@pytest.mark.parametrize(
    "content", [b"", b"x" * 100, b"age-encryption.org/v1\n", b"age-encryption.org/v1\n" + b"-> X25519 a\nb\n" * 9_000]
)
def test_what_is_no_envelope_is_refused(forgery, content):
    with pytest.raises(BundleRefused):
        forgery.a.takes(content)


def test_a_bundle_that_is_too_long_is_not_even_opened(forgery):
    with pytest.raises(BundleRefused, match="longer than"):
        forgery.a.takes(b"age-encryption.org/v1\n" + bytes(LONGEST_SEALED))


def test_nobody_makes_a_bundle_that_nobody_takes(doors, meeting, monkeypatch):
    a, b = doors
    monkeypatch.setattr(envelope, "LONGEST_SEALED", 500)
    with pytest.raises(BundleRefused, match="since a later entry"):
        b.bundle(meeting, a)


def test_a_flipped_bit_is_found_wherever_it_is(forgery):
    bundle = forgery.sealed()
    for position in range(30, len(bundle), len(bundle) // 25):
        altered = bytearray(bundle)
        altered[position] ^= 1
        with pytest.raises(BundleRefused):
            forgery.a.takes(bytes(altered))


def test_a_bundle_that_was_cut_off_is_refused(forgery):
    bundle = forgery.sealed()
    for length in range(0, len(bundle), len(bundle) // 12):
        with pytest.raises(BundleRefused):
            forgery.a.takes(bundle[:length])


# --- not signed by whom it says ---------------------------------------------------------------------------------------


def test_the_bundle_of_a_stranger_is_refused_with_a_sentence(forgery):
    forgery.key = Ed25519PrivateKey.generate()
    forgery.header["device"] = forgery.key.public_key().public_bytes_raw().hex()
    assert "not paired" in str(forgery.signed().refused(error=DeviceUnknown))


def test_a_stranger_who_names_a_paired_appliance_is_refused(forgery):
    forgery.key = Ed25519PrivateKey.generate()
    forgery.signed().refused()


def test_the_own_bundle_does_not_come_back(doors, meeting, forgery):
    forgery.key = forgery.a.rooms.keys.device
    forgery.header["device"] = forgery.key.public_key().public_bytes_raw().hex()
    forgery.signed().refused(error=DeviceUnknown)


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.header.update(meeting_id=99),
        lambda f: f.header.update(made_at="2030-01-01T00:00:00.000000Z"),
        lambda f: f.header["meeting"].update(title="Cuộc họp khác"),
        lambda f: f.header["people"].clear(),
        lambda f: f.entries[1].update(at="2026-11-03T11:00:00.000000Z"),
        lambda f: f.entries[1].update(sequence=7),
        lambda f: f.entries[1]["body"].update(late=True),
        lambda f: f.entries[1]["body"].update(subject="member:1"),
        lambda f: f.entries[1].update(salt="00" * 32),
        lambda f: f.entries[1].update(signature="00" * 64),
        lambda f: f.entries[1].update(entry_hash="00" * 32),
        lambda f: f.entries[1].update(note="x"),
        lambda f: f.entries.pop(1),
        lambda f: f.entries.pop(-1),
        lambda f: f.entries.insert(1, f.entries[1]),
        lambda f: f.entries.reverse(),
        lambda f: f.head["head"].update(sequence=9),
        lambda f: f.head.update(head={}),
    ],
)
def test_whatever_is_altered_after_it_was_signed_is_refused(forgery, change):
    change(forgery)
    forgery.refused()


# --- too many, too long -----------------------------------------------------------------------------------------------


def test_of_a_strangers_bundle_nothing_but_the_header_is_looked_at(forgery):
    forgery.key = Ed25519PrivateKey.generate()
    forgery.header["device"] = forgery.key.public_key().public_bytes_raw().hex()
    forgery.signed()
    sealed = forgery.sealed(canonical_json(forgery.header) + b"\n" * 8_000_000)
    tracemalloc.start()
    with pytest.raises(DeviceUnknown):
        forgery.a.takes(sealed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(sealed), "8 million lines would be 264 million bytes"


def test_more_lines_than_any_bundle_has_are_refused(forgery):
    forgery.signed()
    refused = forgery.refused(canonical_json(forgery.header) + b"\n" * 50_000)
    assert "more than 40000 lines" in str(refused)


def test_a_header_longer_than_any_is_refused(forgery):
    refused = forgery.refused(b"{" + b" " * 5_000_000)
    assert "header" in str(refused)


def test_a_bundle_that_contradicts_adds_no_meeting(forgery):
    forgery.a.takes(forgery.sealed())
    before = len(forgery.a.rooms.meetings.all())
    forgery.header["meeting"]["uid"] = "ab" * 16
    forgery.entries[0] |= {"kind": "refused", "body": {"reason": "x"}}
    forgery.signed()
    with pytest.raises(DeviceContradicts):
        forgery.a.takes(forgery.sealed())
    assert len(forgery.a.rooms.meetings.all()) == before


def test_no_appliance_brings_meetings_without_end(forgery, monkeypatch):
    monkeypatch.setattr(adopting, "MOST_ADOPTED", 2)
    a = forgery.a

    def brings(number, days=0):
        forgery.header["meeting"]["uid"] = f"{number:032x}"
        forgery.entries = []
        header = {name: value for name, value in forgery.header.items() if name != "signature"}
        header["signature"] = forgery.key.sign(DOMAIN + canonical_json(header)).hex()
        a.takes(forgery.sealed(canonical_json(header)), minutes=days * 24 * 60)

    brings(1)
    brings(2)
    with pytest.raises(BundleRefused, match="brought 2 meetings"):
        brings(3)
    assert len(a.rooms.meetings.all()) == 3
    brings(2)
    brings(3, days=31)
    assert len(a.rooms.meetings.all()) == 4
