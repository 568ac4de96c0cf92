"""Attacks on what a verification relies on: signatures, keys, hashes, times, lists. Each is tried as a whole report."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, x509

from verifier.access.proofs import ActiveAuthenticationProof
from verifier.cardstatus.layout import CardState
from verifier.errors import TrustMaterialError
from verifier.evidence.record import Evidence
from verifier.iso7816 import tlv
from verifier.pki.certificate import Certificate
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing import DocumentSigner, SyntheticPki
from verifier.sdk.testing.card_status import card_hashes
from verifier.sdk.testing.writing.data_groups import integer, write_dg1
from verifier.sdk.testing.writing.security_object import write_lds_security_object, write_security_object
from verifier.verification.report import CheckName, Outcome

Edit = Callable[[cms.SignedData], None]


def reencoded(sod: bytes, edit: Edit) -> bytes:
    """EF.SOD with its SignedData edited; signatures stay as they are."""
    info = cms.ContentInfo.load(tlv.decode_one(sod).value)
    edit(info["content"])
    return tlv.encode(0x77, info.dump(force=True))


def without_certificate(sod: bytes) -> bytes:
    def edit(signed_data: cms.SignedData) -> None:
        signed_data["certificates"] = None

    return reencoded(sod, edit)


def with_more_signers(sod: bytes, other: bytes) -> bytes:
    """EF.SOD with the signers and certificates of another SOD over the same content put before its own."""
    theirs = cms.ContentInfo.load(tlv.decode_one(other).value)["content"]

    def edit(signed_data: cms.SignedData) -> None:
        for name in ("certificates", "signer_infos"):
            signed_data[name] = [*theirs[name], *signed_data[name]]

    return reencoded(sod, edit)


def same_content_by(signer: DocumentSigner, evidence: Evidence) -> bytes:
    groups = {1: evidence.files["DG1"], 14: evidence.files["DG14"]}
    return write_security_object(write_lds_security_object(groups), signer.key, signer.certificate)


# --- EF.SOD: who signed, and what ------------------------------------------------------------------------------------


def test_a_signer_whose_certificate_is_not_on_the_card_is_found_in_the_trust_store(
    world: Any, genuine: Evidence, altered: Any, tmp_path: Path
) -> None:
    """ICAO 9303-11, 5: "containing the Document Signer Public Key of each State, or having read the certificate"."""
    bare = altered(genuine, EF_SOD=without_certificate(genuine.files["EF.SOD"]))
    signer = Certificate.decode(world.signer.certificate)

    missing = world.verify(bare)
    assert (missing.outcome, missing.reason) == (Outcome.INDETERMINATE, "signer-certificate-missing")

    grown = world.trust.adding([signer])
    assert grown.anchors == world.trust.anchors
    assert world.verify(bare, trust=grown).outcome is Outcome.PASSED

    world.pki.write_to(tmp_path)
    (tmp_path / "document-signer.cer").write_bytes(signer.der)
    assert world.verify(bare, trust=TrustStore.from_folder(tmp_path)).outcome is Outcome.PASSED


def test_a_document_signer_in_the_store_is_no_authority_and_can_be_revoked(
    world: Any, genuine: Evidence, altered: Any, tmp_path: Path
) -> None:
    bare = altered(genuine, EF_SOD=without_certificate(genuine.files["EF.SOD"]))
    stranger = SyntheticPki(at=world.at - timedelta(days=9))
    signer = stranger.issue_document_signer()
    foreign = altered(genuine, EF_SOD=without_certificate(same_content_by(signer, genuine)))

    alone = TrustStore.from_certificates([Certificate.decode(world.signer.certificate)])
    assert world.verify(bare, trust=alone).reason == "trust-store-empty"
    mixed = world.trust.adding([Certificate.decode(signer.certificate)])
    report = world.verify(foreign, trust=mixed)
    assert report.result(CheckName.SOD_SIGNATURE).outcome is Outcome.PASSED
    assert report.result(CheckName.SIGNER_PATH).outcome is Outcome.FAILED

    (tmp_path / "signer.cer").write_bytes(signer.certificate)
    with pytest.raises(TrustMaterialError):
        TrustStore.from_folder(tmp_path)

    stranger.revoke(signer)
    stranger.issue_crl(at=world.at)
    revoked = stranger.trust_store().adding([Certificate.decode(signer.certificate)])
    assert world.verify(foreign, trust=revoked).reason == "signer-revoked"


def test_an_untrusted_signer_beside_a_trusted_one_changes_nothing(world: Any, genuine: Evidence, altered: Any) -> None:
    """Both signed the same hashes, so that what the trusted one said stands; the other one alone is nobody."""
    stranger = SyntheticPki(at=world.at - timedelta(days=9)).issue_document_signer()
    ours, theirs = genuine.files["EF.SOD"], same_content_by(stranger, genuine)

    assert world.verify(altered(genuine, EF_SOD=with_more_signers(ours, theirs))).outcome is Outcome.PASSED
    assert world.verify(altered(genuine, EF_SOD=theirs)).outcome is Outcome.FAILED


def test_a_trusted_signature_over_other_content_lends_nothing(world: Any, genuine: Evidence, altered: Any) -> None:
    """A genuine SignerInfo of another card is put beside a forger's: it does not fit this content."""
    forger = SyntheticPki(at=world.at - timedelta(days=9)).issue_document_signer()
    other = world.write().files["EF.SOD"]
    dg1 = write_dg1(world.write().mrz.replace(world.holder.surname, "X" * len(world.holder.surname)))
    forged = write_security_object(
        write_lds_security_object({1: dg1, 14: genuine.files["DG14"]}), forger.key, forger.certificate
    )

    report = world.verify(altered(genuine, DG1=dg1, EF_SOD=with_more_signers(forged, other)))

    assert report.result(CheckName.SIGNER_PATH).outcome is Outcome.FAILED
    assert (report.outcome, report.holder) == (Outcome.FAILED, None)


