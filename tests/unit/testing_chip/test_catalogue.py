"""Every card of the catalogue, read and verified by the real code, is treated as its expectation says."""

from dataclasses import replace

import pytest

from verifier.access.password import CanPassword, MrzPassword, Password
from verifier.access.proofs import AccessProtocol
from verifier.reading.options import ReadingOptions
from verifier.sdk.inspection import Inspection, inspect
from verifier.sdk.profiles import load_profile
from verifier.sdk.testing import ActiveAuthenticationKind, Behaviour, ChipOptions, VirtualChip
from verifier.sdk.testing.misbehaving import CATALOGUE, CLONED_CARDS, FORGED_CARDS, MAPPING_CARDS, Scene
from verifier.verification.report import Outcome


def inspected(chip: VirtualChip, scene: Scene, password: Password | None = None) -> Inspection:
    return inspect(
        chip,
        scene.trust_store(),
        profile=load_profile("party-card"),
        password=password or CanPassword(scene.can),
        at=scene.at,
        card_status=scene.card_status_list(),
    )


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_card_of_the_catalogue_is_treated_as_it_must_be(scene: Scene, name: str) -> None:
    card = CATALOGUE[name]
    chip = card.make(scene)
    password = card.password(scene, chip)
    if card.expectation.error:
        with pytest.raises(card.expectation.error):
            inspected(chip, scene, password)
        return
    report = inspected(chip, scene, password).report
    said = card.expectation.check_outcome
    if card.expectation.check:
        assert (report.result(card.expectation.check).outcome, report.result(card.expectation.check).reason) == (
            card.expectation.outcome if said is None else said,
            card.expectation.reason,
        )
    assert report.outcome is card.expectation.outcome
    assert report.reason == ("verified" if report.outcome is Outcome.PASSED else card.expectation.reason)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_card_draws_its_situation(name: str) -> None:
    assert len(CATALOGUE[name].situation) > 30


@pytest.mark.parametrize("name", sorted(FORGED_CARDS.keys() - {"card-access-weakened"}))
def test_bac_leads_to_the_same_verdict_as_pace(scene: Scene, name: str) -> None:
    card = FORGED_CARDS[name]
    chip = card.make(scene)
    report = inspect(
        chip,
        scene.trust_store(),
        profile=load_profile("party-card"),
        password=MrzPassword.from_mrz(chip.data.mrz_information.decode()),
        at=scene.at,
        card_status=scene.card_status_list(),
        options=ReadingOptions(access=(AccessProtocol.BAC,)),
    ).report
    assert report.outcome is card.expectation.outcome


@pytest.mark.parametrize("name", CLONED_CARDS)
@pytest.mark.parametrize("profile", ["icao-mrtd", "vn-cccd"])
def test_no_copy_passes_because_a_profile_does_not_ask_for_a_key(scene: Scene, name: str, profile: str) -> None:
    """icao-mrtd takes documents without a key; a copy that hides the key that was signed is none of them."""
    report = inspect(
        CLONED_CARDS[name].make(scene),
        scene.trust_store(),
        profile=load_profile(profile),
        password=CanPassword(scene.can),
        at=scene.at,
    ).report
    assert (report.outcome, report.reason) == (Outcome.FAILED, CLONED_CARDS[name].expectation.reason)


@pytest.mark.parametrize("name", sorted(MAPPING_CARDS.keys() - {"genuine-pace-cam", "cam-without-proof"}))
@pytest.mark.parametrize("hides", [False, True])
def test_no_copy_of_a_card_with_mapping_passes_as_one_without_a_key(scene: Scene, name: str, *, hides: bool) -> None:
    """Nor where EF.CardAccess is gone and BAC opens it: DG14 tells what the chip should have proved."""
    chip = MAPPING_CARDS[name].make(scene)
    if hides:
        files = {file: content for file, content in chip.data.files.items() if file != "EF.CardAccess"}
        chip = VirtualChip(replace(chip.data, files=files))
    mrz = MrzPassword.from_mrz(chip.data.mrz_information.decode())
    password = mrz if hides else CanPassword(scene.can)
    trust, profile = scene.trust_store(), load_profile("icao-mrtd")
    report = inspect(chip, trust, profile=profile, password=password, at=scene.at).report
    assert report.outcome in {Outcome.FAILED, Outcome.INDETERMINATE}


@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("max_read", [65_536, 100])
def test_a_chip_without_extended_length_is_read_and_believed(scene: Scene, active: bool, max_read: int) -> None:
    options = ChipOptions(
        chip_authentication_curve=None if active else "P-256",
        active_authentication=ActiveAuthenticationKind.RSA if active else None,
        active_authentication_rsa_bits=1024,
        behaviour=Behaviour(extended_length=False, max_read=max_read),
    )
    chip = VirtualChip(scene.chip_data(options=options))
    assert inspected(chip, scene).report.outcome is Outcome.PASSED
