"""The station's own reader over PC/SC: a real pcscd, virtual readers, and cards that come, leave and are held."""

import time
from collections.abc import Callable

import pytest
from told_chip import ToldChip
from virtual_slots import CARD_ACCESS, FIRST, found

from appliance.firmware_host.pcsc_reader import PcscCardInField, PcscCardReader
from appliance.firmware_host.plugged_in import pcsc_readers_found
from verifier.sdk import CanPassword, CommandApdu, load_profile, read
from verifier.sdk.errors import CardProtocolError, CardRemoved, DeadlineExceeded, ReaderBusy
from verifier.sdk.readers import PcscReader
from verifier.sdk.testing.misbehaving import Scene
from verifier.transport.vpcd_card import DEFAULT_ATR

GET_CHALLENGE = CommandApdu(0x00, 0x84, 0x00, 0x00, le=8)


def wait_until_gone(card: PcscCardInField) -> None:
    until = time.monotonic() + 10
    while card.is_present():
        assert time.monotonic() < until
        time.sleep(0.05)


# --- taps -------------------------------------------------------------------------------------------------------------


def test_one_card_after_another_is_read(put: Callable, station: PcscCardReader, scene: Scene) -> None:
    for _ in range(2):
        lying = put()
        card = found(station)
        assert read(card, profile=load_profile("party-card"), password=CanPassword(scene.can), at=scene.at).files
        assert card.statistics.apdus >= 9
        assert card.statistics.bytes_received > card.statistics.bytes_sent > 0
        assert card.link is not None
        assert (card.link.answer_to_reset, card.link.is_contactless) == (DEFAULT_ATR, True)
        lying.take_out()
        wait_until_gone(card)
        card.release()
        card.release()
    assert station.wait_for_card(0) is None


def test_presence_is_asked_of_the_reader_and_not_of_the_card(put: Callable, station: PcscCardReader) -> None:
    chip = ToldChip()
    put(chip)
    card = found(station)
    assert card.transmit(CARD_ACCESS).is_ok
    assert all(card.is_present() for _ in range(20))
    assert chip.commands == 1


def test_a_card_that_was_swapped_for_another_has_left_and_the_other_is_a_new_one(
    put: Callable, station: PcscCardReader
) -> None:
    first = put(ToldChip(answer=b"1\x90\x00"))
    card = found(station)
    card.transmit(CARD_ACCESS)
    first.take_out()
    wait_until_gone(card)
    put(ToldChip(answer=b"2\x90\x00"))
    second = found(station)
    assert not card.is_present()
    assert second.transmit(CARD_ACCESS).data == b"2"


def test_a_card_that_flaps_in_and_out_leaves_the_service_with_what_is_there(
    put: Callable, station: PcscCardReader
) -> None:
    """pcscd never notices that a card left which was switched on by the connection to the one before it."""
    first = put()
    card = found(station)
    first.take_out()
    wait_until_gone(card)
    second = put()
    card.start_over()  # before the service has noticed the second one
    second.take_out()
    wait_until_gone(card)
    third = put()
    card.release()
    third.take_out()
    until = time.monotonic() + 10
    while "a card is in it" in (about := pcsc_readers_found()[0].about) and "no card" not in about:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_card_stays_present_when_its_time_is_over(put: Callable, station: PcscCardReader) -> None:
    """Or a card that lies there would be read again and again."""
    put(ToldChip(delay_s=0.2))
    card = found(station)
    card.set_deadline(0.1)
    for _ in range(2):
        with pytest.raises(DeadlineExceeded):
            card.transmit(CARD_ACCESS)
    assert card.is_present()
    card.set_deadline(5)
    assert card.start_over()
    assert card.transmit(CARD_ACCESS).is_ok


def test_a_broken_session_begins_anew_on_a_card_that_was_reset(put: Callable, station: PcscCardReader) -> None:
    chip = ToldChip(answer=b"\x90")
    put(chip)
    card = found(station)
    for _ in range(2):
        with pytest.raises(CardProtocolError):
            card.transmit(CARD_ACCESS)
    chip.answer, resets = b"\x90\x00", chip.resets
    assert card.is_present()
    assert card.start_over()
    assert chip.resets > resets
    assert card.transmit(CARD_ACCESS).is_ok


def test_a_card_that_leaves_between_two_commands_was_removed(put: Callable, station: PcscCardReader) -> None:
    lying = put()
    card = found(station)
    card.transmit(CARD_ACCESS)
    lying.take_out()
    with pytest.raises(CardRemoved):
        card.transmit(GET_CHALLENGE)
    assert not card.is_present()
    assert not card.start_over()


def test_a_card_that_was_released_is_over(put: Callable, station: PcscCardReader) -> None:
    put()
    card = found(station)
    card.release()
    assert not card.is_present()
    assert not card.start_over()
    with pytest.raises(CardRemoved):
        card.transmit(CARD_ACCESS)


def test_a_card_that_was_not_released_does_not_keep_the_next_opening_out(
    put: Callable, station: PcscCardReader
) -> None:
    put()
    found(station).transmit(CARD_ACCESS)
    station.open()
    assert found(station).transmit(CARD_ACCESS).is_ok


# --- cards that cannot be connected to at once ------------------------------------------------------------------------


def test_a_card_that_another_program_holds_says_so_with_the_first_command_and_is_read_when_it_is_free(
    put: Callable, station: PcscCardReader
) -> None:
    put()
    with PcscReader(FIRST) as other:
        held = other.wait_for_card(10)
        card = station.wait_for_card(0.1)
        assert card is not None
        assert card.is_present()
        card.set_deadline(0.5)
        with pytest.raises(ReaderBusy, match="another program"):
            card.transmit(CARD_ACCESS)
        with pytest.raises(ReaderBusy):
            card.start_over()
        assert held is not None
        held.release()
    card.set_deadline(5)
    assert card.start_over()
    assert card.transmit(CARD_ACCESS).is_ok


def test_a_card_that_left_before_it_could_be_connected_to_was_removed(put: Callable, station: PcscCardReader) -> None:
    lying = put()
    with PcscReader(FIRST) as other:
        assert other.wait_for_card(10) is not None
        card = station.wait_for_card(0.1)
        assert card is not None
        lying.take_out()
    card.set_deadline(0.3)
    with pytest.raises(CardRemoved):
        card.transmit(CARD_ACCESS)
    assert not card.is_present()
    assert not card.start_over()