@pytest.mark.parametrize("attempt", range(4))
def test_a_revoked_signer_is_not_hidden_behind_another(world: Any, attempt: int) -> None:
    """Two signers of one authority, one revoked, in whatever order DER puts them: the card is not believed."""
    pki = SyntheticPki(at=world.at - timedelta(days=100 + attempt))
    bad, good = pki.issue_document_signer(), pki.issue_document_signer()
    pki.revoke(bad)
    pki.issue_crl(at=world.at - timedelta(days=1))
    evidence = world.read(replace(world, signer=good).write())
    both = with_more_signers(evidence.files["EF.SOD"], same_content_by(bad, evidence))

    report = world.verify(replace(evidence, files={**evidence.files, "EF.SOD": both}), trust=pki.trust_store())

    assert (report.outcome, report.reason) == (Outcome.FAILED, "signer-revoked")


@pytest.mark.parametrize("size", [0, 1, 2])
def test_an_ecdsa_signature_of_zeros_signs_nothing(world: Any, genuine: Evidence, altered: Any, size: int) -> None:
    """CVE-2022-21449: r = s = 0 must not verify; neither must r = n, s = n."""

    def edit(signed_data: cms.SignedData) -> None:
        number = (0, 0x00FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551, 1)[size]
        encoded = tlv.encode(0x30, 2 * core.Integer(number).dump())
        signed_data["signer_infos"][0]["signature"] = encoded

    report = world.verify(altered(genuine, EF_SOD=reencoded(genuine.files["EF.SOD"], edit)))

    assert (report.outcome, report.reason) == (Outcome.FAILED, "sod-signature-invalid")


def lds_security_object(entries: Iterable[tuple[int, bytes]], version: int = 0) -> bytes:
    hashes = b"".join(tlv.encode(0x30, integer(number) + tlv.encode(0x04, digest)) for number, digest in entries)
    algorithm = tlv.encode(0x30, core.ObjectIdentifier("2.16.840.1.101.3.4.2.1").dump())
    return tlv.encode(0x30, integer(version) + algorithm + tlv.encode(0x30, hashes))


