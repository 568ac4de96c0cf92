"""The door: what it offers, and that every card of the catalogue is treated right through it."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import pytest

import verifier.errors
from verifier import sdk
from verifier.sdk import (
    CanPassword,
    CardProfile,
    CommandApdu,
    Evidence,
    Outcome,
    ReadingStep,
    RecordingConnection,
    ReplayConnection,
    ResponseApdu,
    card_status,
    errors,
    inspect,
    load_profile,
    policy_for,
    profiles,
    publishing,
    read,
    recording,
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


def test_the_interpreter_finds_each_name_where_the_type_checker_does() -> None:
    tree = ast.parse(Path(sdk.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    for_types = {
        alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert for_types == {name: home for home, names in sdk._HOMES.items() for name in names} | {
        "errors": "verifier.sdk"
    }
    assert set(for_types) == set(sdk.__all__)


def test_a_name_that_the_door_does_not_have_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="verfy"):
        sdk.verfy  # type: ignore[attr-defined]  # noqa: B018 - the look-up is the test
    assert set(sdk.__all__) <= set(dir(sdk))


def test_who_only_verifies_does_not_load_what_reads_cards() -> None:
    program = "import sys; from verifier.sdk import verify; print('verifier.access.pace.establishment' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "False"


def test_every_error_is_behind_the_door() -> None:
    deeper = {name for name, value in vars(verifier.errors).items() if isinstance(value, type) and name[0] != "_"}
    assert deeper - {"ClassVar"} == set(errors.__all__)


def test_a_bare_import_needs_neither_sockets_nor_readers() -> None:
    unneeded = {"socket", "nfc", "serial", "asyncio", "smartcard"}
    program = f"import sys; from verifier.sdk import *; print(*{unneeded} & set(sys.modules))"
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


def test_an_unknown_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, "strange-card", "announced_profiles:STRANGE")
    with pytest.raises(errors.InvalidInput, match=r"no card profile 'strange'; known are .*strange-card"):
        load_profile("strange")
    with pytest.raises(errors.InvalidInput, match="by its name"):
        load_profile(["party-card"])


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("announced_profiles:NOT_A_PROFILE", "is a str"),
        ("announced_profiles:MISSING", "AttributeError: .*MISSING"),
        ("no_such_module:X", "ModuleNotFoundError: .*no_such_module"),
        ("broken_profiles:X", "PolicyError: there is no check 'zzz'"),
    ],
)
def test_what_is_announced_and_broken_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, why: str
) -> None:
    announce(monkeypatch, "strange-card", value)
    (tmp_path / "broken_profiles.py").write_text(
        "from verifier.sdk import CardProfile\nX = CardProfile('x', 'X', required_checks=frozenset({'zzz'}))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(errors.PolicyError, match=why):
        load_profile("strange-card")


def test_what_is_announced_under_another_name_says_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, "my-card", "announced_profiles:STRANGE")
    with pytest.raises(errors.PolicyError, match="calls itself strange-card"):
        load_profile("my-card")


# --- mistakes at the door -----------------------------------------------------------------------------------------


class Untouched:
    """A card that must not be spoken to."""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        raise AssertionError(command)


@pytest.mark.parametrize(
    ("argument", "value", "sentence"),
    [
        ("at", datetime(2026, 11, 22, 8, 0), r"needs a time zone; use datetime.now\(UTC\)"),
        ("at", "2026-11-22", "no str"),
        ("at", None, "no None"),
        ("trust", "folder/of/trust", r"TrustStore.from_folder\(path\)"),
        ("profile", "party-card", r"load_profile\(name\)"),
        ("password", "123456", r"CanPassword\(digits\)"),
        ("card", "/dev/ttyUSB0", "transmit"),
        ("policy", "party-card", "policy_for"),
        ("card_status", "cards.list", "CardStatusList.open"),
        ("options", None, "ReadingOptions"),
    ],
)
def test_an_argument_of_another_kind_is_answered_with_a_sentence_before_a_card_is_touched(
    scene: Scene, argument: str, value: object, sentence: str
) -> None:
    arguments = {
        "card": Untouched(),
        "trust": scene.trust_store(),
        "profile": PARTY_CARD,
        "password": CanPassword(scene.can),
        "at": AT,
    }
    with pytest.raises(errors.InvalidInput, match=sentence):
        inspect(**(arguments | {argument: value}))
    if argument in {"at", "profile", "password", "card", "options"}:
        del arguments["trust"]
        with pytest.raises(errors.InvalidInput, match=sentence):
            read(**(arguments | {argument: value}))


@pytest.mark.parametrize("wrap", [lambda card: card, RecordingConnection], ids=["bare", "recorded"])
def test_a_reader_that_hands_out_bytes_is_told_what_is_expected_of_it(wrap: Callable[[object], object]) -> None:
    class Raw:
        def transmit(self, command: CommandApdu) -> bytes:
            return b"\x90\x00"

    with pytest.raises(errors.ReaderFault, match=r"returned a bytes .* ResponseApdu.decode"):
        read(wrap(Raw()), profile=PARTY_CARD, password=CanPassword("123456"), at=AT)


# --- no verdict by accident ---------------------------------------------------------------------------------------


def test_a_verdict_is_never_taken_from_the_truth_of_an_object(scene: Scene) -> None:
    chip = CATALOGUE["altered-dg1"].make(scene)
    arguments = {"profile": PARTY_CARD, "password": CanPassword(scene.can), "at": AT}
    inspection = inspect(chip, scene.trust_store(), **arguments)
    assert inspection.report.passed is False
    for verdict in (inspection, inspection.report, *Outcome):
        with pytest.raises(TypeError, match="not true or false"):
            bool(verdict)


def test_a_report_passed_only_with_the_outcome_passed(scene: Scene) -> None:
    evidence = read(CATALOGUE["genuine"].make(scene), profile=PARTY_CARD, password=CanPassword(scene.can), at=AT)
    report = verify(evidence, scene.trust_store(), policy_for(load_profile("vn-cccd")), at=AT)
    assert {outcome: replace(report, outcome=outcome).passed for outcome in Outcome} == {
        outcome: outcome is Outcome.PASSED for outcome in Outcome
    }
    assert json.loads(json.dumps(report.to_dict()))["outcome"] == "PASSED"


# --- further doors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "names"),
    [
        (profiles, {"CardProfile", "ReadingPlan", "ChipProof", "HolderData", "load_profile", "policy_for"}),
        (recording, {"RecordingConnection", "ReplayConnection", "Trace"}),
        (card_status, {"CardStatusDelta", "CardState", "CardStatus", "apply_card_status_delta", "CardStatusList"}),
        (publishing, {"CardStatusEntry", "CardState", "CardStatus", "build_card_status_list", "CardStatusList"}),
        (publishing, {"make_card_status_delta", "read_card_status_csv"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_further_door_offers_what_an_integrator_needs(door: ModuleType, names: set[str]) -> None:
    assert names <= set(door.__all__)
    assert all(hasattr(door, name) for name in door.__all__)
    for name in set(door.__all__) & set(sdk.__all__):
        assert getattr(door, name) is getattr(sdk, name)
