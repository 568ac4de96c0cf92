"""The genuine cards, and those whose data or signer is not what it should be. The report says what is wrong."""

import hashlib
from dataclasses import replace

from verifier.cardstatus.layout import CardState
from verifier.iso7816.tlv import decode_one, encode
from verifier.sdk.testing.card_side.ciphers import CipherSuite
from verifier.sdk.testing.cards.catalogue import Catalogue
from verifier.sdk.testing.cards.scene import Scene
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.personalise import ActiveAuthenticationKind
from verifier.sdk.testing.writing.data_groups import write_card_access
from verifier.sdk.testing.writing.mrz import DocumentType
from verifier.verification.report import CheckName

FORGED_CARDS = Catalogue()
_PAST = "200101"
_NESTING = 20_000


@FORGED_CARDS.passes("genuine")
def genuine(scene: Scene, holder: Person) -> VirtualChip:
    """Everything is right: home CSCA → signer → SOD → data, and the chip holds its key.

    Every check passes.
    """
    return _chip(scene, scene.chip_data(holder))


@FORGED_CARDS.passes("genuine-with-active-authentication")
def genuine_with_active_authentication(scene: Scene, holder: Person) -> VirtualChip:
    """A genuine card of an older make: no Chip Authentication, and an RSA key that signs (ICAO 9303-11, 6.1)."""
    options = replace(scene.options, chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.RSA)
    return _chip(scene, scene.chip_data(holder, options=options))


@FORGED_CARDS.fails("expired", CheckName.DOCUMENT_VALIDITY, "document-expired")
def expired(scene: Scene, holder: Person) -> VirtualChip:
    """A genuine card whose date of expiry has passed (ICAO 9303-3, 4.8)."""
    return _chip(scene, scene.chip_data(replace(holder, date_of_expiry=_PAST)))


@FORGED_CARDS.fails("altered-dg1", CheckName.DATA_GROUP_HASHES, "data-group-altered")
def altered_dg1(scene: Scene, holder: Person) -> VirtualChip:
    """A genuine card's DG1 was overwritten with another name; the SOD still holds the hash of the old one.

    The hash of every data group must be the signed one (ICAO 9303-11, 5.1.1).
    """
    data = scene.chip_data(holder)
    return _chip(scene, _with_file(data, "DG1", _with_other_name(data.files["DG1"])))


@FORGED_CARDS.fails("forged-sod", CheckName.SOD_SIGNATURE, "sod-signature-invalid")
def forged_sod(scene: Scene, holder: Person) -> VirtualChip:
    """DG1 was overwritten and its hash in the SOD as well, so hashes agree; only the signature does not.

    The SOD's signature must verify over the hashes (ICAO 9303-11, 5.1.1; RFC 5652, 5.6).
    """
    data = scene.chip_data(holder)
    altered = _with_other_name(data.files["DG1"])
    old, new = (hashlib.sha256(content).digest() for content in (data.files["DG1"], altered))
    return _chip(scene, _with_file(_with_file(data, "DG1", altered), "EF.SOD", data.files["EF.SOD"].replace(old, new)))


@FORGED_CARDS.fails("revoked-card", CheckName.CARD_STATUS, "card-revoked", card_status=CardState.REVOKED)
def revoked_card(scene: Scene, holder: Person) -> VirtualChip:
    """A genuine card that the card status list calls revoked; the list finds it by its key."""
    return _chip(scene, scene.chip_data(holder))


@FORGED_CARDS.fails("lost-card", CheckName.CARD_STATUS, "card-reported-lost", card_status=CardState.LOST)
def lost_card(scene: Scene, holder: Person) -> VirtualChip:
    """A genuine card that its holder reported lost."""
    return _chip(scene, scene.chip_data(holder))


@FORGED_CARDS.fails("suspended-card", CheckName.CARD_STATUS, "card-suspended", card_status=CardState.SUSPENDED)
def suspended_card(scene: Scene, holder: Person) -> VirtualChip:
    """A genuine card that is suspended."""
    return _chip(scene, scene.chip_data(holder))


@FORGED_CARDS.fails("signer-revoked", CheckName.SIGNER_REVOCATION, "signer-revoked")
def signer_revoked(scene: Scene, holder: Person) -> VirtualChip:
    """The signer stands on its CSCA's CRL: nobody knows which of its cards are genuine (ICAO 9303-12, 4.1.5)."""
    return _chip(scene, scene.chip_data(holder, signer=scene.revoked_signer))


@FORGED_CARDS.fails("signer-expired", CheckName.SIGNER_PATH, "signer-expired")
def signer_expired(scene: Scene, holder: Person) -> VirtualChip:
    """The signer's certificate has expired, and with it every document that it signed (ICAO 9303-12, 4.1.1)."""
    return _chip(scene, scene.chip_data(holder, signer=scene.expired_signer))


