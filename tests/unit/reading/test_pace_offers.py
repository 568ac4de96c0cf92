"""Which of a card's PACE offers a reading takes, whatever the card or somebody in between says of lengths."""

from collections.abc import Callable

import pytest

from verifier.access.password import CanPassword, MrzPassword
from verifier.access.proofs import AccessProtocol
from verifier.errors import ExtendedLengthRefused, UnsupportedFeature
from verifier.evidence.record import Evidence
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.reading.options import ReadingOptions
from verifier.sdk.testing import VirtualChip
from verifier.sdk.testing.arithmetic.dh_groups import GROUPS
from verifier.sdk.testing.card_side.ciphers import CipherSuite
from verifier.sdk.testing.card_side.pace import PaceParameters
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping

MakeChip = Callable[..., VirtualChip]
Read = Callable[..., Evidence]
NAMES = {group.parameter_id: name for name, group in GROUPS.items()}


class ComplainsOfLength:
    """A chip, or somebody before it, that answers 6700 to some commands of extended length."""

    def __init__(self, chip: VirtualChip, *instructions: int) -> None:
        self._chip = chip
        self._instructions = instructions

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if command.is_extended and command.ins in self._instructions:
            return ResponseApdu(b"", 0x6700)
        return self._chip.transmit(command)


@pytest.mark.parametrize("parameter_id", [1, 2])
def test_a_card_that_gives_files_in_short_commands_only_keeps_its_pace_with_long_keys(
    make_chip: MakeChip, read: Read, mrz: MrzPassword, parameter_id: int
) -> None:
    """ICAO 9303-11, 9.3.1: extended length is for GENERAL AUTHENTICATE; a card need not have it for READ BINARY."""
    chip = make_chip(pace_curve=NAMES[parameter_id])
    evidence = read(ComplainsOfLength(chip, 0xB0), mrz)
    assert evidence.access.pace_parameter_id == parameter_id
    assert evidence.files["EF.SOD"] == chip.data.files["EF.SOD"]


def test_a_forged_complaint_about_lengths_leads_to_no_weaker_protocol(
    make_chip: MakeChip, read: Read, mrz: MrzPassword
) -> None:
    weaker = (PaceParameters(GROUPS[NAMES[0]], CipherSuite.TRIPLE_DES),)
    chip = make_chip(pace_curve=NAMES[2], more_pace=weaker)
    with pytest.raises(ExtendedLengthRefused):
        read(ComplainsOfLength(chip, 0x86), mrz)


def test_a_reader_without_extended_length_takes_an_offer_with_short_keys(
    make_chip: MakeChip, read: Read, can: CanPassword
) -> None:
    weaker = (PaceParameters(GROUPS[NAMES[0]], CipherSuite.AES_128, mapping=PaceMapping.INTEGRATED),)
    without = ReadingOptions(extended_length=False)
    evidence = read(make_chip(pace_curve=NAMES[2], more_pace=weaker), can, without)
    assert evidence.access.pace_parameter_id == 0
    with pytest.raises(UnsupportedFeature, match=r"2048-bit MODP .* \(2\), which needs extended length"):
        read(make_chip(pace_curve=NAMES[2], bac=False), can, without)


def test_what_cannot_be_carried_is_named_where_a_can_leaves_no_other_way(
    make_chip: MakeChip, read: Read, can: CanPassword, mrz: MrzPassword
) -> None:
    chip = make_chip(pace_curve="brainpoolP320r1")
    with pytest.raises(UnsupportedFeature, match=r"brainpoolP320r1 \(14\)"):
        read(chip, can)
    assert read(chip, mrz).access.protocol is AccessProtocol.BAC
