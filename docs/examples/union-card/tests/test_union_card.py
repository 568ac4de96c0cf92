"""How the package of a profile tests itself: with a virtual chip and a synthetic issuer, and no hardware."""

from dataclasses import replace
from datetime import UTC, datetime

from verifier.sdk import CanPassword, Outcome, inspect, load_profile
from verifier.sdk.testing import SyntheticPki, invented_person, personalise

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
CAN = CanPassword("123456")


def issue(state: str, country: str):
    pki = SyntheticPki(at=AT, country=country)
    keeper = replace(invented_person(7), issuing_state=state, nationality=state)
    card = personalise(pki.issue_document_signer(), keeper)
    pki.issue_crl()
    return card, pki.trust_store()


def test_a_keeper_is_known_by_the_lighthouse_number() -> None:
    card, trust = issue("UTO", "UT")
    profile = load_profile("union-card")
    report = inspect(card, trust, profile=profile, password=CAN, at=AT).report
    assert report.outcome is Outcome.PASSED
    assert profile.holder_identifier(report.holder) == invented_person(7).personal_number


def test_a_card_of_another_state_is_no_union_card() -> None:
    card, trust = issue("VNM", "VN")
    report = inspect(card, trust, profile=load_profile("union-card"), password=CAN, at=AT).report
    assert report.outcome is Outcome.FAILED
    assert report.reason == "issuing-state-not-accepted"
