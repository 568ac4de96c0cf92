"""The whole of a verification: outcome, decisive reason, holder."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from verifier.access.proofs import AccessProtocol, AccessRecord
from verifier.cardstatus.layout import CardState
from verifier.errors import InvalidInput, PolicyError
from verifier.evidence.record import Evidence
from verifier.lds.elementary_files import ELEMENTARY_FILES
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing import SyntheticPki, invented_person
from verifier.sdk.testing.card_status import chip_key_hash
from verifier.verification.checks.card_status import check_card_status
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, Outcome, Report
from verifier.verification.verify import CHECKS, DECISIVE


def outcomes(report: Report) -> set[Outcome]:
    return {result.outcome for result in report.results}


def test_a_genuine_card_passes_every_check(world: Any, genuine: Evidence) -> None:
    report = world.verify(genuine)

    assert (report.outcome, report.reason) == (Outcome.PASSED, "verified")
    assert outcomes(report) == {Outcome.PASSED}
    assert [result.reason for result in report.results] == [
        "pace-downgraded-to-bac",
        "sod-signature-valid",
        "signer-trusted",
        "signer-not-revoked",
        "issuing-state-right",
        "data-groups-match",
        "chip-authentic-ca",
        "document-valid",
        "card-not-listed",
    ]


def test_a_result_is_found_by_the_text_of_its_check_too(world: Any, genuine: Evidence) -> None:
    report = world.verify(genuine)
    assert report.result("chip-authenticity") == report.result(CheckName.CHIP_AUTHENTICITY)
    with pytest.raises(InvalidInput, match="the nearest is 'chip-authenticity'"):
        report.result("chip-authentic")
    with pytest.raises(InvalidInput, match="no check 7"):
        report.result(7)
    with pytest.raises(InvalidInput, match="no result of 'access'"):
        replace(report, results=()).result(CheckName.ACCESS)


def test_results_stand_in_the_order_of_the_checks(world: Any, genuine: Evidence) -> None:
    report = world.verify(genuine)

    assert [result.check for result in report.results] == list(CheckName)
    assert len(CHECKS) == len(set(DECISIVE)) == len(CheckName)


def test_the_holder_is_read_from_authentic_data(world: Any, genuine: Evidence) -> None:
    holder = world.verify(genuine).holder

    assert holder is not None
    assert (holder.surname, holder.given_names) == (world.holder.surname, world.holder.given_names)
    assert holder.personal_number == world.holder.personal_number
    assert holder.document_number == world.holder.personal_number[-9:]
    assert holder.issuing_state == "VNM"


def test_the_chip_is_known_by_the_hash_of_the_key_that_it_proved(world: Any) -> None:
    data = world.write()
    report = world.verify(world.read(data))

    assert len(report.chip_key_hash) == 32
    assert report.chip_key_hash[:16] == chip_key_hash(data)


def test_a_report_is_json_without_the_holder_unless_asked(world: Any, genuine: Evidence) -> None:
    report = world.verify(genuine)

    plain, full = json.dumps(report.to_dict()), json.dumps(report.to_dict(include_holder=True))
    assert world.holder.personal_number not in plain
    assert "chip_key_hash" not in plain
    assert json.loads(full)["holder"]["personal_number"] == world.holder.personal_number
    assert len(json.loads(plain)["results"]) == len(CheckName)
    assert world.holder.surname not in repr(report)


def test_a_time_without_a_zone_is_an_error_of_the_caller(world: Any, genuine: Evidence) -> None:
    with pytest.raises(InvalidInput, match=r"use datetime\.now\(UTC\)"):
        world.verify(genuine, at=datetime(2026, 11, 22, 8, 0))


@pytest.mark.parametrize("argument", ["trust", "policy", "card_status", "at"])
def test_an_argument_of_another_kind_is_an_error_of_the_caller(world: Any, genuine: Evidence, argument: str) -> None:
    with pytest.raises(InvalidInput, match=argument if argument != "at" else "time"):
        world.verify(genuine, **{argument: "folder/of/trust"})
    with pytest.raises(InvalidInput, match="evidence"):
        world.verify(genuine.to_bytes())


@pytest.mark.parametrize("required", [frozenset({"sod-signature", "card-stauts"}), frozenset()])
def test_a_policy_that_somebody_altered_by_force_lets_nothing_pass(
    world: Any, genuine: Evidence, required: frozenset[str]
) -> None:
    policy = Policy()
    object.__setattr__(policy, "required", required)
    with pytest.raises(PolicyError):
        world.verify(genuine, policy=policy)


def test_a_required_check_that_is_never_made_does_not_pass(
    world: Any, genuine: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["verifier.verification.verify"]
    monkeypatch.setattr(module, "CHECKS", tuple(check for check in CHECKS if check is not check_card_status))
    with pytest.raises(LookupError):
        world.verify(genuine)


def test_the_same_evidence_gives_the_same_report_again(world: Any, genuine: Evidence) -> None:
    stored = Evidence.from_bytes(genuine.to_bytes())

    assert world.verify(stored) == world.verify(genuine)


def test_a_card_without_a_security_object_is_not_judged_at_all(world: Any, genuine: Evidence, altered: Any) -> None:
    report = world.verify(altered(genuine, EF_SOD=None))

    assert (report.outcome, report.reason) == (Outcome.NOT_PERFORMED, "sod-missing")
    assert report.holder is None


def test_evidence_without_any_file_is_not_performed(world: Any, genuine: Evidence) -> None:
    empty = replace(genuine, files={}, chip_authentication=None)

    assert world.verify(empty, card_status=None).outcome is Outcome.NOT_PERFORMED


@pytest.mark.parametrize("sod", [b"", b"\x77\x00", b"\x77\x02\x30\x00", b"\x77" + b"\x30\x80" * 500, b"\xff" * 64])
def test_a_malformed_security_object_is_a_failed_check(world: Any, genuine: Evidence, altered: Any, sod: bytes) -> None:
    report = world.verify(altered(genuine, EF_SOD=sod))

    assert (report.outcome, report.reason) == (Outcome.FAILED, "sod-malformed")
    assert report.holder is None


def test_an_altered_dg1_fails_and_names_nobody(world: Any, genuine: Evidence, altered: Any) -> None:
    content = genuine.files["DG1"].replace(world.holder.surname.encode(), b"X" * len(world.holder.surname))

    report = world.verify(altered(genuine, DG1=content))

    assert (report.outcome, report.reason) == (Outcome.FAILED, "data-group-altered")
    assert "DG1" in report.sentence
    assert report.holder is None


def test_a_security_object_of_another_card_does_not_vouch_for_this_one(
    world: Any, genuine: Evidence, altered: Any
) -> None:
    other = world.write(invented_person(8))

    report = world.verify(altered(genuine, EF_SOD=other.files["EF.SOD"]))

    assert (report.outcome, report.reason) == (Outcome.FAILED, "data-group-altered")


def test_a_signer_of_an_unknown_authority_fails(world: Any, genuine: Evidence) -> None:
    stranger = SyntheticPki(at=world.at - timedelta(days=100), country="UT", state="UTO")

    report = world.verify(genuine, trust=stranger.trust_store())

    assert (report.outcome, report.reason) == (Outcome.FAILED, "issuer-unknown")
    assert report.holder is None
    assert report.result(CheckName.SOD_SIGNATURE).outcome is Outcome.PASSED
    assert report.result(CheckName.CHIP_AUTHENTICITY).outcome is Outcome.NOT_PERFORMED


def test_a_forged_authority_of_the_same_name_fails(world: Any, genuine: Evidence) -> None:
    forger = SyntheticPki(at=world.at - timedelta(days=100))

    report = world.verify(genuine, trust=forger.trust_store())

    assert report.outcome is Outcome.FAILED
    assert report.reason in {"issuer-unknown", "signer-certificate-forged"}


def test_without_any_authority_nobody_can_tell(world: Any, genuine: Evidence) -> None:
    report = world.verify(genuine, trust=TrustStore.from_certificates(()))

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "trust-store-empty")


def test_a_revoked_signer_fails_and_names_nobody(world: Any) -> None:
    pki = SyntheticPki(at=world.at - timedelta(days=100))
    signer = pki.issue_document_signer()
    pki.revoke(signer)
    pki.issue_crl(at=world.at - timedelta(days=1))
    evidence = world.read(replace(world, signer=signer).write())

    report = world.verify(evidence, trust=pki.trust_store())

    assert (report.outcome, report.reason) == (Outcome.FAILED, "signer-revoked")
    assert (report.holder, report.chip_key_hash) == (None, None)


def test_an_old_revocation_list_still_revokes(world: Any) -> None:
    pki = SyntheticPki(at=world.at - timedelta(days=1000))
    signer = pki.issue_document_signer()
    pki.revoke(signer)
    pki.issue_crl(at=world.at - timedelta(days=900))
    evidence = world.read(replace(world, signer=signer).write())

    assert world.verify(evidence, trust=pki.trust_store()).reason == "signer-revoked"


def test_a_missing_revocation_list_leaves_the_card_undecided(world: Any, genuine: Evidence) -> None:
    trust = TrustStore.from_certificates(world.trust.certificates)

    report = world.verify(genuine, trust=trust)

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "crl-missing")
    assert report.holder is not None


def test_how_late_a_revocation_list_counts_is_for_the_policy(world: Any, genuine: Evidence) -> None:
    later = world.at + timedelta(days=120)
    fresh = world.status_list(issued_at=later - timedelta(days=1))

    strict = world.verify(genuine, at=later, card_status=fresh)
    lenient = world.verify(genuine, at=later, card_status=fresh, policy=Policy(max_crl_age=timedelta(days=60)))

    assert (strict.outcome, strict.reason) == (Outcome.INDETERMINATE, "crl-stale")
    assert lenient.outcome is Outcome.PASSED


def test_a_genuine_authority_of_another_state_cannot_make_this_states_card(world: Any) -> None:
    """A signer of Utopia, trusted for Utopia, signs a DG1 that says VNM."""
    utopia = SyntheticPki(at=world.at - timedelta(days=100), country="UT", state="UTO")
    signer = utopia.issue_document_signer()
    utopia.issue_crl(at=world.at - timedelta(days=1))
    evidence = world.read(replace(world, signer=signer).write())
    trust = world.trust.adding(utopia.trust_store().certificates, utopia.trust_store().crls)

    anywhere = world.verify(evidence, trust=trust)
    here = world.verify(evidence, trust=trust, policy=Policy(issuing_states=frozenset({"VNM"})))

    assert (anywhere.outcome, anywhere.reason) == (Outcome.FAILED, "issuing-state-mismatch")
    assert (here.outcome, here.reason) == (Outcome.FAILED, "issuing-state-not-accepted")
    assert anywhere.holder is here.holder is None


def test_a_genuine_foreign_card_passes_only_where_its_state_is_meant(world: Any) -> None:
    utopia = SyntheticPki(at=world.at - timedelta(days=100), country="UT", state="UTO")
    signer = utopia.issue_document_signer()
    utopia.issue_crl(at=world.at - timedelta(days=1))
    citizen = replace(world.holder, issuing_state="UTO", nationality="UTO")
    evidence = world.read(replace(world, signer=signer).write(citizen))
    trust = utopia.trust_store()

    assert world.verify(evidence, trust=trust).outcome is Outcome.PASSED
    assert (
        world.verify(evidence, trust=trust, policy=Policy(issuing_states=frozenset({"UTO"}))).outcome is Outcome.PASSED
    )
    elsewhere = world.verify(evidence, trust=trust, policy=Policy(issuing_states=frozenset({"VNM"})))
    assert elsewhere.reason == "issuing-state-not-accepted"


def test_an_expired_card_fails_but_is_still_somebodys(world: Any) -> None:
    expired = replace(world.holder, date_of_expiry="261121")

    report = world.verify(world.read(world.write(expired)))

    assert (report.outcome, report.reason) == (Outcome.FAILED, "document-expired")
    assert report.holder is not None


def test_a_card_is_valid_through_its_last_day_where_the_clock_hangs(world: Any) -> None:
    evidence = world.read(world.write(replace(world.holder, date_of_expiry="261122")))
    vietnam = timezone(timedelta(hours=7))

    def outcome(at: datetime) -> str:
        return str(world.verify(evidence, at=at).result(CheckName.DOCUMENT_VALIDITY).reason)

    assert outcome(datetime(2026, 11, 22, 23, 59, tzinfo=UTC)) == "document-valid"
    assert outcome(datetime(2026, 11, 22, 23, 59, tzinfo=vietnam)) == "document-valid"
    assert outcome(datetime(2026, 11, 23, 0, 1, tzinfo=vietnam)) == "document-expired"


def test_a_card_that_never_expires_passes(world: Any) -> None:
    report = world.verify(world.read(world.write(replace(world.holder, date_of_expiry="<<<<<<"))))

    assert report.outcome is Outcome.PASSED
    assert report.result(CheckName.DOCUMENT_VALIDITY).reason == "no-expiry"
    assert report.holder is not None
    assert report.holder.date_of_expiry is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (CardState.REVOKED, "card-revoked"),
        (CardState.SUSPENDED, "card-suspended"),
        (CardState.LOST, "card-reported-lost"),
    ],
)
def test_a_listed_card_fails_but_is_still_somebodys(world: Any, state: CardState, reason: str) -> None:
    data = world.write()
    listed = world.status_list((chip_key_hash(data), state))

    report = world.verify(world.read(data), card_status=listed)

    assert (report.outcome, report.reason) == (Outcome.FAILED, reason)
    assert report.holder is not None


def test_the_gravest_finding_is_told_first(world: Any) -> None:
    """Expired, reported lost, and opened in a way that is not allowed: lost is what matters."""
    data = world.write(replace(world.holder, date_of_expiry="200101"))
    listed = world.status_list((chip_key_hash(data), CardState.LOST))
    policy = Policy(allowed_access=frozenset({AccessProtocol.PACE}))

    report = world.verify(world.read(data), card_status=listed, policy=policy)

    assert report.reason == "card-reported-lost"
    failed = {result.check for result in report.results if result.outcome is Outcome.FAILED}
    assert failed == {CheckName.ACCESS, CheckName.CARD_STATUS, CheckName.DOCUMENT_VALIDITY}


def test_a_failed_check_fails_the_card_even_where_it_is_not_required(world: Any) -> None:
    evidence = world.read(world.write(replace(world.holder, date_of_expiry="200101")))

    report = world.verify(evidence, policy=Policy(required=frozenset({CheckName.SOD_SIGNATURE})))

    assert (report.outcome, report.reason) == (Outcome.FAILED, "document-expired")


def test_what_is_not_required_may_stay_open(world: Any, genuine: Evidence) -> None:
    policy = Policy(required=frozenset(CheckName) - {CheckName.CARD_STATUS})

    assert world.verify(genuine, card_status=None).reason == "card-status-list-missing"
    assert world.verify(genuine, card_status=None, policy=policy).outcome is Outcome.PASSED


def test_matching_hashes_alone_never_pass(world: Any, genuine: Evidence) -> None:
    """A policy that asks for nothing but the hashes still wants them signed by somebody trusted."""
    policy = Policy(required=frozenset({CheckName.DATA_GROUP_HASHES}))
    empty = TrustStore.from_certificates(())

    report = world.verify(genuine, trust=empty, policy=policy)

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "sod-not-trusted")


def test_a_wrong_clock_is_not_the_cards_fault(world: Any, genuine: Evidence) -> None:
    report = world.verify(genuine, at=datetime(1970, 1, 1, tzinfo=UTC))

    assert report.outcome is Outcome.INDETERMINATE
    assert report.reason in {"signer-not-yet-valid", "issuer-not-yet-valid"}


def test_reasons_are_stable_words_and_sentences_name_nobody(world: Any, genuine: Evidence) -> None:
    for result in world.verify(genuine).results:
        assert result.reason == result.reason.lower().replace(" ", "-")
        assert result.sentence.endswith(".")
        assert result.clause
        assert world.holder.surname not in result.sentence


def test_unknown_files_in_evidence_are_of_no_consequence(world: Any, genuine: Evidence, altered: Any) -> None:
    more = altered(genuine, **{"DG99": b"x", "notes.txt": b"y"})

    assert set(more.files) - set(ELEMENTARY_FILES) == {"DG99", "notes.txt"}
    assert world.verify(more) == world.verify(genuine)


def test_a_record_of_open_access_passes_only_where_allowed(world: Any, genuine: Evidence) -> None:
    opened = replace(genuine, access=AccessRecord(AccessProtocol.OPEN))

    assert world.verify(opened).reason == "access-not-allowed"
    allowed = Policy(allowed_access=frozenset(AccessProtocol))
    assert world.verify(opened, policy=allowed).outcome is Outcome.PASSED


def test_what_only_terminal_authentication_opens_is_named_and_never_guessed(world: Any) -> None:
    evidence = world.read(world.write(terminal_authentication=True))
    report = world.verify(evidence)

    assert "DG3" not in evidence.files
    assert (report.outcome, report.not_readable) == (Outcome.PASSED, ("DG3",))
    assert report.to_dict()["not_readable"] == ["DG3"]


def test_what_nobody_signed_is_not_called_unreadable(world: Any, genuine: Evidence) -> None:
    assert world.verify(genuine).not_readable == ()
    stranger = SyntheticPki(at=world.at).trust_store()
    assert world.verify(world.read(world.write(terminal_authentication=True)), trust=stranger).not_readable == ()


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        (set(), "The card is genuine and valid."),
        ({"card-status"}, "The card is genuine and valid, as far as was asked: nobody knows whether it was revoked."),
        (
            {"card-status", "signer-revocation"},
            "The card is genuine and valid, as far as was asked: nobody knows whether its signer was revoked or "
            "whether it was revoked.",
        ),
    ],
)
def test_what_was_not_required_and_not_seen_is_said_in_the_sentence_of_a_card_that_passes(world, left_out, sentence):
    evidence = world.read(world.write())
    without_crl = TrustStore.from_certificates(world.trust.certificates)
    trust = without_crl if "signer-revocation" in left_out else world.trust
    status = None if "card-status" in left_out else world.status_list()
    policy = Policy(required=frozenset(set(CheckName) - left_out))
    report = world.verify(evidence, trust=trust, policy=policy, card_status=status)
    assert (report.passed, report.reason, report.sentence) == (True, "verified", sentence)


def test_a_copy_that_passes_for_want_of_a_question_is_not_called_genuine_without_saying_so(world):
    policy = Policy(required=frozenset(set(CheckName) - {CheckName.CHIP_AUTHENTICITY}))
    report = world.verify(replace(world.read(world.write()), chip_authentication=None), policy=policy)
    assert report.passed
    assert report.sentence.endswith("as far as was asked: nobody knows whether its chip is the original.")
