"""A clock that is only known to be no earlier: nobody passes, nobody is called bad, and what is bad for ever fails."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from verifier.cardstatus.layout import CardState
from verifier.errors import InvalidInput, VerifierError
from verifier.evidence.record import Evidence
from verifier.sdk import inspect, load_profile, policy_for, read
from verifier.sdk.testing import SyntheticPki, VirtualChip, invented_person
from verifier.sdk.testing.card_status import chip_key_hash
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene
from verifier.verification.clock import REASON, RULINGS
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, Outcome, Report
from verifier.verification.verify import verify

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DECIDED_BY_TIME = {
    CheckName.SIGNER_PATH,
    CheckName.SIGNER_REVOCATION,
    CheckName.DOCUMENT_VALIDITY,
    CheckName.CARD_STATUS,
}


def said(report: Report) -> dict[CheckName, str]:
    return {result.check: result.reason for result in report.results}


@pytest.mark.parametrize("days", [0, -1, -20_000])
def test_what_the_time_decides_is_undecided_and_everything_else_is_as_ever(
    world: Any, genuine: Evidence, days: int
) -> None:
    report = world.verify(genuine, at=world.at + days * DAY, clock_trusted=False)

    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, REASON)
    assert report.sentence == next(one.sentence for one in RULINGS if one.check is CheckName.SIGNER_PATH)
    assert (report.holder, report.chip_key_hash) == (None, None)
    known = said(world.verify(genuine))
    assert said(report) == known | dict.fromkeys(DECIDED_BY_TIME, REASON)


def test_every_ruling_of_the_clock_is_undecided_and_names_the_clock() -> None:
    assert {ruling.check for ruling in RULINGS} == DECIDED_BY_TIME
    for ruling in RULINGS:
        assert (ruling.outcome, ruling.reason) == (Outcome.INDETERMINATE, REASON)
        assert "the clock cannot say" in ruling.sentence


def test_a_trusted_clock_is_what_is_meant_where_nothing_is_said(world: Any, genuine: Evidence) -> None:
    assert world.verify(genuine) == world.verify(genuine, clock_trusted=True)
    assert world.verify(genuine).outcome is Outcome.PASSED


@pytest.mark.parametrize("days", [0, -20_000])
def test_a_card_that_is_listed_is_refused_at_any_time(world: Any, days: int) -> None:
    data = world.write()
    listed = world.status_list((chip_key_hash(data), CardState.REVOKED))
    report = world.verify(world.read(data), card_status=listed, at=world.at + days * DAY, clock_trusted=False)

    assert (report.outcome, report.reason) == (Outcome.FAILED, "card-revoked")


def test_a_card_that_had_expired_by_then_has_expired(world: Any) -> None:
    evidence = world.read(world.write(replace(world.holder, date_of_expiry="251122")))
    report = world.verify(evidence, clock_trusted=False)
    assert (report.outcome, report.reason) == (Outcome.FAILED, "document-expired")

    report = world.verify(evidence, at=world.at - 400 * DAY, clock_trusted=False)
    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, REASON)


def test_lists_that_are_too_old_for_the_earliest_time_are_too_old(world: Any, genuine: Evidence) -> None:
    old = world.status_list(issued_at=world.at - 60 * DAY)
    report = world.verify(genuine, card_status=old, clock_trusted=False)
    assert report.result(CheckName.CARD_STATUS).reason == "card-status-list-stale"

    report = world.verify(genuine, at=world.at + 365 * DAY, clock_trusted=False)
    assert report.result(CheckName.SIGNER_REVOCATION).reason == "crl-stale"
    assert report.outcome is Outcome.INDETERMINATE


def test_what_is_missing_is_missing_at_any_time(world: Any, genuine: Evidence) -> None:
    report = world.verify(genuine, card_status=None, clock_trusted=False)
    assert report.result(CheckName.CARD_STATUS).reason == "card-status-list-missing"


def test_a_policy_that_asks_for_little_does_not_pass_by_a_path_that_nobody_knows_to_be_valid(
    world: Any, genuine: Evidence
) -> None:
    for check in sorted(set(CheckName) - DECIDED_BY_TIME):
        report = world.verify(genuine, policy=Policy(required=frozenset({check})), clock_trusted=False)
        rests_on_nothing = check in {CheckName.SOD_SIGNATURE, CheckName.ACCESS}
        assert report.outcome is (Outcome.PASSED if rests_on_nothing else Outcome.INDETERMINATE), check


@pytest.mark.parametrize("value", [None, 0, 1, "no"])
def test_whether_the_clock_is_trusted_is_true_or_false(world: Any, genuine: Evidence, value: object) -> None:
    with pytest.raises(InvalidInput, match="clock_trusted is True, or False"):
        world.verify(genuine, clock_trusted=value)


# --- every card that there is --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


@pytest.mark.parametrize("name", CATALOGUE)
def test_nothing_passes_and_what_fails_never_passes_later(scene: Scene, name: str) -> None:
    card = CATALOGUE[name]
    chip = card.make(scene)
    profile = load_profile("party-card")
    try:
        evidence = read(chip, profile=profile, password=card.password(scene, chip), at=scene.at)
    except VerifierError:
        assert card.expectation.error is not None
        return
    lists = {"trust": scene.trust_store(), "policy": policy_for(profile), "card_status": scene.card_status_list()}
    times = [LONG_AGO, scene.at - 40 * DAY, scene.at, scene.at + 80 * DAY, scene.at + 4_000 * DAY]
    unknown = [verify(evidence, at=at, clock_trusted=False, **lists) for at in times]  # type: ignore[arg-type]
    known = [verify(evidence, at=at, **lists) for at in times]  # type: ignore[arg-type]
    for number, report in enumerate(unknown):
        assert not report.passed
        for result in report.results:
            if result.outcome is Outcome.FAILED:
                later = [one.result(result.check).outcome for one in known[number:]]
                assert Outcome.PASSED not in later, (times[number], result)
    if card.expectation.outcome is Outcome.PASSED:
        assert [report.reason for report in unknown[:3]] == [REASON] * 3
    elif card.expectation.outcome is Outcome.FAILED:
        assert unknown[2].outcome is Outcome.FAILED


# --- through the door ----------------------------------------------------------------------------------------------


def test_an_inspection_takes_it_too(scene: Scene) -> None:
    chip = VirtualChip(scene.chip_data())
    asked = {"profile": load_profile("icao-mrtd"), "password": CATALOGUE["genuine"].password(scene, chip)}
    report = inspect(chip, scene.trust_store(), at=scene.at, clock_trusted=False, **asked).report
    assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, REASON)


def test_nothing_is_sent_to_a_card_before_the_clock_is_understood(scene: Scene) -> None:
    class Untouched:
        def transmit(self, command: object) -> object:
            raise AssertionError(command)

    asked = {"profile": load_profile("icao-mrtd"), "password": CATALOGUE["genuine"].password(scene, None)}
    with pytest.raises(InvalidInput, match="clock_trusted"):
        inspect(Untouched(), scene.trust_store(), at=scene.at, clock_trusted=None, **asked)  # type: ignore[arg-type]


def test_a_state_whose_authority_begins_tomorrow_is_no_stranger(world: Any) -> None:
    pki = SyntheticPki(at=world.at + DAY)
    signer = pki.issue_document_signer()
    pki.issue_crl(at=world.at + DAY)
    tomorrow = replace(world, pki=pki, signer=signer, trust=pki.trust_store(), holder=invented_person(9))
    report = tomorrow.verify(tomorrow.read(tomorrow.write()), clock_trusted=False)
    assert set(said(report).values()) >= {REASON, "chip-authentic-ca", "data-groups-match", "issuing-state-right"}
