"""What single checks make of clones, downgrades and odd cards."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from verifier.access.proofs import AccessProtocol, AccessRecord, ActiveAuthenticationProof
from verifier.cardstatus.card_status_list import CardStatusList
from verifier.cardstatus.layout import CardState
from verifier.evidence.record import Evidence
from verifier.iso7816 import tlv
from verifier.reading.options import ReadingOptions
from verifier.sdk.testing import Behaviour, SyntheticPki
from verifier.sdk.testing.writing.data_groups import write_dg1
from verifier.sdk.testing.writing.mrz import DocumentType
from verifier.sdk.testing.writing.security_object import write_lds_security_object, write_security_object
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, CheckResult, Outcome

PACE_FIRST = ReadingOptions()


def result(world: Any, evidence: Evidence, check: CheckName, **changes: object) -> CheckResult:
    found = world.verify(evidence, **changes).result(check)
    assert isinstance(found, CheckResult)
    return found


def signed(world: Any, groups: dict[int, bytes], **options: Any) -> bytes:
    content = write_lds_security_object(groups, **options)
    return write_security_object(content, world.signer.key, world.signer.certificate)


# --- access ----------------------------------------------------------------------------------------------------------


def test_pace_passes(world: Any) -> None:
    evidence = world.read(world.write(), PACE_FIRST)

    assert evidence.access.protocol is AccessProtocol.PACE
    assert world.verify(evidence).outcome is Outcome.PASSED
    assert result(world, evidence, CheckName.ACCESS).reason == "access-pace"


PACE_ONLY = Policy(allowed_access=frozenset({AccessProtocol.PACE}))
NO_DOWNGRADE = Policy(tolerate_downgrade=False)


def test_a_card_that_has_nothing_but_bac_is_opened_with_bac(world: Any) -> None:
    evidence = world.read(world.write(pace_curve=None), PACE_FIRST)

    for policy in (Policy(), NO_DOWNGRADE):
        found = result(world, evidence, CheckName.ACCESS, policy=policy)
        assert (found.outcome, found.reason) == (Outcome.PASSED, "access-bac")
    refused = result(world, evidence, CheckName.ACCESS, policy=PACE_ONLY)
    assert (refused.outcome, refused.reason) == (Outcome.FAILED, "access-not-allowed")


def test_a_downgrade_to_bac_is_never_silent(world: Any, genuine: Evidence) -> None:
    downgraded = replace(genuine, access=AccessRecord(AccessProtocol.BAC, pace_offered=True))

    lenient = result(world, downgraded, CheckName.ACCESS)
    assert (lenient.outcome, lenient.reason) == (Outcome.PASSED, "pace-downgraded-to-bac")
    for policy in (PACE_ONLY, NO_DOWNGRADE):
        refused = result(world, downgraded, CheckName.ACCESS, policy=policy)
        assert (refused.outcome, refused.reason) == (Outcome.FAILED, "pace-downgraded-to-bac")


def test_a_downgrade_that_only_unsigned_data_betrays_is_told_too(world: Any, altered: Any) -> None:
    """DG14 was not read, so that only EF.CardAccess says what the card offers."""
    read = world.read(world.write(chip_authentication_curve=None, active_authentication="ECDSA"))
    evidence = altered(read, DG14=None)
    offered = replace(evidence, access=AccessRecord(AccessProtocol.BAC, pace_offered=True))

    assert result(world, offered, CheckName.ACCESS).reason == "pace-downgraded-to-bac"
    assert result(world, evidence, CheckName.ACCESS).reason == "access-bac"


@pytest.mark.parametrize("answer", ["taken away", "locked"])
def test_pace_that_somebody_hides_is_found_in_the_signed_data(world: Any, answer: str) -> None:
    """EF.CardAccess answers 6A82 or 6982, so the reader takes BAC; the issuer signed a DG14 that names PACE."""
    data = world.write(behaviour=Behaviour(card_access_locked=answer == "locked"))
    if answer == "taken away":
        data = replace(data, files={name: data.files[name] for name in data.files if name != "EF.CardAccess"})
    evidence = world.read(data, PACE_FIRST)

    assert evidence.access == AccessRecord(AccessProtocol.BAC, pace_offered=False)
    lenient = world.verify(evidence)
    assert (lenient.outcome, lenient.result(CheckName.ACCESS).reason) == (Outcome.PASSED, "pace-hidden")
    for policy in (PACE_ONLY, NO_DOWNGRADE):
        refused = world.verify(evidence, policy=policy)
        assert (refused.outcome, refused.reason) == (Outcome.FAILED, "pace-hidden")


def test_pace_in_a_dg14_that_nobody_signed_hides_nothing(world: Any, genuine: Evidence, altered: Any) -> None:
    hidden = replace(genuine, access=AccessRecord(AccessProtocol.BAC, pace_offered=False))
    other = world.write().files["DG14"]

    assert result(world, hidden, CheckName.ACCESS).reason == "pace-hidden"
    assert result(world, altered(hidden, DG14=other), CheckName.ACCESS).reason == "access-bac"


def test_a_card_that_opens_without_a_password_though_it_has_pace_is_told(world: Any, genuine: Evidence) -> None:
    opened = replace(genuine, access=AccessRecord(AccessProtocol.OPEN))
    anything = Policy(allowed_access=frozenset(AccessProtocol))

    assert result(world, opened, CheckName.ACCESS, policy=anything).reason == "pace-hidden"
    assert result(world, opened, CheckName.ACCESS).reason == "access-not-allowed"


def test_a_session_with_another_pace_than_the_signed_one_fails(world: Any, altered: Any) -> None:
    """Evidence whose EF.CardAccess was left out, and whose record names a PACE that the issuer did not sign."""
    evidence = altered(world.read(world.write(), PACE_FIRST), **{"EF.CardAccess": None})
    weaker = replace(evidence, access=replace(evidence.access, pace_oid="0.4.0.127.0.7.2.2.4.2.1"))

    assert world.verify(evidence).outcome is Outcome.PASSED
    assert world.verify(weaker).reason == "card-access-altered"


# --- sod-signature ---------------------------------------------------------------------------------------------------


def test_a_signature_by_another_key_under_the_signers_name_is_forged(
    world: Any, genuine: Evidence, altered: Any
) -> None:
    forger = SyntheticPki(at=world.at).issue_document_signer()
    groups = {1: genuine.files["DG1"], 14: genuine.files["DG14"]}
    sod = write_security_object(write_lds_security_object(groups), forger.key, world.signer.certificate)

    report = world.verify(altered(genuine, EF_SOD=sod))

    assert (report.outcome, report.reason) == (Outcome.FAILED, "sod-signature-invalid")
    assert report.holder is None
    assert report.result(CheckName.SIGNER_PATH).outcome is Outcome.NOT_PERFORMED


def test_a_self_made_signer_is_nobodys(world: Any, genuine: Evidence, altered: Any) -> None:
    forger = SyntheticPki(at=world.at - timedelta(days=9)).issue_document_signer()
    groups = {1: genuine.files["DG1"], 14: genuine.files["DG14"]}
    sod = write_security_object(write_lds_security_object(groups), forger.key, forger.certificate)

    report = world.verify(altered(genuine, EF_SOD=sod))

    assert report.result(CheckName.SOD_SIGNATURE).outcome is Outcome.PASSED
    assert report.result(CheckName.SIGNER_PATH).outcome is Outcome.FAILED
    assert report.holder is None


def test_an_unknown_hash_algorithm_is_named_and_decides_nothing(world: Any, genuine: Evidence, altered: Any) -> None:
    content = write_lds_security_object({1: genuine.files["DG1"]})
    md5 = tlv.encode(0x06, bytes.fromhex("2a864886f70d0205"))
    inner = list(tlv.decode_all(tlv.decode_one(content).value))
    changed = tlv.encode(
        0x30, tlv.encode(0x02, inner[0].value) + tlv.encode(0x30, md5) + tlv.encode(0x30, inner[2].value)
    )
    sod = write_security_object(changed, world.signer.key, world.signer.certificate)

    report = world.verify(altered(genuine, EF_SOD=sod))

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "sod-unsupported")
    assert "1.2.840.113549.2.5" in report.sentence


# --- data-group-hashes -----------------------------------------------------------------------------------------------


def test_a_data_group_that_was_never_signed_fails(world: Any, genuine: Evidence, altered: Any) -> None:
    found = result(world, altered(genuine, DG11=b"\x6b\x00"), CheckName.DATA_GROUP_HASHES)

    assert (found.outcome, found.reason) == (Outcome.FAILED, "data-group-not-signed")


def test_signed_data_groups_that_nobody_asked_for_are_no_finding(world: Any) -> None:
    evidence = world.read(world.write(more_files=(("DG2", b"\x75\x00"), ("DG13", b"\x6d\x00"))))

    assert set(evidence.files) == {"EF.SOD", "DG1", "DG14"}
    assert world.verify(evidence).outcome is Outcome.PASSED


def test_a_missing_dg1_decides_nothing(world: Any, genuine: Evidence, altered: Any) -> None:
    report = world.verify(altered(genuine, DG1=None))

    assert (report.outcome, report.holder) == (Outcome.INDETERMINATE, None)
    assert report.result(CheckName.DATA_GROUP_HASHES).reason == "dg1-missing"


@pytest.mark.parametrize("algorithm", ["sha1", "sha224", "sha384", "sha512"])
def test_every_hash_algorithm_of_the_standard_is_known(world: Any, algorithm: str) -> None:
    assert world.verify(world.read(world.write(hash_name=algorithm, lds_version=1))).outcome is Outcome.PASSED


def test_a_clone_that_drops_the_key_files_fails(world: Any, genuine: Evidence, altered: Any) -> None:
    """The SOD lists DG14: its absence is what tells the imperfect clone."""
    clone = replace(altered(genuine, DG14=None), refused={"DG14": 0x6A82}, chip_authentication=None)
    unread = replace(clone, refused={})

    for evidence in (clone, unread):
        report = world.verify(evidence)
        assert (report.outcome, report.reason) == (Outcome.FAILED, "data-group-withheld")
        assert report.holder is not None


def test_a_key_file_may_stay_unread_where_the_other_key_was_proved(world: Any) -> None:
    data = world.write(active_authentication="ECDSA")
    evidence = world.read(data)

    assert "DG15" in data.files
    assert "DG15" not in evidence.files
    assert world.verify(evidence).outcome is Outcome.PASSED


def test_a_refused_key_file_is_a_copy_s_mark_even_where_authenticity_is_not_required(
    world: Any, genuine: Evidence, altered: Any
) -> None:
    """A policy for documents of which many have no key: one that has a signed key and hides it is no such document."""
    policy = Policy(required=frozenset(CheckName) - {CheckName.CHIP_AUTHENTICITY})
    unread = replace(altered(genuine, DG14=None), chip_authentication=None)
    clone = replace(unread, refused={"DG14": 0x6A82})

    report = world.verify(unread, policy=policy)
    assert report.outcome is Outcome.PASSED
    assert report.result(CheckName.CHIP_AUTHENTICITY).outcome is Outcome.NOT_PERFORMED
    assert world.verify(clone, policy=policy).reason == "data-group-withheld"


def test_a_refused_key_file_is_not_made_good_by_the_other_key(world: Any) -> None:
    """Without DG14 nobody sees which PACE the issuer signed, and under which other key a list knows the card."""
    data = world.write(active_authentication="ECDSA")
    files = {name: data.files[name] for name in data.files if name not in {"DG14", "EF.CardAccess"}}
    evidence = world.read(replace(data, files=files), PACE_FIRST)

    report = world.verify(evidence)

    assert evidence.refused == {"DG14": 0x6A82}
    assert report.result(CheckName.CHIP_AUTHENTICITY).reason == "chip-authentic-aa"
    assert (report.outcome, report.reason) == (Outcome.FAILED, "data-group-withheld")


def test_an_ef_card_access_other_than_the_signed_one_fails(world: Any, altered: Any) -> None:
    evidence = world.read(world.write(), PACE_FIRST)
    weaker = world.write(pace_curve="P-256").files["EF.CardAccess"]

    for content in (weaker, b"\x31\x00", b"no card access"):
        report = world.verify(altered(evidence, EF_CardAccess=None, **{"EF.CardAccess": content}))
        assert (report.outcome, report.reason) == (Outcome.FAILED, "card-access-altered")


# --- chip-authenticity -----------------------------------------------------------------------------------------------


def test_active_authentication_proves_the_chip(world: Any, with_active_authentication: Evidence) -> None:
    report = world.verify(with_active_authentication)

    assert report.outcome is Outcome.PASSED
    assert report.result(CheckName.CHIP_AUTHENTICITY).reason == "chip-authentic-aa"
    key = tlv.decode_one(with_active_authentication.files["DG15"]).value
    assert report.chip_key_hash == hashlib.sha256(key).digest()


def test_rsa_active_authentication_proves_the_chip(world: Any) -> None:
    data = world.write(chip_authentication_curve=None, pace_curve=None, active_authentication="RSA")

    assert world.verify(world.read(data)).outcome is Outcome.PASSED


def test_a_clone_without_the_private_key_is_not_authentic(world: Any, genuine: Evidence) -> None:
    """Its files are perfect copies; it answers Chip Authentication under a key of its own."""
    other = world.write()
    clone = replace(world.write(), files=genuine.files, chip_authentication=other.chip_authentication)

    evidence = world.read(clone)
    report = world.verify(evidence)

    assert evidence.files["DG14"] == genuine.files["DG14"]
    assert (report.outcome, report.reason) == (Outcome.FAILED, "chip-not-authentic")
    assert report.chip_key_hash is None


def test_a_clone_with_its_own_key_is_not_authentic(world: Any, genuine: Evidence) -> None:
    """It answers rightly, with a DG14 of its own that nobody signed."""
    own = world.write()
    clone = replace(own, files=dict(genuine.files) | {"DG14": own.files["DG14"]})

    report = world.verify(world.read(clone))

    assert (report.outcome, report.reason) == (Outcome.FAILED, "data-group-altered")
    assert report.result(CheckName.CHIP_AUTHENTICITY).reason == "chip-not-authentic"
    assert report.chip_key_hash is None


def test_either_signed_key_proves_the_chip(world: Any) -> None:
    """DG14 has a key too, but the reader ran Active Authentication: no downgrade, since nobody can copy either key."""
    only_active = ReadingOptions(access=(AccessProtocol.BAC,), chip_authentication=False)
    evidence = world.read(world.write(active_authentication="ECDSA"), only_active)

    assert evidence.chip_authentication is None
    assert world.verify(evidence).outcome is Outcome.PASSED
    assert result(world, evidence, CheckName.CHIP_AUTHENTICITY).reason == "chip-authentic-aa"


def test_a_forged_active_authentication_answer_condemns_the_chip(
    world: Any, with_active_authentication: Evidence
) -> None:
    forged = replace(
        with_active_authentication, active_authentication=ActiveAuthenticationProof(b"8 bytes!", b"\x01" * 64)
    )

    assert world.verify(forged).reason == "chip-not-authentic"


def test_one_bad_proof_condemns_beside_a_good_one(world: Any) -> None:
    data = world.write(active_authentication="ECDSA")
    evidence = world.read(data)
    both = replace(
        evidence,
        files=dict(evidence.files) | {"DG15": data.files["DG15"]},
        active_authentication=ActiveAuthenticationProof(b"8 bytes!", b"\x01" * 64),
    )

    assert world.verify(both).reason == "chip-not-authentic"


def test_a_proof_counts_only_against_a_trusted_key(world: Any, genuine: Evidence) -> None:
    stranger = SyntheticPki(at=world.at - timedelta(days=100)).trust_store()

    found = result(world, genuine, CheckName.CHIP_AUTHENTICITY, trust=stranger)

    assert (found.outcome, found.reason) == (Outcome.NOT_PERFORMED, "chip-key-not-authentic")


def test_a_chip_that_refuses_to_prove_its_key_fails(world: Any, genuine: Evidence) -> None:
    silent = replace(genuine, chip_authentication=None, refused={"chip-authentication": 0x6985})

    assert world.verify(silent).reason == "chip-authentication-refused"


def test_a_refusal_is_not_blamed_on_the_file_that_was_not_asked_for(world: Any) -> None:
    evidence = world.read(world.write(active_authentication="ECDSA"))
    silent = replace(evidence, chip_authentication=None, refused={"chip-authentication": 0x6985})

    assert world.verify(silent).reason == "chip-authentication-refused"


def test_a_chip_that_was_not_asked_is_not_called_a_copy(world: Any, genuine: Evidence) -> None:
    report = world.verify(replace(genuine, chip_authentication=None))

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "chip-authentication-not-performed")


def test_a_chip_without_a_key_cannot_be_told_from_a_copy(world: Any) -> None:
    evidence = world.read(world.write(pace_curve=None, chip_authentication_curve=None))

    report = world.verify(evidence)

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "chip-authentication-not-supported")


# --- document-validity -----------------------------------------------------------------------------------------------


def with_mrz(world: Any, evidence: Evidence, altered: Any, old: str, new: str) -> Evidence:
    """A DG1 with another MRZ, rightly signed: the issuer's own mistake."""
    mrz = tlv.decode_one(tlv.decode_one(evidence.files["DG1"]).value).value.decode()
    dg1 = write_dg1(mrz.replace(old, new))
    sod = signed(world, {1: dg1, 14: evidence.files["DG14"]})
    changed = altered(evidence, DG1=dg1, EF_SOD=sod)
    assert isinstance(changed, Evidence)
    return changed


