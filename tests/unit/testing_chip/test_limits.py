"""Cards' limits and choices: what the chip answers then, and that the reader's code gets along with it."""

from dataclasses import replace

import pytest

from verifier.access.password import CanPassword, MrzPassword
from verifier.errors import CardProtocolError, InvalidInput
from verifier.reading.options import ReadingOptions
from verifier.sdk.inspection import inspect
from verifier.sdk.profiles import load_profile
from verifier.sdk.testing import (
    CURVES,
    GROUPS,
    ActiveAuthenticationKind,
    Behaviour,
    ChipOptions,
    CipherSuite,
    KeyForm,
    PaceMapping,
    PaceParameters,
    VirtualChip,
    personalise,
)
from verifier.sdk.testing.faults import EMPTY_READS, WITHOUT_CARD_ACCESS, files_removed, files_replaced, tampered
from verifier.sdk.testing.misbehaving import Scene
from verifier.sdk.testing.tampering import wrong_mac_from
from verifier.verification.report import CheckName, Outcome, Report

SELECT_LDS1 = "00A4040C07A0000002471001"
CARDS = {
    "PACE": ChipOptions(),
    "BAC": ChipOptions(pace_curve=None),
    "Diffie-Hellman": ChipOptions(pace_curve="MODP-2048-256", chip_authentication_curve="MODP-2048-256"),
    "3DES": ChipOptions(chip_authentication_curve="MODP-2048-224", chip_authentication_cipher=CipherSuite.TRIPLE_DES),
    "mapping": ChipOptions(pace_mapping=PaceMapping.CHIP_AUTHENTICATION, chip_authentication_curve=None),
}
LIMITS = {
    "no short identifiers": Behaviour(short_identifiers=False),
    "no extended length": Behaviour(extended_length=False),
    "6Cxx": Behaviour(corrects_le=True),
    "no master file": Behaviour(select_master_file=False),
    "short reads": Behaviour(max_read=100),
    "no warning": Behaviour(warn_at_end=False),
    "no chaining": Behaviour(command_chaining=False),
    "no MSE:Set KAT": Behaviour(key_agreement_template=False),
    "several": Behaviour(short_identifiers=False, extended_length=False, corrects_le=True, max_read=200),
}


def answer(chip: VirtualChip, command: str) -> str:
    return chip.process(bytes.fromhex(command)).hex().upper()


def chip_of(scene: Scene, options: ChipOptions) -> VirtualChip:
    return personalise(scene.signer, scene.holder, options=options)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_card_with_this_limit_is_read_and_believed(scene: Scene, limit: str, card: str) -> None:
    behaviour = LIMITS[limit]
    chip = chip_of(scene, replace(CARDS[card], behaviour=behaviour))
    report = inspect(
        chip,
        scene.trust_store(),
        profile=load_profile("party-card"),
        password=MrzPassword.from_mrz(chip.data.mrz),
        at=scene.at,
        card_status=scene.card_status_list(),
        options=ReadingOptions(extended_length=behaviour.extended_length),
    ).report
    assert report.outcome is Outcome.PASSED


def test_without_short_identifiers_a_file_must_be_selected(scene: Scene) -> None:
    chip = chip_of(scene, ChipOptions(behaviour=Behaviour(short_identifiers=False)))
    assert answer(chip, "00B09C0000") == "6A86"
    assert answer(chip, "00A4020C02011C") == "9000"
    assert answer(chip, "00B0000000").endswith("9000")


def test_too_much_asked_for_is_answered_with_the_right_length(scene: Scene) -> None:
    chip = chip_of(scene, ChipOptions(behaviour=Behaviour(corrects_le=True)))
    size = len(chip.data.files["EF.CardAccess"])
    assert answer(chip, "00B09C0000") == f"6C{size:02X}"
    assert answer(chip, f"00B09C00{size:02X}").endswith("9000")


def test_a_long_answer_comes_in_pieces_and_is_lost_where_nobody_fetches_it(scene: Scene) -> None:
    chip = chip_of(scene, ChipOptions(behaviour=Behaviour(response_chunk=16)))
    content = chip.data.files["EF.CardAccess"].hex().upper()
    left = len(content) // 2 - 16
    assert answer(chip, "00B09C0000") == f"{content[:32]}61{left:02X}"
    assert answer(chip, f"00C00000{left:02X}") == f"{content[32:]}9000"
    assert answer(chip, "00C0000000") == "6D00"
    answer(chip, "00B09C0000")
    answer(chip, SELECT_LDS1)
    assert answer(chip, "00C0000000") == "6D00"


