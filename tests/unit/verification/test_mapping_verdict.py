"""PACE with chip authentication mapping: what makes it count, and what an attacker who writes evidence gains by it."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from verifier.access.proofs import AccessProtocol
from verifier.cardstatus.layout import CardState
from verifier.evidence.record import Evidence
from verifier.iso7816.tlv import decode_one
from verifier.lds.card_security import CardSecurity
from verifier.lds.security_infos import SecurityInfos
from verifier.pki.trust.trust_store import TrustStore
from verifier.reading.options import ReadingOptions
from verifier.sdk.testing import SyntheticPki
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.writing.security_object import write_card_security
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, Outcome

PACE = ReadingOptions(access=(AccessProtocol.PACE,))
CHIP = CheckName.CHIP_AUTHENTICITY


@pytest.fixture(scope="module")
def mapped(world: Any) -> Evidence:
    """A card whose chip proved itself in PACE."""
    return world.read(world.write(pace_mapping=PaceMapping.CHIP_AUTHENTICATION), PACE)


@pytest.fixture(scope="module")
def other(world: Any) -> Evidence:
    """Another genuine card of the same state."""
    return world.read(world.write(pace_mapping=PaceMapping.CHIP_AUTHENTICATION), PACE)


def with_card_security(evidence: Evidence, content: bytes | None) -> Evidence:
    files = {name: file for name, file in evidence.files.items() if name != "EF.CardSecurity"}
    return replace(evidence, files=files if content is None else files | {"EF.CardSecurity": content})


def signed_by(evidence: Evidence, signer: Any) -> Evidence:
    """The same infos under another signature."""
    content = CardSecurity.decode(evidence.files["EF.CardSecurity"]).signed_data.encap_content
    return with_card_security(evidence, write_card_security(content, signer.key, signer.certificate))


def dg14(evidence: Evidence) -> SecurityInfos:
    return SecurityInfos.decode(decode_one(evidence.files["DG14"]).value)


def verdict(world: Any, evidence: Evidence, **changes: object) -> tuple[Outcome, str]:
    found = world.verify(evidence, **changes).result(CHIP)
    return found.outcome, found.reason


def test_a_chip_that_proved_itself_in_pace_passes_without_a_second_proof(world: Any, mapped: Evidence) -> None:
    assert (mapped.chip_authentication, mapped.active_authentication) == (None, None)
    report = world.verify(mapped)
    assert (report.outcome, report.result(CHIP).reason) == (Outcome.PASSED, "chip-authentic-pace-cam")


def test_it_passes_from_its_file_too(world: Any, mapped: Evidence) -> None:
    assert world.verify(Evidence.from_bytes(mapped.to_bytes())) == world.verify(mapped)


def test_the_chip_is_known_by_its_key_as_dg14_writes_it(world: Any, mapped: Evidence) -> None:
    """EF.CardSecurity gives the domain parameters by number, DG14 by name: a card status list knows the latter."""
    (key,) = dg14(mapped).chip_authentication_public_keys
    assert world.verify(mapped).chip_key_hash == hashlib.sha256(key.public_key).digest()


@pytest.fixture(scope="module")
def with_two_keys(world: Any) -> Evidence:
    """A card with one key for the mapping and another in DG14, each with its number."""
    options = {"pace_curve": "P-256", "chip_authentication_key_id": 0x48}
    return world.read(world.write(pace_mapping=PaceMapping.CHIP_AUTHENTICATION, **options), PACE)


def test_a_chip_with_a_key_of_its_own_for_the_mapping_proves_that_of_dg14_too(
    world: Any, with_two_keys: Evidence
) -> None:
    """German passports have two. Nothing else would show that EF.CardSecurity and the data are of one chip."""
    assert with_two_keys.pace_chip_authentication is not None
    assert with_two_keys.chip_authentication is not None
    report = world.verify(with_two_keys)
    assert (report.outcome, report.result(CHIP).reason) == (Outcome.PASSED, "chip-authentic-ca")
    (key,) = dg14(with_two_keys).chip_authentication_public_keys
    assert report.chip_key_hash == hashlib.sha256(key.public_key).digest()


def test_a_proof_that_nothing_links_to_the_data_does_not_pass(world: Any, with_two_keys: Evidence) -> None:
    alone = replace(with_two_keys, chip_authentication=None)
    report = world.verify(alone)
    assert verdict(world, alone) == (Outcome.INDETERMINATE, "card-security-not-linked")
    assert (report.outcome, report.chip_key_hash) == (Outcome.INDETERMINATE, None)


def test_a_key_of_dg14_that_ef_card_security_only_names_is_proved_as_well(world: Any) -> None:
    """The file would link the two, once somebody trusts it; while the card is there, nobody knows who signed it."""
    options = {"pace_curve": "P-256", "chip_authentication_key_id": 0x48, "card_security": True}
    evidence = world.read(world.write(pace_mapping=PaceMapping.CHIP_AUTHENTICATION, **options), PACE)
    assert evidence.chip_authentication is not None
    assert verdict(world, replace(evidence, chip_authentication=None)) == (Outcome.PASSED, "chip-authentic-pace-cam")
    assert verdict(world, evidence) == (Outcome.PASSED, "chip-authentic-pace-cam")


def test_a_card_without_a_key_in_dg14_offers_nothing_to_compare(world: Any) -> None:
    options = {"chip_authentication_curve": None}
    evidence = world.read(world.write(pace_mapping=PaceMapping.CHIP_AUTHENTICATION, **options), PACE)
    infos = CardSecurity.decode(evidence.files["EF.CardSecurity"]).security_infos
    (key,) = infos.chip_authentication_public_keys
    report = world.verify(evidence)
    assert report.result(CHIP).reason == "chip-authentic-pace-cam"
    assert report.chip_key_hash == hashlib.sha256(key.public_key).digest()
    listed = world.status_list((report.chip_key_hash, CardState.REVOKED))
    assert world.verify(evidence, card_status=listed).reason == "card-revoked"


# --- evidence that somebody put together ------------------------------------------------------------------------------


def test_a_proof_of_another_chip_condemns(world: Any, mapped: Evidence, other: Evidence) -> None:
    mixed = replace(mapped, pace_chip_authentication=other.pace_chip_authentication)
    assert verdict(world, mixed) == (Outcome.FAILED, "chip-not-authentic")
    assert world.verify(mixed).outcome is Outcome.FAILED


def test_the_session_of_another_chip_is_not_one_of_this_data(world: Any, mapped: Evidence, other: Evidence) -> None:
    """Proof and EF.CardSecurity of one genuine card, data of another: only DG14 tells, and so it is no proof."""
    mixed = with_card_security(mapped, other.files["EF.CardSecurity"])
    mixed = replace(mixed, pace_chip_authentication=other.pace_chip_authentication)
    assert verdict(world, mixed) == (Outcome.INDETERMINATE, "card-security-not-linked")
    assert world.verify(mixed).outcome is not Outcome.PASSED


def test_who_leaves_dg14_out_lest_it_tell_gains_nothing(world: Any, mapped: Evidence, other: Evidence) -> None:
    mixed = with_card_security(mapped, other.files["EF.CardSecurity"])
    files = {name: content for name, content in mixed.files.items() if name != "DG14"}
    mixed = replace(mixed, files=files, pace_chip_authentication=other.pace_chip_authentication)
    assert verdict(world, mixed) == (Outcome.INDETERMINATE, "card-security-not-linked")


def test_the_same_number_for_another_key_belongs_to_another_card(world: Any) -> None:
    options = {
        "pace_mapping": PaceMapping.CHIP_AUTHENTICATION,
        "pace_curve": "P-256",
        "chip_authentication_key_id": 0x48,
        "card_security": True,
    }
    one, two = (world.read(world.write(**options), PACE) for _ in range(2))
    mixed = with_card_security(one, two.files["EF.CardSecurity"])
    mixed = replace(mixed, pace_chip_authentication=two.pace_chip_authentication)
    assert verdict(world, mixed) == (Outcome.FAILED, "card-security-foreign")


def test_without_card_security_there_is_no_key_to_judge_by(world: Any, mapped: Evidence) -> None:
    bare = with_card_security(mapped, None)
    assert verdict(world, bare) == (Outcome.NOT_PERFORMED, "chip-key-not-authentic")
    assert world.verify(bare).outcome is not Outcome.PASSED


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"\x31\x00", b"\x77\x03\x30\x80\x00", b"\x30\x80" * 500])
def test_a_card_security_that_is_none_is_forged(world: Any, mapped: Evidence, content: bytes) -> None:
    assert verdict(world, with_card_security(mapped, content)) == (Outcome.FAILED, "card-security-forged")


def test_the_sod_is_no_card_security(world: Any, mapped: Evidence) -> None:
    sod = decode_one(mapped.files["EF.SOD"]).value
    assert verdict(world, with_card_security(mapped, sod)) == (Outcome.FAILED, "card-security-forged")


def test_a_signature_by_another_key_under_the_signers_name_is_forged(world: Any, mapped: Evidence) -> None:
    forger = SyntheticPki(at=world.at).issue_document_signer()
    forged = signed_by(mapped, replace(world.signer, key=forger.key))
    assert verdict(world, forged) == (Outcome.FAILED, "card-security-forged")


def test_a_signer_whom_nobody_trusts_proves_nothing(world: Any, mapped: Evidence) -> None:
    forger = SyntheticPki(at=world.at - timedelta(days=9)).issue_document_signer()
    report = world.verify(signed_by(mapped, forger))
    assert report.result(CHIP).reason == "card-security-not-trusted"
    assert report.outcome is not Outcome.PASSED


def test_an_unknown_signer_who_claims_another_state_is_none_that_is_missing_here(world: Any, mapped: Evidence) -> None:
    foreign = SyntheticPki(at=world.at - timedelta(days=9), country="UT", state="UTO").issue_document_signer()
    assert verdict(world, signed_by(mapped, foreign)) == (Outcome.FAILED, "card-security-foreign")


def test_a_signer_of_another_state_makes_no_key_of_this_card(world: Any, mapped: Evidence) -> None:
    foreign = SyntheticPki(at=world.at - timedelta(days=9), country="UT", state="UTO")
    signer = foreign.issue_document_signer()
    foreign.issue_crl(at=world.at - timedelta(days=1))
    both = foreign.trust_store()
    trust = TrustStore.from_certificates(
        [*world.trust.certificates, *both.certificates], [*world.trust.crls, *both.crls]
    )
    assert verdict(world, signed_by(mapped, signer), trust=trust) == (Outcome.FAILED, "card-security-foreign")


def test_a_revoked_signer_of_card_security_condemns_whoever_signed_the_sod(world: Any, mapped: Evidence) -> None:
    revoked = world.pki.issue_document_signer()
    authority = SyntheticPki(at=world.at - timedelta(days=100))
    good, bad = authority.issue_document_signer(), authority.issue_document_signer()
    authority.revoke(bad)
    authority.issue_crl(at=world.at - timedelta(days=1))
    own = replace(world, pki=authority, signer=good, trust=authority.trust_store())
    evidence = own.read(own.write(pace_mapping=PaceMapping.CHIP_AUTHENTICATION), PACE)
    assert verdict(own, evidence)[0] is Outcome.PASSED
    assert verdict(own, signed_by(evidence, bad)) == (Outcome.FAILED, "card-security-signer-revoked")
    assert verdict(world, signed_by(mapped, revoked)) == (Outcome.PASSED, "chip-authentic-pace-cam")


def test_a_missing_crl_counts_as_the_policy_says(world: Any, mapped: Evidence) -> None:
    trust = TrustStore.from_certificates(world.trust.certificates)
    lenient = Policy(required=frozenset(CheckName) - {CheckName.SIGNER_REVOCATION})
    assert verdict(world, mapped, trust=trust) == (Outcome.NOT_PERFORMED, "card-security-not-trusted")
    assert verdict(world, mapped, trust=trust, policy=lenient) == (Outcome.PASSED, "chip-authentic-pace-cam")


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": AccessProtocol.BAC},
        {"protocol": AccessProtocol.OPEN},
        {"pace_oid": "0.4.0.127.0.7.2.2.4.2.2"},
        {"pace_oid": None},
        {"pace_parameter_id": 12},
        {"pace_parameter_id": None},
    ],
)
def test_a_proof_of_another_session_than_the_record_names_condemns(
    world: Any, mapped: Evidence, change: dict[str, Any]
) -> None:
    altered = replace(mapped, access=replace(mapped.access, **change))
    assert verdict(world, altered) == (Outcome.FAILED, "chip-not-authentic")


def test_a_proof_says_nothing_of_data_that_nobody_signed(world: Any, mapped: Evidence) -> None:
    stranger = SyntheticPki(at=world.at).trust_store()
    assert verdict(world, mapped, trust=stranger) == (Outcome.NOT_PERFORMED, "chip-key-not-authentic")


def test_a_good_proof_in_pace_does_not_outweigh_a_bad_one_after_it(world: Any, mapped: Evidence, genuine: Any) -> None:
    both = replace(mapped, chip_authentication=genuine.chip_authentication)
    assert verdict(world, both) == (Outcome.FAILED, "chip-not-authentic")
