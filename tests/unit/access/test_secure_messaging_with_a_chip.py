"""Secure messaging as it is met in a session: errors inside the channel, long files, and a chip that leaves it."""

import secrets
from dataclasses import replace

import pytest

from verifier.access.pace.establishment import choose_pace, establish_pace
from verifier.access.password import CanPassword
from verifier.errors import CardRefused, SecureMessagingError
from verifier.iso7816.apdu import EXTENDED_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application
from verifier.lds.card_access import CardAccess
from verifier.sdk.testing import VirtualChip
from verifier.sdk.testing.card_side import ciphers
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping

LDS1 = bytes.fromhex("A0000002471001")
DG1, DG3, DG14 = 0x01, 0x03, 0x0E


class Watched:
    """Passes on, keeps the answers as they travelled, and can change the next."""

    def __init__(self, chip: VirtualChip) -> None:
        self._chip = chip
        self.answers: list[ResponseApdu] = []
        self.change = lambda response: response

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.answers.append(self.change(self._chip.transmit(command)))
        return self.answers[-1]


@pytest.fixture(params=list(ciphers.CipherSuite), ids=lambda suite: suite.name)
def opened(request, chip):
    made = chip(pace_cipher=request.param, pace_mapping=PaceMapping.INTEGRATED, terminal_authentication=True)
    card = Watched(made)
    offer = choose_pace(CardAccess.decode(made.data.files["EF.CardAccess"]).security_infos)
    channel = perform(establish_pace(offer, CanPassword("123456"), secrets.token_bytes), card).channel
    perform(through(channel, select_application(LDS1)), card)
    return made, card, channel


def test_an_error_inside_the_channel_is_authentic_and_the_channel_lives(opened):
    """6982 for a group behind Terminal Authentication comes as DO'99' and DO'8E', without data."""
    made, card, channel = opened
    with pytest.raises(CardRefused, match="6982"):
        perform(through(channel, read_by_short_identifier(DG3)), card)
    assert card.answers[-1].data[:4].hex() == "99026982"
    assert card.answers[-1].data[4:6].hex() == "8e08"
    assert len(card.answers[-1].data) == 14
    assert channel.is_alive
    assert perform(through(channel, read_by_short_identifier(DG1)), card) == made.data.files["DG1"]


def test_an_error_inside_the_channel_cannot_be_made_a_success_on_the_way(opened):
    _, card, channel = opened
    card.change = lambda response: replace(response, status=0x9000)
    with pytest.raises(CardRefused, match="6982"):
        perform(through(channel, read_by_short_identifier(DG3)), card)


@pytest.mark.parametrize("chunk", [16, 100, 223, EXTENDED_MAX_LE])
def test_a_file_comes_out_whole_in_pieces_of_any_length(opened, chunk):
    made, card, channel = opened
    read = read_by_short_identifier(DG14, chunk=chunk)
    assert perform(through(channel, read), card) == made.data.files["DG14"]


def test_a_command_without_data_in_the_answer_leaves_status_and_mac(opened):
    _, card, channel = opened
    perform(through(channel, select_application(LDS1)), card)
    assert card.answers[-1].data[:4].hex() == "99029000"
    assert len(card.answers[-1].data) == 14


@pytest.mark.parametrize("status", [0x6987, 0x6988, 0x6982, 0x9000])
def test_an_answer_in_the_clear_ends_the_channel_and_says_so(opened, status):
    """ICAO 9303-11, 9.8.5: a chip that found an error in secure messaging answers in the clear and forgets the keys."""
    _, card, channel = opened
    card.change = lambda response: ResponseApdu(b"", status)
    with pytest.raises(SecureMessagingError, match=f"left the secure channel with {status:04X}"):
        perform(through(channel, read_by_short_identifier(DG1)), card)
    with pytest.raises(SecureMessagingError, match="the secure channel is closed: the chip left"):
        perform(through(channel, read_by_short_identifier(DG1)), card)


def test_a_wrong_mac_ends_the_channel_and_says_so(opened):
    _, card, channel = opened
    card.change = lambda response: replace(response, data=response.data[:-1] + bytes([response.data[-1] ^ 1]))
    with pytest.raises(SecureMessagingError, match="not authentic"):
        perform(through(channel, read_by_short_identifier(DG1)), card)
    card.change = lambda response: response
    with pytest.raises(SecureMessagingError, match="is closed: a response inside the secure channel is not authentic"):
        perform(through(channel, read_by_short_identifier(DG1)), card)


def test_an_answer_of_an_earlier_command_ends_the_channel(opened):
    _, card, channel = opened
    perform(through(channel, read_by_short_identifier(DG1)), card)
    earlier = card.answers[-1]
    card.change = lambda response: earlier
    with pytest.raises(SecureMessagingError, match="not authentic"):
        perform(through(channel, read_by_short_identifier(DG1)), card)