def test_card_security_needs_a_password_and_card_access_none(scene: Scene) -> None:
    chip = chip_of(scene, ChipOptions(card_security=True, atr_info=True))
    assert answer(chip, "00B09C0000").endswith("9000")
    assert answer(chip, "00B0810000").endswith("9000")
    assert answer(chip, "00B09D0000") == "6982"


def test_the_pin_and_the_puk_are_passwords_of_their_own(scene: Scene) -> None:
    without, with_them = (chip_of(scene, o) for o in (ChipOptions(), ChipOptions(pin="123456", puk="9876543210")))
    for reference in ("03", "04"):
        command = f"0022C1A40F800A04007F000702020402028301{reference}"
        assert (answer(without, command), answer(with_them, command)) == ("6A88", "9000")


def test_among_several_groups_the_reader_must_name_one_that_is_offered(scene: Scene) -> None:
    other = PaceParameters(CURVES["P-256"], CipherSuite.AES_128)
    options = ChipOptions(more_pace=(other,))
    strict, lenient = (
        chip_of(scene, replace(options, behaviour=Behaviour(requires_parameter_id=requires)))
        for requires in (True, False)
    )
    unnamed, named = "0022C1A40F800A04007F00070202040202830102", "0022C1A412800A04007F0007020204020283010284010C"
    assert (answer(strict, unnamed), answer(lenient, unnamed)) == ("6A80", "9000")
    assert answer(strict, named) == "9000"
    assert answer(strict, named[:-2] + "12") == "6A88"


@pytest.mark.parametrize(
    ("group", "cipher", "mapping"),
    [
        ("MODP-1024-160", CipherSuite.AES_128, PaceMapping.CHIP_AUTHENTICATION),
        ("P-256", CipherSuite.TRIPLE_DES, PaceMapping.CHIP_AUTHENTICATION),
        ("P-224", CipherSuite.AES_128, PaceMapping.INTEGRATED),
    ],
)
def test_what_does_not_exist_cannot_be_offered(group: str, cipher: CipherSuite, mapping: PaceMapping) -> None:
    with pytest.raises(InvalidInput):
        PaceParameters(GROUPS[group], cipher, mapping=mapping)


def test_integrated_mapping_has_a_nonce_as_long_as_its_cipher_wants() -> None:
    with pytest.raises(InvalidInput):
        PaceParameters(CURVES["P-256"], CipherSuite.AES_256, 16, PaceMapping.INTEGRATED)
    assert PaceParameters(CURVES["P-256"], CipherSuite.AES_192, mapping=PaceMapping.INTEGRATED).nonce_length == 32


def test_a_chain_without_end_is_refused(scene: Scene) -> None:
    chip = chip_of(scene, ChipOptions())
    answers = [answer(chip, "102241A4F0" + 240 * "00") for _ in range(20)]
    assert answers[0] == "9000"
    assert "6700" in answers


def test_a_curve_has_no_key_in_the_form_of_pkcs_3_and_is_named_instead(scene: Scene) -> None:
    chip = chip_of(scene, ChipOptions(chip_authentication_curve="P-256", key_form=KeyForm.PKCS3))
    again = ChipOptions(chip_authentication_curve=None, more_chip_authentication=chip.data.chip_authentication)
    assert chip_of(scene, again).data.files["DG14"] == chip.data.files["DG14"]


def test_a_signature_with_a_short_message_and_an_explicit_sha_1_is_believed(scene: Scene) -> None:
    options = ChipOptions(
        chip_authentication_curve=None,
        active_authentication=ActiveAuthenticationKind.RSA,
        active_authentication_hash="SHA-1",
        active_authentication_explicit_trailer=True,
        active_authentication_message_length=8,
    )
    report = _inspected(scene, chip_of(scene, options))
    assert report.result(CheckName.CHIP_AUTHENTICITY).reason == "chip-authentic-aa"


def test_faults_are_put_together(scene: Scene) -> None:
    chip = personalise(
        scene.signer,
        scene.holder,
        faults=(files_replaced({"DG13": b"\x6d\x00"}), files_removed("EF.COM"), WITHOUT_CARD_ACCESS),
    )
    assert sorted(chip.data.files) == ["DG1", "DG13", "DG14", "EF.SOD"]
    chip = personalise(scene.signer, scene.holder, faults=(EMPTY_READS, tampered(wrong_mac_from(1))))
    with pytest.raises(CardProtocolError):
        _inspected(scene, chip)


def _inspected(scene: Scene, chip: VirtualChip) -> Report:
    return inspect(
        chip,
        scene.trust_store(),
        profile=load_profile("party-card"),
        password=CanPassword(scene.can),
        at=scene.at,
        card_status=scene.card_status_list(),
    ).report