def test_signed_but_wrong_check_digits_are_for_an_officer(world: Any, genuine: Evidence, altered: Any) -> None:
    report = world.verify(with_mrz(world, genuine, altered, "391231", "391230"))

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "mrz-check-digits-wrong")
    assert report.holder is not None


def test_a_date_of_expiry_that_is_none_is_for_an_officer(world: Any, genuine: Evidence, altered: Any) -> None:
    report = world.verify(with_mrz(world, genuine, altered, "391231", "391331"))

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "expiry-date-unreadable")
    assert report.holder is not None
    assert report.holder.date_of_expiry is None


def test_a_signed_dg1_that_is_no_mrz_is_for_an_officer(world: Any, genuine: Evidence, altered: Any) -> None:
    dg1 = tlv.encode(0x61, b"no MRZ")
    evidence = altered(genuine, DG1=dg1, EF_SOD=signed(world, {1: dg1, 14: genuine.files["DG14"]}))

    report = world.verify(evidence)

    assert (report.outcome, report.holder) == (Outcome.INDETERMINATE, None)
    assert report.result(CheckName.DOCUMENT_VALIDITY).reason == "dg1-malformed"


@pytest.mark.parametrize(
    ("types", "accepted"), [(None, True), (("I", "A", "C"), False), (("P",), True), (("PO",), False)]
)
def test_a_genuine_passport_is_no_member_card(world: Any, types: tuple[str, ...] | None, accepted: bool) -> None:
    """The same state's genuine passport, its genuine chip, its right holder: only not the card that is meant."""
    evidence = world.read(world.write(document_type=DocumentType.TD3))

    report = world.verify(evidence, policy=Policy(document_types=types))

    assert report.outcome is (Outcome.PASSED if accepted else Outcome.FAILED)
    assert report.reason == ("verified" if accepted else "document-type-not-accepted")
    assert report.holder is not None