@pytest.mark.parametrize("order", [1, -1])
def test_two_hashes_of_one_data_group_are_malformed(world: Any, genuine: Evidence, altered: Any, order: int) -> None:
    """Otherwise two readers could believe two different DG1 under one signature."""
    entries = [(1, hashlib.sha256(genuine.files["DG1"]).digest()), (1, bytes(32))][::order]
    content = lds_security_object([*entries, (14, hashlib.sha256(genuine.files["DG14"]).digest())])
    sod = write_security_object(content, world.signer.key, world.signer.certificate)

    assert world.verify(altered(genuine, EF_SOD=sod)).reason == "sod-malformed"


@pytest.mark.parametrize("number", [0, 17, -1, 257])
def test_a_data_group_that_cannot_be_is_malformed(world: Any, genuine: Evidence, altered: Any, number: int) -> None:
    encoded = core.Integer(number).dump()
    hashes = tlv.encode(0x30, encoded + tlv.encode(0x04, bytes(32)))
    content = lds_security_object([])
    parts = list(tlv.decode_all(tlv.decode_one(content).value))
    content = tlv.encode(0x30, b"".join(tlv.encode(p.tag, p.value) for p in parts[:2]) + tlv.encode(0x30, hashes))
    sod = write_security_object(content, world.signer.key, world.signer.certificate)

    assert world.verify(altered(genuine, EF_SOD=sod)).reason == "sod-malformed"


def test_a_later_version_of_the_lds_lists_what_it_lists_and_no_more(world: Any) -> None:
    """Version 1 signs the LDS version too; a data group that it lists and that nobody gives is withheld as before."""
    data = world.write(lds_version=1)
    assert world.verify(world.read(data)).outcome is Outcome.PASSED
    dropped = replace(data, files={name: data.files[name] for name in data.files if name != "DG14"})
    assert world.verify(world.read(dropped)).reason == "data-group-withheld"


# --- data groups -----------------------------------------------------------------------------------------------------


def test_a_dg1_of_ten_megabytes_is_refused_and_not_taken_apart(world: Any, genuine: Evidence, altered: Any) -> None:
    huge = tlv.encode(0x61, tlv.encode(0x5F1F, b"<" * 10_000_000))
    sod = write_security_object(
        write_lds_security_object({1: huge, 14: genuine.files["DG14"]}), world.signer.key, world.signer.certificate
    )

    unsigned = world.verify(altered(genuine, DG1=huge))
    signed = world.verify(altered(genuine, DG1=huge, EF_SOD=sod))

    assert unsigned.reason == "data-group-altered"
    assert (signed.outcome, signed.holder) == (Outcome.INDETERMINATE, None)
    assert signed.result(CheckName.DOCUMENT_VALIDITY).reason == "dg1-malformed"


@pytest.mark.parametrize("letter", ["m", "Ｍ", "М", "\x00", "\n", "\x85"])
def test_a_zone_in_other_letters_is_no_zone(world: Any, genuine: Evidence, altered: Any, letter: str) -> None:
    """Lower case, full width, Cyrillic, control: letters that look the same to one reader and differ for another."""
    zone = world.write().mrz.replace("\n", "").encode()
    encoded = letter.encode()
    raw = tlv.encode(0x61, tlv.encode(0x5F1F, zone[: len(zone) - len(encoded)] + encoded))
    sod = write_security_object(
        write_lds_security_object({1: raw, 14: genuine.files["DG14"]}), world.signer.key, world.signer.certificate
    )

    report = world.verify(altered(genuine, DG1=raw, EF_SOD=sod))

    assert report.holder is None
    assert report.result(CheckName.DOCUMENT_VALIDITY).reason == "dg1-malformed"


# --- the chip's key --------------------------------------------------------------------------------------------------


def test_a_proof_that_names_a_key_that_was_not_signed_proves_nothing(world: Any) -> None:
    evidence = world.read(world.write(chip_authentication_key_id=7))
    proof = evidence.chip_authentication

    assert proof.key_id == 7
    assert world.verify(evidence).outcome is Outcome.PASSED
    for key_id in (None, 0, 8):
        other = replace(evidence, chip_authentication=replace(proof, key_id=key_id))
        assert world.verify(other).reason == "chip-not-authentic"


def test_a_proof_of_one_card_is_none_for_another(world: Any, genuine: Evidence) -> None:
    other = world.read(world.write())

    swapped = replace(genuine, chip_authentication=other.chip_authentication)

    assert world.verify(swapped).reason == "chip-not-authentic"


