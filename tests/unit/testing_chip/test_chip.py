"""The virtual chip refuses what a real one refuses, and never falls over."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.access.bac import establish_bac
from verifier.access.pace.establishment import establish_pace
from verifier.access.password import CanPassword, MrzPassword
from verifier.access.secure_messaging import SecureMessaging
from verifier.errors import AccessDenied
from verifier.iso7816.apdu import CommandApdu
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier
from verifier.lds.card_access import CardAccess
from verifier.sdk.testing import Behaviour, ChipOptions, PaceMapping, VirtualChip, personalise
from verifier.sdk.testing.misbehaving import Scene

SELECT_LDS1 = "00A4040C07A0000002471001"
READ_SOD = "00B09D0000"
SELECT_CARD_ACCESS = "00A4020C02011C"


def answer(chip: VirtualChip, command: str) -> str:
    return chip.process(bytes.fromhex(command)).hex().upper()


def chip_of(scene: Scene, **behaviour: object) -> VirtualChip:
    options = ChipOptions(behaviour=Behaviour(**behaviour), chip_authentication_curve=None)  # type: ignore[arg-type]
    return personalise(scene.signer, scene.holder, options=options)


def opened_with_bac(chip: VirtualChip) -> SecureMessaging:
    answer(chip, SELECT_LDS1)
    return perform(establish_bac(MrzPassword.from_mrz(chip.data.mrz), random.Random(1).randbytes), chip)


def try_can(chip: VirtualChip, digits: str) -> None:
    info = CardAccess.decode(chip.data.files["EF.CardAccess"]).security_infos.pace[0]
    perform(establish_pace(info, CanPassword(digits), random.Random(2).randbytes), chip)


@pytest.fixture
def chip(scene: Scene) -> VirtualChip:
    return chip_of(scene)


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        (["00A4000C023F00"], "9000"),
        (["00A4000C"], "9000"),
        ([SELECT_CARD_ACCESS], "9000"),
        (["00A4020C020101"], "6A82"),
        (["00A4040C06A00000024710"], "6A82"),
        (["00A4030C023F00"], "6A86"),
        (["00A4020402011C"], "6A86"),
        ([SELECT_LDS1, "00A4020C020101"], "6982"),
        ([SELECT_LDS1, READ_SOD], "6982"),
        ([SELECT_LDS1, "00B0820000"], "6A82"),
        ([SELECT_LDS1, "00B09C0000"], "6A82"),
        (["00B0000000"], "6986"),
        ([SELECT_CARD_ACCESS, "00B07FFF01"], "6B00"),
        ([SELECT_CARD_ACCESS, "00B00000"], "6700"),
        (["00B0FC0000"], "6A86"),
        (["0084000008"], "6985"),
        ([SELECT_LDS1, "0084000010"], "6700"),
        ([SELECT_LDS1, "0082000028" + 40 * "00" + "28"], "6985"),
        ([SELECT_LDS1, "0084000008", "0082000028" + 40 * "00" + "28"], "6300"),
        ([SELECT_LDS1, "0084000008", "0082000028" + 40 * "00" + "00"], "6700"),
        (["0088000008" + 8 * "00" + "00"], "6D00"),
        (["002241A40C800A04007F00070202030202"], "6982"),
        (["0022C1A40F800A04007F00070202040207830102"], "6A80"),
        (["0022C1A40F800A04007F00070202040202830107"], "6A88"),
        (["0022C1A40F800A04007F00070202040202830102", "00860000027C0000"], "6883"),
        (["0022C1A40F800A04007F00070202040202830102", "10860000027C0000"], "9000"),
        (["10860000027C0000"], "6985"),
        (["00CA000000"], "6D00"),
        (["80B0000000"], "6E00"),
        (["0CB09D000D9701008E08000000000000000000"], "6882"),
        (["00"], "6700"),
        (["00B09C00050000"], "6700"),
    ],
)
def test_a_command_is_answered_with_its_status_word(chip: VirtualChip, commands: list[str], status: str) -> None:
    assert [answer(chip, command) for command in commands][-1][-4:] == status


@pytest.mark.parametrize(
    ("command", "status", "whole"),
    [("00B00000FF", "6282", True), ("00B0000000", "9000", True), ("00B0000004", "9000", False)],
)
def test_a_read_past_the_end_says_so(chip: VirtualChip, command: str, status: str, whole: bool) -> None:
    content = chip.data.files["EF.CardAccess"].hex().upper()
    assert answer(chip, SELECT_CARD_ACCESS) == "9000"
    assert answer(chip, command) == (content if whole else content[:8]) + status


def test_select_with_control_information_names_the_file_and_its_size(chip: VirtualChip) -> None:
    size = len(chip.data.files["EF.CardAccess"])
    assert answer(chip, "00A4020002011C00") == f"6F088002{size:04X}8302011C9000"


def test_citizen_cards_refuse_the_master_file_but_not_card_access(scene: Scene) -> None:
    chip = chip_of(scene, select_master_file=False)
    assert answer(chip, "00A4000C023F00") == "6D00"
    assert answer(chip, SELECT_CARD_ACCESS) == "9000"


def test_card_access_may_be_locked(scene: Scene) -> None:
    assert answer(chip_of(scene, card_access_locked=True), "00B09C0000") == "6982"


def test_a_chip_without_extended_length_ends_the_session(scene: Scene) -> None:
    chip = chip_of(scene, extended_length=False)
    channel = opened_with_bac(chip)
    command = channel.protect(CommandApdu(0x00, 0xB0, 0x9D, 0x00, le=65_536))
    assert chip.transmit(command).status == 0x6700
    assert chip.transmit(command).status == 0x6700
    assert answer(chip, "0CB09D000D9701048E08000000000000000000") == "6882"


def test_a_plain_command_ends_the_session(chip: VirtualChip) -> None:
    channel = opened_with_bac(chip)
    assert perform(through(channel, read_by_short_identifier(0x1D)), chip) == chip.data.files["EF.SOD"]
    assert answer(chip, READ_SOD) == "6982"
    assert chip.transmit(channel.protect(CommandApdu(0x00, 0xB0, 0x9D, 0x00, le=4))).status == 0x6882


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), 0x6988),
        (lambda data: data[:-10], 0x6987),
        (lambda data: b"", 0x6987),
        (lambda data: data[:-3], 0x6988),
        (lambda data: b"\x99\x02\x90\x00" + data, 0x6988),
    ],
)
def test_a_wrong_protected_command_is_answered_in_the_clear_and_ends_the_session(
    chip: VirtualChip, change: Callable[[bytes], bytes], status: int
) -> None:
    channel = opened_with_bac(chip)
    command = channel.protect(CommandApdu(0x00, 0xB0, 0x9D, 0x00, le=4))
    wrong = replace(command, data=change(command.data))
    answered = chip.transmit(wrong)
    assert (answered.status, answered.data) == (status, b"")
    assert chip.transmit(command).status == 0x6882


def test_a_refusal_inside_the_channel_is_protected(chip: VirtualChip) -> None:
    channel = opened_with_bac(chip)
    answered = chip.transmit(channel.protect(CommandApdu(0x00, 0xB0, 0x82, 0x00, le=4)))
    assert answered.data
    assert channel.unprotect(answered).status == 0x6A82
    assert perform(through(channel, read_by_short_identifier(0x01)), chip) == chip.data.files["DG1"]


def test_more_than_a_short_answer_holds_is_refused_inside_the_channel(chip: VirtualChip) -> None:
    channel = opened_with_bac(chip)
    assert channel.unprotect(chip.transmit(channel.protect(CommandApdu(0, 0xB0, 0x9D, 0, le=256)))).status == 0x6700
    assert channel.unprotect(chip.transmit(channel.protect(CommandApdu(0, 0xB0, 0x9D, 0, le=0xE7)))).is_ok


def test_files_beyond_32_kilobytes_are_read_by_offset_object(scene: Scene) -> None:
    content = b"\x75\x82\x9c\x3c" + random.Random(3).randbytes(39_996)
    chip = personalise(scene.signer, scene.holder, options=ChipOptions(more_files=(("DG2", content),)))
    channel = opened_with_bac(chip)
    assert perform(through(channel, read_by_short_identifier(0x02, chunk=0xDF)), chip) == content
    assert perform(through(channel, read_by_short_identifier(0x02)), chip) == content


def test_a_power_cycle_loses_the_session(chip: VirtualChip) -> None:
    channel = opened_with_bac(chip)
    chip.reset()
    assert chip.command_count == 0
    assert chip.transmit(channel.protect(CommandApdu(0, 0xB0, 0x9D, 0, le=4))).status == 0x6882


def test_wrong_passwords_slow_the_chip_down_until_the_right_one_comes(chip: VirtualChip) -> None:
    delays = []
    for _ in range(3):
        with pytest.raises(AccessDenied):
            try_can(chip, "000000")
        chip.reset()
        delays.append(chip.delay_s)
    assert delays == [1.0, 2.0, 4.0]
    try_can(chip, chip.data.can or "")
    assert chip.delay_s == 0.0


def test_a_chip_with_limited_tries_counts_down_and_locks(scene: Scene) -> None:
    chip = chip_of(scene, password_tries=2)
    select_pace = "0022C1A40F800A04007F00070202040202830102"
    assert answer(chip, select_pace) == "9000"
    with pytest.raises(AccessDenied):
        try_can(chip, "000000")
    assert answer(chip, select_pace) == "63C1"
    with pytest.raises(AccessDenied):
        try_can(chip, "000000")
    assert answer(chip, select_pace) == "6983"
    assert opened_with_bac(chip).is_alive, "the MRZ is another password"


_HEADERS = st.tuples(
    st.sampled_from([0x00, 0x0C, 0x10, 0x80]),
    st.sampled_from([0xA4, 0xB0, 0xB1, 0x84, 0x82, 0x22, 0x86, 0x88, 0xCA]),
    st.sampled_from([0x00, 0x02, 0x04, 0x41, 0x80, 0x9D, 0x9C, 0xC1]),
    st.sampled_from([0x00, 0x0C, 0xA4, 0xA6, 0x1D]),
)
_DATA = st.one_of(
    st.just(b""),
    st.binary(max_size=300),
    st.sampled_from(
        [
            bytes.fromhex("7C00"),
            bytes.fromhex("A0000002471001"),
            bytes.fromhex("800A04007F00070202040202830102"),
            bytes.fromhex("800A04007F00070202040102830101"),
            bytes.fromhex("800A04007F00070202040402830102"),
            bytes.fromhex("800A04007F00070202040602830102"),
            bytes.fromhex("7C128110") + bytes(16),
            bytes.fromhex("7C038101") + b"\x02",
            bytes.fromhex("800A04007F00070202030102"),
            bytes.fromhex("540100"),
            bytes.fromhex("9701008E080000000000000000"),
        ]
    ),
)
_COMMANDS = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda header, data, le: CommandApdu(header[0], header[1], header[2], header[3], data, le).encode(),
        _HEADERS,
        _DATA,
        st.one_of(st.none(), st.integers(1, 65_536)),
    ),
)


_KINDS = {
    "curves": ChipOptions(chip_authentication_curve=None),
    "residues": ChipOptions(pace_curve="MODP-1024-160", chip_authentication_curve="MODP-1024-160"),
    "integrated mapping": ChipOptions(pace_mapping=PaceMapping.INTEGRATED, terminal_authentication=True),
    "chip authentication mapping": ChipOptions(pace_mapping=PaceMapping.CHIP_AUTHENTICATION, atr_info=True),
    "pieces": ChipOptions(behaviour=Behaviour(response_chunk=8, corrects_le=True, short_identifiers=False)),
}


@pytest.mark.parametrize("kind", _KINDS)
@given(commands=st.lists(_COMMANDS, max_size=12), opened=st.booleans())
def test_no_sequence_of_commands_makes_the_chip_fall_over(
    scene: Scene, kind: str, commands: list[bytes], opened: bool
) -> None:
    chip = personalise(scene.signer, scene.holder, options=_KINDS[kind])
    if opened and kind != "pieces":
        opened_with_bac(chip)
    for command in commands:
        assert len(chip.process(command)) >= 2
