"""The profiles that come with the engine, and what a profile may not say."""

from dataclasses import dataclass, replace

import pytest

from verifier.access.proofs import AccessProtocol
from verifier.errors import InvalidInput, PolicyError
from verifier.lds.mrz import MachineReadableZone
from verifier.reading.options import ReadingOptions
from verifier.reading.profile import CardProfile, ChipProof, ReadingPlan
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.sdk.testing import DocumentType, Person, invented_person
from verifier.sdk.testing.writing.mrz import write_mrz
from verifier.verification.report import CheckName


@dataclass
class HolderOf:
    document_number: str
    personal_number: str | None


@pytest.mark.parametrize(
    ("profile", "personal_number", "identifier"),
    [
        ("icao-mrtd", "046201001234", "201001234"),
        ("vn-cccd", "046201001234<<5", "046201001234"),
        ("vn-cccd", "04620100123", "201001234"),
        ("vn-cccd", "٠46201001234", "201001234"),
        ("vn-cccd", None, "201001234"),
        ("party-card", "DV0001234<7", "DV0001234"),
        ("party-card", "", "201001234"),
        ("party-card", None, "201001234"),
    ],
)
def test_each_kind_of_card_knows_its_holder_by_its_own_number(
    profile: str, personal_number: str | None, identifier: str
) -> None:
    assert BUILT_IN_PROFILES[profile].holder_identifier(HolderOf("201001234", personal_number)) == identifier


def zone(document_type: DocumentType, holder: Person) -> MachineReadableZone:
    return MachineReadableZone.decode(write_mrz(holder, document_type))


def test_a_profile_recognises_the_zone_of_its_cards() -> None:
    holder = invented_person(3)
    identity_card, passport = zone(DocumentType.TD1, holder), zone(DocumentType.TD3, holder)
    recognised = {
        name: (profile.recognises(identity_card), profile.recognises(passport))
        for name, profile in BUILT_IN_PROFILES.items()
    }
    assert recognised == {"icao-mrtd": (True, True), "vn-cccd": (True, False), "party-card": (True, False)}


def test_a_card_of_another_state_is_not_recognised() -> None:
    foreign = Person(display_name="Sample Test", personal_number="000000000001", issuing_state="UTO", nationality="UTO")
    assert not BUILT_IN_PROFILES["vn-cccd"].recognises(zone(DocumentType.TD1, foreign))


def test_every_check_that_a_profile_requires_exists() -> None:
    for profile in BUILT_IN_PROFILES.values():
        assert profile.required_checks is None or profile.required_checks <= {check.value for check in CheckName}


def test_what_is_assumed_of_the_party_card_is_written_down_and_said_to_be_assumed() -> None:
    first, *others = BUILT_IN_PROFILES["party-card"].assumptions
    assert "No specification" in first
    assert sum(text.startswith("Assumed:") for text in others) >= 6


@pytest.mark.parametrize("group", ["DG3", "DG4", "DG17", "EF.COM", ""])
def test_a_plan_cannot_name_what_must_or_can_not_be_read(group: str) -> None:
    with pytest.raises(PolicyError):
        ReadingPlan(data_groups=("DG1", group))


def test_a_plan_names_each_group_once() -> None:
    with pytest.raises(PolicyError):
        ReadingPlan(data_groups=("DG1", "DG1"))


@pytest.mark.parametrize("name", ["", "Party Card", "thẻ", "../x"])
def test_a_profiles_name_is_fit_for_files_and_command_lines(name: str) -> None:
    with pytest.raises(PolicyError):
        CardProfile(name, "For a test")


def test_a_profile_that_requires_nothing_is_an_error() -> None:
    with pytest.raises(PolicyError):
        CardProfile("lax", "For a test", required_checks=frozenset())


def test_a_profile_with_a_misspelt_check_is_an_error_as_it_is_made() -> None:
    with pytest.raises(PolicyError, match="no check 'sod-signatur'; the nearest is 'sod-signature'"):
        CardProfile("strange", "For a test", required_checks=frozenset({"sod-signatur"}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("title", b"bytes"),
        ("assumptions", "one sentence, not in a tuple"),
        ("issuing_states", frozenset({"vn"})),
        ("issuing_states", frozenset()),
        ("document_types", "I"),
        ("document_types", ()),
        ("aid", b""),
        ("aid", bytes(4)),
        ("aid", bytes(17)),
        ("aid", "A0000002471001"),
        ("plan", ("DG1",)),
        ("required_checks", "access"),
        ("required_checks", ["access"]),
        ("holder_identifier", "document_number"),
    ],
)
def test_a_field_of_a_profile_that_cannot_be_is_an_error_as_it_is_made(field: str, value: object) -> None:
    with pytest.raises(PolicyError):
        replace(BUILT_IN_PROFILES["vn-cccd"], **{field: value})


def test_a_misspelt_proof_is_no_proof_that_nobody_asks_for() -> None:
    with pytest.raises(PolicyError, match="nearest is 'chip-authentication'"):
        ReadingPlan(chip_proofs=("chip-authentification",))  # type: ignore[arg-type]
    assert ReadingPlan(chip_proofs=("active-authentication",)).chip_proofs == (  # type: ignore[arg-type]
        ChipProof.ACTIVE_AUTHENTICATION,
    )


@pytest.mark.parametrize("field", ["data_groups", "chip_proofs"])
def test_a_bare_text_is_no_plan(field: str) -> None:
    with pytest.raises(PolicyError, match="tuple"):
        ReadingPlan(**{field: "DG1"})  # type: ignore[arg-type]


@pytest.mark.parametrize("access", ["PACE", ("pace",), (AccessProtocol.PACE, "PACE"), None])
def test_options_with_a_protocol_that_does_not_exist_or_is_named_twice_are_an_error(access: object) -> None:
    with pytest.raises(InvalidInput):
        ReadingOptions(access=access)  # type: ignore[arg-type]


def test_options_without_any_protocol_are_an_error() -> None:
    with pytest.raises(InvalidInput):
        ReadingOptions(access=())