def test_a_stolen_proof_brings_its_own_data_groups_in_vain(world: Any, genuine: Evidence, altered: Any) -> None:
    """Proof and DG14 of one genuine card, SOD and DG1 of another: the SOD does not list that DG14."""
    other = world.read(world.write())
    mixed = replace(altered(genuine, DG14=other.files["DG14"]), chip_authentication=other.chip_authentication)

    assert world.verify(mixed).reason == "data-group-altered"


@pytest.mark.parametrize("challenge", [b"", bytes(7), bytes(8), bytes(9), bytes(16)])
def test_a_challenge_that_was_not_signed_proves_nothing(
    world: Any, with_active_authentication: Evidence, challenge: bytes
) -> None:
    proof = with_active_authentication.active_authentication
    forged = replace(
        with_active_authentication, active_authentication=ActiveAuthenticationProof(challenge, proof.signature)
    )

    assert world.verify(forged).reason == "chip-not-authentic"


@pytest.mark.parametrize("signature", [bytes(64), tlv.encode(0x30, b"\x02\x01\x00\x02\x01\x00"), b"", b"\x00"])
def test_an_active_authentication_of_zeros_proves_nothing(
    world: Any, with_active_authentication: Evidence, signature: bytes
) -> None:
    proof = ActiveAuthenticationProof(b"8 bytes!", signature)

    assert world.verify(replace(with_active_authentication, active_authentication=proof)).reason == "chip-not-authentic"


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("captured", [datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_the_time_of_capture_is_a_note_and_decides_nothing(world: Any, genuine: Evidence, captured: datetime) -> None:
    """It is not signed. A verification is as of ``at``; that evidence is fresh, the one who read the card must know."""
    assert world.verify(replace(genuine, captured_at=captured)) == world.verify(genuine)


@pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_clock_at_the_end_of_all_time_is_no_crash(world: Any, genuine: Evidence, at: datetime) -> None:
    assert world.verify(genuine, at=at).outcome is not Outcome.PASSED


# --- the card status list --------------------------------------------------------------------------------------------


def unsigned_attribute(signed_data: cms.SignedData) -> None:
    attribute = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.OctetString(b"x")]})
    signed_data["signer_infos"][0]["unsigned_attrs"] = [attribute]


def second_certificate(signed_data: cms.SignedData) -> None:
    other = SyntheticPki(at=datetime(2026, 1, 1, tzinfo=UTC)).csca.certificate
    signed_data["certificates"] = [*signed_data["certificates"], x509.Certificate.load(other)]


@pytest.mark.parametrize("edit", [unsigned_attribute, second_certificate])
def test_a_listed_card_does_not_escape_by_writing_its_security_object_anew(world: Any, edit: Edit) -> None:
    data = world.write(pace_curve=None, chip_authentication_curve=None)
    evidence = world.read(data)
    rewritten = reencoded(evidence.files["EF.SOD"], edit)
    listed = world.status_list(*((key, CardState.REVOKED) for key in card_hashes(data)))

    assert rewritten != evidence.files["EF.SOD"]
    report = world.verify(replace(evidence, files={**evidence.files, "EF.SOD": rewritten}), card_status=listed)

    assert report.result(CheckName.SOD_SIGNATURE).outcome is Outcome.PASSED
    assert report.reason == "card-revoked"


def test_a_listed_card_does_not_escape_by_proving_its_other_key(world: Any) -> None:
    """The list knows its key of Chip Authentication; it keeps DG14 back, and proves that of Active Authentication."""
    data = world.write(pace_curve=None, active_authentication="ECDSA")
    kept_back = replace(data, files={name: data.files[name] for name in data.files if name != "DG14"})
    listed = world.status_list(*((key, CardState.LOST) for key in card_hashes(data)))

    report = world.verify(world.read(kept_back), card_status=listed)

    assert report.result(CheckName.CHIP_AUTHENTICITY).reason == "chip-authentic-aa"
    assert report.result(CheckName.CARD_STATUS).reason == "card-reported-lost"
    assert report.outcome is Outcome.FAILED
