"""The station's own reader over PC/SC: a real pcscd, virtual readers, and everything that is pulled out of it."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from appliance.config.devices import ReaderConfig
from appliance.firmware_host.pcsc_reader import PcscCardInField, PcscCardReader
from appliance.firmware_host.plugged_in import configured_readers, pcsc_readers_found
from appliance.firmware_host.readers import new_reader
from verifier.sdk import CanPassword, CommandApdu, load_profile, read
from verifier.sdk.errors import (
    CardProtocolError,
    CardRemoved,
    DeadlineExceeded,
    ReaderBusy,
    ReaderError,
    ReaderGone,
    ReaderUnavailable,
)
from verifier.sdk.readers import PcscReader, pcsc_reader_names
from verifier.sdk.testing.misbehaving import Scene
from verifier.transport.pcsc_service import PcscService
from verifier.transport.vpcd_card import DEFAULT_ATR

FIRST, SECOND = "Virtual 00 00", "Virtual 00 01"
GET_CHALLENGE = CommandApdu(0x00, 0x84, 0x00, 0x00, le=8)
CARD_ACCESS = CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=256)


class Chip:
    """Does as it is told, and counts."""

    def __init__(self, *, delay_s: float = 0.0, answer: bytes = b"\x90\x00") -> None:
        self.commands, self.resets, self.delay_s, self.answer = 0, 0, delay_s, answer

    def process(self, command: bytes) -> bytes:
        self.commands += 1
        time.sleep(self.delay_s)
        return self.answer

    def reset(self) -> None:
        self.resets += 1


@pytest.fixture
def station(daemon: Any) -> Iterator[PcscCardReader]:
    reader = new_reader(ReaderConfig(FIRST, "pcsc"), name="cửa trước")
    assert isinstance(reader, PcscCardReader)
    reader.open()
    yield reader
    reader.close()


def found(reader: PcscCardReader) -> PcscCardInField:
    card = reader.wait_for_card(10)
    assert isinstance(card, PcscCardInField)
    return card


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
    chip = Chip()
    put(chip)
    card = found(station)
    assert card.transmit(CARD_ACCESS).is_ok
    assert all(card.is_present() for _ in range(20))
    assert chip.commands == 1


def test_a_card_that_was_swapped_for_another_has_left_and_the_other_is_a_new_one(
    put: Callable, station: PcscCardReader
) -> None:
    first = put(Chip(answer=b"1\x90\x00"))
    card = found(station)
    card.transmit(CARD_ACCESS)
    first.take_out()
    wait_until_gone(card)
    put(Chip(answer=b"2\x90\x00"))
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
    put(Chip(delay_s=0.2))
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
    chip = Chip(answer=b"\x90")
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


# --- what is unplugged, and plugged in again --------------------------------------------------------------------------


def test_a_reader_that_is_unplugged_is_gone_and_found_again_by_what_it_is_called_then(
    put: Callable, daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged_in = [SECOND]
    monkeypatch.setattr(PcscService, "reader_names", lambda _: tuple(plugged_in))
    reader = PcscCardReader("virtual", name="1")
    reader.open()
    put(slot=1)
    assert found(reader).transmit(CARD_ACCESS).is_ok
    plugged_in.clear()
    with pytest.raises(ReaderGone):
        found(reader)
    reader.close()
    with pytest.raises(ReaderGone, match="no PC/SC reader is plugged in"):
        reader.open()
    plugged_in.append(FIRST)
    put(slot=0)
    reader.open()
    assert reader.facts().description == FIRST
    assert found(reader).transmit(CARD_ACCESS).is_ok
    reader.close()


def test_the_service_that_is_killed_in_the_midst_of_a_tap_is_a_reader_gone_and_found_again(
    put: Callable, daemon: Any, station: PcscCardReader
) -> None:
    class KillingChip(Chip):
        def process(self, command: bytes) -> bytes:
            if self.commands == 2:
                daemon.stop(kill=True)
            return super().process(command)

    put(KillingChip())
    card = found(station)
    for _ in range(2):
        card.transmit(CARD_ACCESS)
    with pytest.raises(ReaderGone, match="service stopped"):
        card.transmit(CARD_ACCESS)
    for ask in (card.is_present, card.start_over, lambda: station.wait_for_card(0)):
        with pytest.raises(ReaderError):
            ask()
    card.release()
    station.close()
    daemon.wait_until_stopped()
    with pytest.raises(ReaderUnavailable, match="pcscd"):
        station.open()
    daemon.start()
    station.open()
    put()
    assert found(station).transmit(CARD_ACCESS).is_ok


def test_two_doors_wait_and_read_side_by_side(put: Callable, daemon: Any) -> None:
    """One thread each: waiting at the one door must not hold up the other."""
    answers: dict[str, bytes] = {}

    def serve(name: str) -> None:
        reader = PcscCardReader(name, name=name)
        reader.open()
        card = reader.wait_for_card(10)
        if card is not None:
            for _ in range(30):
                answers[name] = card.transmit(CARD_ACCESS).data
            card.release()
        reader.close()

    doors = [threading.Thread(target=serve, args=(name,)) for name in (FIRST, SECOND)]
    for door in doors:
        door.start()
    put(Chip(answer=b"2\x90\x00"), 1)
    doors[1].join(8)
    assert answers == {SECOND: b"2"}, "the second door waited for the first"
    put(Chip(answer=b"1\x90\x00"), 0)
    doors[0].join(8)
    assert answers == {FIRST: b"1", SECOND: b"2"}


# --- what is plugged in -----------------------------------------------------------------------------------------------


def test_what_is_plugged_in_is_listed_without_taking_a_card_from_anybody(put: Callable, daemon: Any) -> None:
    put(slot=1)
    with PcscReader(SECOND) as holder:
        card = holder.wait_for_card(10)
        assert card is not None
        listed = {one.name: one.about for one in pcsc_readers_found()}
        assert card.transmit(CARD_ACCESS).is_ok
    assert tuple(listed) == pcsc_reader_names() == (FIRST, SECOND)
    assert listed[FIRST].endswith("no card is in it")
    assert listed[SECOND].endswith("a card is in it")


def test_the_readers_of_a_configuration_are_looked_for(daemon: Any) -> None:
    named = [("1", ReaderConfig(kind="pcsc")), ("2", ReaderConfig("ACR1252", "pcsc"))]
    first, second = configured_readers(named)
    assert (first.is_found, first.about) == (True, f"is {FIRST}")
    assert (second.is_found, "ACR1252" in second.about) == (False, True)


def test_without_the_service_there_is_a_sentence_that_says_what_to_do(daemon: Any) -> None:
    daemon.stop()
    with pytest.raises(ReaderUnavailable, match="pcscd"):
        pcsc_readers_found()
    (listed,) = configured_readers([("1", ReaderConfig(kind="pcsc"))])
    assert not listed.is_found
    assert "pcscd" in listed.about
    with suppress(ReaderError):
        PcscCardReader().close()


# --- the command ------------------------------------------------------------------------------------------------------


def reader_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "appliance", "reader", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_reader_is_measured_and_it_is_said_that_others_share_it(put: Callable, daemon: Any) -> None:
    put()
    ran = reader_command("test", "--kind", "pcsc", "--device", "virtual 00 00")
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "Reader pcsc: PC/SC virtual 00 00"
    assert FIRST in lines[1]
    assert "contactless, ATR 3B80800101" in lines[2]
    assert lines[-2:] == ["  Extended length: works.", "  Verdict: good."]
    assert "PC/SC readers are shared by all programs" in ran.stderr


def test_a_card_that_another_program_holds_is_not_measured(put: Callable, daemon: Any) -> None:
    put()
    with PcscReader(FIRST) as other:
        held = other.wait_for_card(10)
        assert held is not None
        ran = reader_command("test", "--kind", "pcsc", "--device", FIRST)
        assert held.transmit(CARD_ACCESS).is_ok
    assert ran.returncode == 3
    assert "[reader-busy]" in ran.stderr


def test_the_readers_are_listed_with_the_others_of_the_machine(put: Callable, daemon: Any) -> None:
    ran = reader_command("list")
    assert ran.returncode == 0
    assert f"PC/SC readers:\n  {FIRST}\n      does not say what it is for; no card is in it\n" in ran.stdout
