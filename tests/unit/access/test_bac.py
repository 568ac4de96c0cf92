import pytest

from verifier.access.bac import establish_bac
from verifier.access.cipher_suite import CipherSuite
from verifier.access.password import MrzPassword
from verifier.errors import AccessDenied, CardProtocolError, CardRefused
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application

LDS1 = bytes.fromhex("A0000002471001")
WRONG = MrzPassword("X00000000", "690806", "940623")
CHALLENGE = bytes.fromhex("4608F91988702212 9000")


@pytest.fixture
def bac_chip(chip):
    """A chip whose application is selected, as before BAC."""
    made = chip(pace_curve=None)
    perform(select_application(LDS1), made)
    return made


def password_of(chip) -> MrzPassword:
    return MrzPassword.from_mrz(chip.data.mrz)


def test_two_commands_open_a_chip_by_bac(bac_chip, counting_card, seeded):
    card = counting_card(bac_chip)
    channel = perform(establish_bac(password_of(bac_chip), seeded(1)), card)
    assert [command.ins for command in card.commands] == [0x84, 0x82]
    assert card.commands[1].le == 0x28
    assert channel.suite is CipherSuite.TRIPLE_DES
    assert perform(through(channel, read_by_short_identifier(0x01)), card) == bac_chip.data.files["DG1"]


def test_another_persons_mrz_is_denied_and_tried_once_only(bac_chip, counting_card, seeded):
    card = counting_card(bac_chip)
    with pytest.raises(AccessDenied, match="6300"):
        perform(establish_bac(WRONG, seeded(1)), card)
    assert len(card.commands) == 2


@pytest.mark.parametrize("status", ["6300", "63C2", "6982", "6983", "6988", "6A80"])
def test_what_chips_in_the_wild_say_to_a_wrong_mrz_is_a_denial(answering_card, seeded, status):
    with pytest.raises(AccessDenied, match=status):
        perform(establish_bac(WRONG, seeded(1)), answering_card(CHALLENGE, bytes.fromhex(status)))


@pytest.mark.parametrize("status", ["6700", "6D00", "6E00", "6F00", "6985"])
def test_a_technical_refusal_is_no_denial(answering_card, seeded, status):
    with pytest.raises(CardRefused, match=status):
        perform(establish_bac(WRONG, seeded(1)), answering_card(CHALLENGE, bytes.fromhex(status)))


def test_a_chip_without_bac_is_a_refusal(answering_card, seeded):
    with pytest.raises(CardRefused, match="6D00"):
        perform(establish_bac(WRONG, seeded(1)), answering_card(bytes.fromhex("6D00")))


@pytest.mark.parametrize("length", [0, 7, 9, 16])
def test_a_challenge_of_the_wrong_length_breaks_the_protocol(answering_card, seeded, length):
    with pytest.raises(CardProtocolError, match="challenge"):
        perform(establish_bac(WRONG, seeded(1)), answering_card(bytes(length) + b"\x90\x00"))


@pytest.mark.parametrize("length", [0, 32, 39, 41])
def test_an_answer_of_the_wrong_length_breaks_the_protocol(answering_card, seeded, length):
    with pytest.raises(CardProtocolError, match="EXTERNAL AUTHENTICATE"):
        perform(establish_bac(WRONG, seeded(1)), answering_card(CHALLENGE, bytes(length) + b"\x90\x00"))


def test_an_answer_under_other_keys_is_a_denial(answering_card, seeded):
    with pytest.raises(AccessDenied, match="other keys"):
        perform(establish_bac(WRONG, seeded(1)), answering_card(CHALLENGE, bytes(40) + b"\x90\x00"))


def test_an_answer_from_another_session_breaks_the_protocol(bac_chip, answering_card, seeded):
    """The MAC is right, the nonces are not: a replay."""
    recorded = []

    class Recorder:
        def transmit(self, command):
            response = bac_chip.transmit(command)
            recorded.append(response.encode())
            return response

    password = password_of(bac_chip)
    perform(establish_bac(password, seeded(1)), Recorder())
    with pytest.raises(CardProtocolError, match="nonces"):
        perform(establish_bac(password, seeded(2)), answering_card(*recorded))