def test_a_document_code_of_two_letters_is_meant_as_it_is_written(world: Any, genuine: Evidence) -> None:
    assert world.verify(genuine, policy=Policy(document_types=("ID",))).outcome is Outcome.PASSED
    assert world.verify(genuine, policy=Policy(document_types=("IX", "P"))).reason == "document-type-not-accepted"


# --- card-status -----------------------------------------------------------------------------------------------------


def test_a_card_is_also_known_by_its_security_object(world: Any, genuine: Evidence) -> None:
    key = hashlib.sha256(genuine.files["EF.SOD"]).digest()[:16]

    report = world.verify(genuine, card_status=world.status_list((key, CardState.REVOKED)))

    assert report.reason == "card-revoked"


def test_a_card_is_known_by_the_key_that_it_did_not_prove_too(world: Any) -> None:
    data = world.write(active_authentication="ECDSA")
    evidence = world.read(data, ReadingOptions(access=(AccessProtocol.BAC,), chip_authentication=False))
    key = hashlib.sha256(tlv.decode_one(data.files["DG15"]).value).digest()[:16]

    report = world.verify(evidence, card_status=world.status_list((key, CardState.LOST)))

    assert report.reason == "card-reported-lost"


def test_a_list_counts_throughout_the_second_in_which_it_ages(world: Any, genuine: Evidence) -> None:
    oldest = world.at - Policy().max_card_status_age
    card_status = world.status_list(issued_at=oldest)
    late = {half: world.at + timedelta(seconds=half / 2) for half in (1, 2)}
    assert world.verify(genuine, card_status=card_status, at=late[1]).outcome is Outcome.PASSED
    assert world.verify(genuine, card_status=card_status, at=late[2]).reason == "card-status-list-stale"