@FORGED_CARDS.fails("unknown-csca", CheckName.SIGNER_PATH, "issuer-unknown")
def unknown_csca(scene: Scene, holder: Person) -> VirtualChip:
    """The signer's CSCA is in no trust store: anybody can make such a one (ICAO 9303-12, 6.1)."""
    return _chip(scene, scene.chip_data(holder, signer=scene.unknown_signer))


@FORGED_CARDS.fails("borrowed-csca-name", CheckName.SIGNER_PATH, "signer-certificate-forged")
def borrowed_csca_name(scene: Scene, holder: Person) -> VirtualChip:
    """The signer's CSCA has the very name of the home CSCA, but another key (RFC 5280, 6.1.3)."""
    return _chip(scene, scene.chip_data(holder, signer=scene.impostor))


@FORGED_CARDS.fails("foreign-card", CheckName.ISSUING_STATE, "issuing-state-not-accepted")
def foreign_card(scene: Scene, holder: Person) -> VirtualChip:
    """A perfectly genuine card of Utopia, whose CSCA is trusted, where cards of the home state are meant."""
    state = scene.foreign.state
    utopian = replace(holder, issuing_state=state, nationality=state)
    return _chip(scene, scene.chip_data(utopian, signer=scene.foreign_signer))


@FORGED_CARDS.fails("signed-by-another-state", CheckName.ISSUING_STATE, "issuing-state-not-accepted")
def signed_by_another_state(scene: Scene, holder: Person) -> VirtualChip:
    """A card that calls itself one of the home state, signed by a genuine signer of Utopia.

    A CSCA is good for its own state only (ICAO 9303-12, 2).
    """
    return _chip(scene, scene.chip_data(holder, signer=scene.foreign_signer))


@FORGED_CARDS.fails("sod-cut-short", CheckName.SOD_SIGNATURE, "sod-malformed")
def sod_cut_short(scene: Scene, holder: Person) -> VirtualChip:
    """The file's own length is right, but what is inside ends in the middle."""
    data = scene.chip_data(holder)
    content = decode_one(data.files["EF.SOD"]).value
    return _chip(scene, _with_file(data, "EF.SOD", encode(0x77, content[: len(content) // 2])))


@FORGED_CARDS.fails("sod-nested-without-end", CheckName.SOD_SIGNATURE, "sod-malformed")
def sod_nested_without_end(scene: Scene, holder: Person) -> VirtualChip:
    """Twenty thousand bytes of SEQUENCE in SEQUENCE: a decoder that calls itself runs out of stack."""
    bomb = b"\x30\x80" * (_NESTING // 2)
    return _chip(scene, _with_file(scene.chip_data(holder), "EF.SOD", encode(0x77, bomb)))


@FORGED_CARDS.fails("card-access-weakened", CheckName.DATA_GROUP_HASHES, "card-access-altered")
def card_access_weakened(scene: Scene, holder: Person) -> VirtualChip:
    """EF.CardAccess, which nobody signs, offers PACE with 3DES; the signed DG14 says AES.

    Both must offer the same (ICAO 9303-11, 4.2 and 9.2.11).
    """
    data = scene.chip_data(holder)
    weak = tuple(replace(offer, suite=CipherSuite.TRIPLE_DES) for offer in data.pace)
    return _chip(scene, replace(_with_file(data, "EF.CardAccess", write_card_access(weak)), pace=weak))


@FORGED_CARDS.passes("pace-hidden", CheckName.ACCESS, "pace-hidden", opened_by_mrz=True)
def pace_hidden(scene: Scene, holder: Person) -> VirtualChip:
    """Somebody in between keeps EF.CardAccess from the reader, which knows the MRZ and takes BAC.

    The signed DG14 names PACE, so that the trick is seen (ICAO 9303-11, 4.2 and 9.2.11). Data and chip are genuine: a
    policy that allows BAC lets the card pass, and the report says what happened.
    """
    data = scene.chip_data(holder)
    return _chip(scene, replace(data, files={name: data.files[name] for name in data.files if name != "EF.CardAccess"}))


@FORGED_CARDS.fails("passport", CheckName.DOCUMENT_VALIDITY, "document-type-not-accepted")
def passport(scene: Scene, holder: Person) -> VirtualChip:
    """The holder's genuine passport, of the same state, where an identity card is meant (ICAO 9303-4, 4.2.2)."""
    return _chip(scene, scene.chip_data(holder, options=replace(scene.options, document_type=DocumentType.TD3)))


def _chip(scene: Scene, data: ChipData) -> VirtualChip:
    return VirtualChip(data, random=scene.random)


def _with_file(data: ChipData, name: str, content: bytes) -> ChipData:
    return replace(data, files={**data.files, name: content})


def _with_other_name(dg1: bytes) -> bytes:
    """The same fields in front, so that the same password opens the card."""
    return dg1.replace(b"MAU<<THU", b"GIA<<MAO")
