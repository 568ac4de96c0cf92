"""Copies of whole cards that try not to be asked for the key that they lack, where the policy does not require it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from verifier.sdk import MrzPassword, Outcome, ReadingOptions, inspect, load_profile
from verifier.sdk.profiles import CardTypeMemory, ReadingPurpose
from verifier.sdk.testing import (
    ActiveAuthenticationKind,
    ChipData,
    ChipOptions,
    KeyForm,
    PaceMapping,
    VirtualChip,
)
from verifier.sdk.testing.card_side.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.cards.scene import Scene
from verifier.sdk.testing.writing.security_infos import chip_authentication_infos, pace_infos, write_security_infos
from verifier.sdk.testing.writing.security_object import write_card_security

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
RSA_ONLY = ChipOptions(
    pace_curve=None, chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.RSA
)
Judge = Callable[..., tuple[Outcome, str]]


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(at=AT)


@pytest.fixture
def judge(scene: Scene) -> Judge:
    holder = scene.holder
    password = MrzPassword(holder.document_number, holder.date_of_birth, holder.date_of_expiry)

    def judge(chip: VirtualChip, options: ReadingOptions | None = None) -> tuple[Outcome, str]:
        profile, trust = load_profile("icao-mrtd"), scene.trust_store()
        report = inspect(
            chip, trust, profile=profile, password=password, at=AT, options=options or ReadingOptions()
        ).report
        return report.outcome, report.reason

    return judge


def without_keys(data: ChipData) -> ChipData:
    return replace(data, chip_authentication=(), active_authentication=None)


def short_only(data: ChipData) -> ChipData:
    return replace(data, behaviour=replace(data.behaviour, extended_length=False))


def test_by_refusing_the_length_that_the_proof_needs(scene: Scene, judge: Judge) -> None:
    copy = VirtualChip(short_only(without_keys(scene.chip_data(options=RSA_ONLY))))
    assert judge(copy) == (Outcome.FAILED, "chip-authentication-refused")


def test_a_copy_that_refuses_lengths_teaches_nothing_that_hurts_the_next_card(scene: Scene, judge: Judge) -> None:
    options = ReadingOptions(memory=CardTypeMemory())
    genuine = scene.chip_data(options=RSA_ONLY)
    judge(VirtualChip(short_only(without_keys(genuine))), options)
    assert judge(VirtualChip(genuine), options) == (Outcome.PASSED, "verified")


def test_a_card_that_refuses_lengths_does_not_condemn_the_next_one_that_needs_them(scene: Scene, judge: Judge) -> None:
    """A long Diffie-Hellman key travels in one long command or in a chain, which this card does not carry."""
    options = ReadingOptions(memory=CardTypeMemory())
    data = scene.chip_data(options=ChipOptions(pace_curve=None, chip_authentication_curve="MODP-2048-256"))
    genuine = replace(data, behaviour=replace(data.behaviour, command_chaining=False))
    hostile = VirtualChip(short_only(genuine))
    assert judge(hostile, options) == (Outcome.FAILED, "chip-authentication-refused")
    assert judge(VirtualChip(genuine), options) == (Outcome.PASSED, "verified")


def test_by_ending_the_session_over_the_face(scene: Scene, judge: Judge) -> None:
    def leave(_: int, command: bytes, response: bytes) -> bytes:
        return b"\x6a\x82" if command[:4] == b"\x0c\xb0\x82\x00" else response

    data = without_keys(scene.chip_data(options=ChipOptions(data_groups=frozenset({2}))))
    options = ReadingOptions(purpose=ReadingPurpose.IDENTITY_CHECK)
    assert judge(VirtualChip(data, tamper=leave), options) == (Outcome.FAILED, "chip-authentication-refused")


@pytest.mark.parametrize("holds_key", [False, True])
def test_by_a_card_security_of_its_own_that_names_the_originals_key(
    scene: Scene, judge: Judge, *, holds_key: bool
) -> None:
    """The mapping proves the copy's own key; that of DG14 stands beside it, signed by nobody who is trusted."""
    original = scene.chip_data(options=ChipOptions(pace_curve=None))
    own = scene.chip_data(
        options=ChipOptions(pace_mapping=PaceMapping.CHIP_AUTHENTICATION, chip_authentication_curve=None)
    )
    offer = own.pace[0]
    keys = ChipAuthenticationKey(offer.curve, offer.static_scalar or 1, offer.suite, 77), *original.chip_authentication
    named = chip_authentication_infos(keys, KeyForm.STANDARDISED, announced=False)
    stranger = scene.unknown_signer
    forged = write_card_security(
        write_security_infos([*pace_infos(own.pace), *named]), stranger.key, stranger.certificate
    )
    files = {**original.files, "EF.CardSecurity": forged, "EF.CardAccess": own.files["EF.CardAccess"]}
    chip = replace(original if holds_key else without_keys(original), files=files, pace=own.pace)
    expected = (Outcome.PASSED, "verified") if holds_key else (Outcome.FAILED, "chip-authentication-refused")
    assert judge(VirtualChip(chip)) == expected