def test_a_stale_list_leaves_the_card_undecided_but_still_revokes(world: Any, genuine: Evidence) -> None:
    old = world.at - timedelta(days=46)
    key = hashlib.sha256(genuine.files["EF.SOD"]).digest()[:16]

    silent = world.verify(genuine, card_status=world.status_list(issued_at=old))
    listed = world.verify(genuine, card_status=world.status_list((key, CardState.REVOKED), issued_at=old))

    assert (silent.outcome, silent.reason) == (Outcome.INDETERMINATE, "card-status-list-stale")
    assert listed.reason == "card-revoked"


def test_a_list_that_was_written_to_leaves_the_card_undecided(world: Any, genuine: Evidence, tmp_path: Path) -> None:
    path = tmp_path / "cards.list"
    key = hashlib.sha256(genuine.files["EF.SOD"]).digest()[:16]
    path.write_bytes(world.status_file((key, CardState.REVOKED)))
    with CardStatusList.open(path, world.status_key) as card_status:
        assert world.verify(genuine, card_status=card_status).reason == "card-revoked"
        path.write_bytes(bytes(path.stat().st_size))
        report = world.verify(genuine, card_status=card_status)
    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "card-status-list-damaged")


def test_a_list_from_the_future_means_a_wrong_clock(world: Any, genuine: Evidence) -> None:
    ahead = world.status_list(issued_at=world.at + timedelta(days=1))

    assert world.verify(genuine, card_status=ahead).reason == "card-status-list-not-yet-valid"
