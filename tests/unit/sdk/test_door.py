"""The door: what it offers, and that every card of the catalogue is treated right through it."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints

import pytest

import verifier.errors
from verifier import sdk
from verifier.sdk import (
    CanPassword,
    CardProfile,
    Evidence,
    Outcome,
    ReadingStep,
    RecordingConnection,
    ReplayConnection,
    errors,
    inspect,
    load_profile,
    policy_for,
    read,
    verify,
)
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PARTY_CARD = load_profile("party-card")


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(at=AT)


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_card_of_the_catalogue_is_treated_as_it_must_be_now_and_later(scene: Scene, name: str) -> None:
    card = CATALOGUE[name]
    chip, expected = card.make(scene), card.expectation
    password = card.password(scene, chip)
    if expected.error:
        with pytest.raises(expected.error):
            read(chip, profile=PARTY_CARD, password=password, at=AT)
        return
    trust, card_status = scene.trust_store(), scene.card_status_list()
    inspection = inspect(chip, trust, profile=PARTY_CARD, password=password, at=AT, card_status=card_status)
    report = inspection.report
    assert report.outcome is expected.outcome, report
    if expected.check:
        assert report.result(expected.check).reason == expected.reason
    stored = Evidence.from_bytes(inspection.evidence.to_bytes())
    assert verify(stored, trust, policy_for(PARTY_CARD), at=AT, card_status=card_status) == report


def test_a_recorded_reading_replays_to_the_same_evidence(scene: Scene) -> None:
    recording = RecordingConnection(CATALOGUE["genuine"].make(scene))
    numbers: list[bytes] = []

    def random(count: int) -> bytes:
        numbers.append(scene.random(count))
        return numbers[-1]

    password = CanPassword(scene.can)
    evidence = read(recording, profile=PARTY_CARD, password=password, at=AT, random=random)
    replay = ReplayConnection(recording.trace)
    again = iter(numbers)
    assert read(replay, profile=PARTY_CARD, password=password, at=AT, random=lambda _: next(again)) == evidence
    assert replay.is_finished
    with pytest.raises(errors.ReaderFault, match="command 4 differs"):
        read(ReplayConnection(recording.trace), profile=PARTY_CARD, password=password, at=AT)


def test_progress_names_steps_and_no_person(scene: Scene) -> None:
    steps: list[ReadingStep] = []
    chip = CATALOGUE["genuine"].make(scene)
    read(chip, profile=PARTY_CARD, password=CanPassword(scene.can), at=AT, progress=steps.append)
    assert steps[0] is ReadingStep.LOOKING
    assert steps[-1] is ReadingStep.DONE


def test_without_card_status_list_a_party_card_is_not_good(scene: Scene) -> None:
    chip = CATALOGUE["genuine"].make(scene)
    arguments = {"profile": PARTY_CARD, "password": CanPassword(scene.can), "at": AT}
    assert inspect(chip, scene.trust_store(), **arguments).report.outcome is Outcome.INDETERMINATE


def test_the_door_has_at_most_thirty_names_and_each_is_there_and_documented() -> None:
    assert len(sdk.__all__) <= 30
    for name in sdk.__all__:
        assert getattr(sdk, name).__doc__, name


def test_every_error_is_behind_the_door() -> None:
    deeper = {name for name, value in vars(verifier.errors).items() if isinstance(value, type) and name[0] != "_"}
    assert deeper - {"ClassVar"} == set(errors.__all__)


def test_a_bare_import_needs_neither_sockets_nor_readers() -> None:
    program = "import sys, verifier.sdk; print(*{'socket', 'nfc', 'serial', 'asyncio', 'smartcard'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# --- profiles by name ---------------------------------------------------------------------------------------------

STRANGE = CardProfile("strange-card", "For a test")
NOT_A_PROFILE = "strange-card"


def announce(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    found = EntryPoints([EntryPoint(name, value, "thechip.card_profiles")])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: found.select(group=group))
    module = type(sys)("announced_profiles")
    module.STRANGE, module.NOT_A_PROFILE = STRANGE, NOT_A_PROFILE
    monkeypatch.setitem(sys.modules, "announced_profiles", module)


def test_a_package_announces_its_own_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, "strange-card", "announced_profiles:STRANGE")
    assert load_profile("strange-card") is STRANGE


def test_nobody_announces_another_party_card(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, "party-card", "announced_profiles:STRANGE")
    assert load_profile("party-card") is PARTY_CARD


@pytest.mark.parametrize(
    "value", ["announced_profiles:NOT_A_PROFILE", "announced_profiles:MISSING", "no_such_module:X"]
)
def test_what_is_announced_and_no_profile_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    announce(monkeypatch, "strange-card", value)
    with pytest.raises(errors.PolicyError):
        load_profile("strange-card")


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(errors.InvalidInput, match="icao-mrtd, vn-cccd, party-card"):
        load_profile("party_card")


def test_the_policy_of_a_profile_means_its_states_and_its_documents() -> None:
    for profile in (PARTY_CARD, load_profile("icao-mrtd")):
        policy = policy_for(profile)
        assert policy.issuing_states == profile.issuing_states
        assert policy.document_types == profile.document_types


def test_a_profile_that_requires_an_unknown_check_is_refused() -> None:
    with pytest.raises(errors.PolicyError):
        policy_for(replace(STRANGE, required_checks=frozenset({"sod-signatur"})))
