"""Rosters in envelopes of age: opened by those they are for, and whatever else they are, refused."""

import hashlib
from dataclasses import replace

import pyrage
import pytest

from appliance.errors import RosterNotForUs, RosterRefused
from appliance.lists import roster_envelope
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import LONGEST_SEALED, open_roster, require_recipient, seal_roster
from appliance.storage.members import MemberClass, MemberStatus

OURS, THEIRS = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
SEN = PublishedMember("DV-1", "Mẫu Thị Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE)
ROSTER = RosterDocument("01", "phuong-mau-3", "Chi bộ 3", bytes(32), (SEN,))
HERE = {"province": "01", "chi_bo": "phuong-mau-3"}


def seal(*identities: object) -> bytes:
    return seal_roster(ROSTER, [str(identity.to_public()) for identity in identities])


@pytest.mark.parametrize("identities", [(OURS,), (THEIRS, OURS)])
def test_each_appliance_it_is_sealed_to_opens_it(identities):
    opened = open_roster(seal(*identities), str(OURS), **HERE)
    assert opened.document == ROSTER
    assert opened.sha256 == hashlib.sha256(ROSTER.encode()).digest()


def test_no_name_can_be_read_from_outside():
    assert b"Sen" not in seal(OURS)
    assert seal(OURS) != seal(OURS)
    assert "Sen" not in repr(open_roster(seal(OURS), str(OURS), **HERE))


def test_an_appliance_it_is_not_sealed_to_is_told_so():
    with pytest.raises(RosterNotForUs, match="another appliance"):
        open_roster(seal(THEIRS), str(OURS), **HERE)


@pytest.mark.parametrize("place", [{"province": "02"}, {"chi_bo": "phuong-mau-4"}])
def test_the_roster_of_another_chi_bo_is_not_taken_for_ours(place):
    with pytest.raises(RosterNotForUs, match="another chi bộ"):
        open_roster(seal(OURS), str(OURS), **HERE | place)


@pytest.mark.parametrize("position", [0, 30, 120, 200, -200, -1])
def test_an_altered_envelope_is_refused(position):
    sealed = bytearray(seal(OURS))
    sealed[position] ^= 1
    with pytest.raises(RosterRefused):
        open_roster(bytes(sealed), str(OURS), **HERE)


NO_ENVELOPES = {
    "empty": b"",
    "magic only": b"age-encryption.org/v1\n",
    "no recipient": b"age-encryption.org/v1\n--- \n",
    "thousands of recipients": b"age-encryption.org/v1\n" + b"-> X25519 a\n" * 5000 + b"--- x\n",
    "too long": b"x" * (LONGEST_SEALED + 1),
    "cut by a byte": seal(OURS)[:-1],
    "a byte more": seal(OURS) + b"x",
    "cut in its header": seal(OURS)[:100],
    "armoured": pyrage.encrypt(ROSTER.encode(), [OURS.to_public()], armored=True),
    "by passphrase": pyrage.passphrase.encrypt(ROSTER.encode(), "bốn từ dễ nhớ"),
    "no roster": pyrage.encrypt(b"{}", [OURS.to_public()]),
    "nothing in it": pyrage.encrypt(b"", [OURS.to_public()]),
    "too much in it": pyrage.encrypt(b"x" * 5_000_001, [OURS.to_public()]),
}


@pytest.mark.parametrize("kind", NO_ENVELOPES)
def test_what_is_no_envelope_with_a_roster_is_refused(kind):
    with pytest.raises(RosterRefused):
        open_roster(NO_ENVELOPES[kind], str(OURS), **HERE)


def test_a_key_that_is_none_opens_nothing():
    with pytest.raises(RosterRefused, match="no key of age"):
        open_roster(seal(OURS), "AGE-SECRET-KEY-1", **HERE)


NO_RECIPIENTS = {
    "empty": "",
    "prefix only": "age1",
    "checksum": "age1" + "q" * 58,
    "a secret key": str(OURS),
    "of ssh": "ssh-ed25519 AAAA",
    "endless": "age1" * 10_000,
}


@pytest.mark.parametrize("kind", NO_RECIPIENTS)
def test_it_is_sealed_to_keys_of_appliances_only(kind):
    recipient = NO_RECIPIENTS[kind]
    with pytest.raises(RosterRefused, match="age1") as caught:
        seal_roster(ROSTER, [recipient])
    assert str(OURS) not in caught.value.sentence
    with pytest.raises(RosterRefused):
        require_recipient(recipient)


def test_blanks_around_a_public_key_do_not_matter():
    public = str(OURS.to_public())
    assert require_recipient(f" {public}\n") == public


def test_it_is_sealed_to_somebody_and_not_to_everybody():
    for many in (0, roster_envelope.MOST_RECIPIENTS + 1):
        with pytest.raises(RosterRefused, match="1 to 64"):
            seal_roster(ROSTER, [str(OURS.to_public())] * many)
    most = [THEIRS] * (roster_envelope.MOST_RECIPIENTS - 1) + [OURS]
    assert open_roster(seal(*most), str(OURS), **HERE).document == ROSTER


def test_a_roster_that_cannot_be_is_not_sealed():
    with pytest.raises(RosterRefused):
        seal_roster(replace(ROSTER, chi_bo="Chi bộ 3"), [str(OURS.to_public())])
