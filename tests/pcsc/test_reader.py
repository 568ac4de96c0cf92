"""PC/SC readers and the cards in them: a real pcscd, the vsmartcard driver, the virtual chip."""

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest

from verifier.errors import (
    CardProtocolError,
    CardRemoved,
    DeadlineExceeded,
    ReaderBusy,
    ReaderFault,
    ReaderGone,
    ReaderUnavailable,
)
from verifier.sdk import CanPassword, CommandApdu, Inspection, Outcome, RecordingConnection, inspect, load_profile
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene
from verifier.transport.pcsc import PcscReader, pcsc_readers
from verifier.transport.pcsc_card import PcscCard
from verifier.transport.pcsc_service import PcscService

FIRST, SECOND = "Virtual 00 00", "Virtual 00 01"
GET_CHALLENGE = CommandApdu(0x00, 0x84, 0x00, 0x00, le=8)
CARD_ACCESS = CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=256)
LONG_READ = CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=65_536)
T0_ONLY = bytes.fromhex("3B00")


def inspection(card: Any, scene: Scene) -> Inspection:
    return inspect(
        card,
        scene.trust_store(),
        profile=load_profile("party-card"),
        password=CanPassword(scene.can),
        at=scene.at,
        card_status=scene.card_status_list(),
    )


@contextmanager
def after(seconds: float, do: Callable[[], object]):
    timer = threading.Timer(seconds, do)
    timer.start()
    yield
    timer.join()


# --- finding a card ---------------------------------------------------------------------------------------------------


def test_a_card_is_inspected_with_as_few_commands_as_by_any_reader(
    put: Callable, reader: PcscReader, scene: Scene
) -> None:
    put("genuine")
    with reader.wait_for_card(10) as card:
        recording = RecordingConnection(card)
        assert inspection(recording, scene).report.outcome is Outcome.PASSED
        assert (card.protocol, card.reader_name, recording.apdus) == ("T=1", FIRST, 13)


def test_a_forged_card_is_refused_over_pcsc_too(put: Callable, reader: PcscReader, scene: Scene) -> None:
    put("clone-without-the-key")
    with reader.wait_for_card(10) as card:
        assert inspection(card, scene).report.outcome is Outcome.FAILED


def test_readers_are_listed_with_what_is_in_them(put: Callable, daemon: Any) -> None:
    assert [(reader.name, reader.has_card) for reader in pcsc_readers()] == [(FIRST, False), (SECOND, False)]
    put(slot=1)
    with PcscReader(SECOND) as reader, reader.wait_for_card(10):
        listed = [(reader.has_card, reader.is_taken) for reader in pcsc_readers()]
    assert listed == [(False, False), (True, True)]


def test_no_card_within_the_time_is_no_error(reader: PcscReader) -> None:
    began = time.monotonic()
    assert reader.wait_for_card(0) is None
    assert reader.wait_for_card(0.3) is None
    assert time.monotonic() - began >= 0.3


def test_a_card_that_comes_later_is_waited_for_in_whichever_reader(put: Callable, reader: PcscReader) -> None:
    with after(0.7, lambda: put(slot=1)), reader.wait_for_card(20) as card:
        assert card.reader_name == SECOND


@pytest.mark.parametrize("wanted", [SECOND, "virtual 00 01", "00 01"])
def test_a_reader_is_chosen_by_its_name_or_a_part_of_it(put: Callable, wanted: str) -> None:
    put(slot=0)
    with PcscReader(wanted) as reader:
        assert reader.is_present()
        assert reader.wait_for_card(1) is None
        put(slot=1)
        with reader.wait_for_card(10) as card:
            assert card.reader_name == SECOND


def test_two_readers_serve_two_cards_at_once(put: Callable, scene: Scene) -> None:
    put("genuine", 0)
    put("expired", 1)
    with (
        PcscReader(FIRST) as one,
        PcscReader(SECOND) as two,
        one.wait_for_card(10) as left,
        two.wait_for_card(10) as right,
    ):
        left.transmit(GET_CHALLENGE)
        right.transmit(GET_CHALLENGE)
        assert inspection(left, scene).report.outcome is Outcome.PASSED
        assert inspection(right, scene).report.outcome is Outcome.FAILED


def test_a_reader_that_is_not_there_is_missed_when_the_time_is_over(daemon: Any) -> None:
    with PcscReader("No Such Reader") as reader:
        assert not reader.is_present()
        with pytest.raises(ReaderGone, match="No Such Reader"):
            reader.wait_for_card(0.1)


def test_a_reader_that_is_plugged_in_while_one_waits_is_found(put: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in_at = time.monotonic() + 1
    listed = PcscService.reader_names
    monkeypatch.setattr(
        PcscService, "reader_names", lambda self: listed(self) if time.monotonic() > plugged_in_at else ()
    )
    put(slot=1)
    with PcscReader(SECOND) as reader:
        assert not reader.is_present()
        with reader.wait_for_card(20) as card:
            assert card.reader_name == SECOND


def test_a_reader_that_is_unplugged_while_one_waits_is_gone(daemon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    unplugged_at = time.monotonic() + 0.7
    listed = PcscService.reader_names
    monkeypatch.setattr(
        PcscService, "reader_names", lambda self: listed(self)[: 1 if time.monotonic() > unplugged_at else 2]
    )
    with PcscReader(SECOND) as reader, pytest.raises(ReaderGone, match="unplugged"):
        reader.wait_for_card(20)


def test_a_reader_that_is_not_open_says_so() -> None:
    with pytest.raises(ReaderFault, match="not open"):
        PcscReader().wait_for_card(1)


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_card_that_leaves_in_the_midst_of_reading_was_removed(
    put: Callable, reader: PcscReader, scene: Scene
) -> None:
    put("removed")
    with reader.wait_for_card(10) as card:
        with pytest.raises(CardRemoved):
            inspection(card, scene)
        assert not card.is_present()
        with pytest.raises(CardRemoved):
            card.transmit(GET_CHALLENGE)
    put("genuine")
    with reader.wait_for_card(10) as card:
        assert inspection(card, scene).report.outcome is Outcome.PASSED


def test_a_card_that_leaves_between_two_commands_was_removed(put: Callable, reader: PcscReader) -> None:
    lying = put()
    with reader.wait_for_card(10) as card:
        assert card.is_present()
        lying.take_out()
        with pytest.raises(CardRemoved):
            card.transmit(GET_CHALLENGE)


def test_the_service_killed_in_the_midst_of_reading_is_a_reader_gone_and_found_again(
    put: Callable, reader: PcscReader, daemon: Any, scene: Scene
) -> None:
    class KillingCard:
        commands = 0

        def __init__(self, chip: Any) -> None:
            self.chip, self.reset = chip, chip.reset

        def process(self, command: bytes) -> bytes:
            self.commands += 1
            if self.commands == 8:
                daemon.stop(kill=True)
            return self.chip.process(command)

    put(KillingCard(CATALOGUE["genuine"].make(scene)))
    with reader.wait_for_card(10) as card:
        with pytest.raises(ReaderGone, match="service stopped"):
            inspection(card, scene)
        with pytest.raises(ReaderGone):
            card.is_present()
    with pytest.raises(ReaderGone):
        reader.wait_for_card(1)
    with pytest.raises(ReaderUnavailable):
        reader.wait_for_card(1)
    daemon.start()
    put("genuine")
    with reader.wait_for_card(10) as card:
        assert inspection(card, scene).report.outcome is Outcome.PASSED


def test_without_the_service_a_sentence_says_how_to_start_it(daemon: Any) -> None:
    daemon.stop()
    with pytest.raises(ReaderUnavailable, match="pcscd"):
        PcscReader().open()
    with pytest.raises(ReaderUnavailable, match="pcscd"):
        pcsc_readers()


def test_a_card_that_another_program_uses_is_busy_and_free_afterwards(put: Callable, reader: PcscReader) -> None:
    put()
    with PcscReader(FIRST) as other:
        with other.wait_for_card(10), PcscReader(FIRST) as ours, pytest.raises(ReaderBusy, match="another program"):
            ours.wait_for_card(0.5)
        with other.wait_for_card(10), after(0.5, other.close), reader.wait_for_card(10) as card:
            assert card.transmit(CARD_ACCESS).is_ok


def test_a_card_that_another_program_reset_is_no_longer_talked_to(
    put: Callable, reader: PcscReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smartcard import scard

    monkeypatch.setattr(scard, "SCARD_SHARE_EXCLUSIVE", scard.SCARD_SHARE_SHARED)  # else nobody could
    put()
    with reader.wait_for_card(10) as card:
        assert card.transmit(CARD_ACCESS).is_ok
        service = PcscService()
        PcscCard(service, FIRST).start_over()
        for _ in range(2):
            with pytest.raises(ReaderBusy, match="reset the card"):
                card.transmit(GET_CHALLENGE)
        assert not card.is_present()
        service.close()


def test_a_session_has_a_deadline_and_a_late_answer_is_not_taken(put: Callable, reader: PcscReader) -> None:
    class SlowCard:
        def process(self, command: bytes) -> bytes:
            time.sleep(0.3)
            return b"\x90\x00"

        def reset(self) -> None: ...

    put(SlowCard())
    with reader.wait_for_card(10) as card:
        card.set_deadline(5)
        assert card.transmit(CARD_ACCESS).is_ok
        card.set_deadline(0.1)
        with pytest.raises(DeadlineExceeded):
            card.transmit(GET_CHALLENGE)
        with pytest.raises(DeadlineExceeded):
            card.transmit(GET_CHALLENGE)


def test_an_answer_without_status_word_breaks_the_protocol(put: Callable, reader: PcscReader) -> None:
    class CurtCard:
        def process(self, command: bytes) -> bytes:
            return b"\x90"

        def reset(self) -> None: ...

    put(CurtCard())
    with reader.wait_for_card(10) as card, pytest.raises(CardProtocolError):
        card.transmit(GET_CHALLENGE)


def test_a_session_begins_anew_on_a_card_that_was_switched_off_and_on(
    put: Callable, reader: PcscReader, scene: Scene
) -> None:
    put()
    with reader.wait_for_card(10) as card:
        assert inspection(card, scene).report.outcome is Outcome.PASSED
        assert card.start_over()
        assert inspection(card, scene).report.outcome is Outcome.PASSED
        card.release()
        with pytest.raises(CardRemoved):
            card.transmit(GET_CHALLENGE)


# --- T=0, and readers that carry short commands only ------------------------------------------------------------------


class T0Card:
    """A chip behind T=0: an answer is fetched by GET RESPONSE, and Le has to be right (ISO/IEC 7816-3, 12.2)."""

    def __init__(self, chip: Any) -> None:
        self.chip, self.reset, self.pending, self.headers = chip, chip.reset, b"", []
        self.corrects_the_reader = True

    def process(self, command: bytes) -> bytes:
        self.headers.append(command[:2].hex())
        if command[1] == 0xC0:
            return self._give(command[4] or 256)
        assert len(command) in {5, 5 + command[4]}, "T=0 knows no Le beside data"
        is_incoming = len(command) > 5
        has_answer = command[0] == 0x0C or command[1] not in {0x22, 0xA4}  # plain MANAGE and SELECT have none
        apdu = (command if is_incoming else command[:4]) + (b"\x00" if has_answer else b"")
        answer = self.chip.process(apdu)
        if is_incoming and len(answer) > 2:
            self.pending = answer
            return bytes([0x61, min(len(answer) - 2, 255)])
        if not is_incoming and 2 < len(answer) <= 257 and command[4] != len(answer) - 2:
            return bytes([0x6C, len(answer) - 2])
        return answer

    def _give(self, count: int) -> bytes:
        if self.corrects_the_reader:
            self.corrects_the_reader = False
            return bytes([0x6C, min(len(self.pending) - 2, 255)])
        part, self.pending = self.pending[:-2][:count], self.pending[:-2][count:] + self.pending[-2:]
        more = len(self.pending) - 2
        return part + (bytes([0x61, min(more, 255)]) if more else self.pending)


def test_a_card_of_t0_gives_its_answers_when_they_are_asked_for(
    put: Callable, reader: PcscReader, scene: Scene
) -> None:
    slow = put(T0Card(CATALOGUE["genuine"].make(scene)), atr=T0_ONLY)
    with reader.wait_for_card(10) as card:
        assert (card.protocol, card.carries_extended_length) == ("T=0", False)
        assert card.transmit(CARD_ACCESS).is_ok
        assert card.transmit(LONG_READ).status == 0x6700
        assert inspection(card, scene).report.outcome is Outcome.PASSED
    assert "00c0" in slow.chip.headers


def test_an_answer_that_never_ends_is_ended(put: Callable, reader: PcscReader) -> None:
    class EndlessCard:
        def process(self, command: bytes) -> bytes:
            return b"\x00\x61\x01"

        def reset(self) -> None: ...

    put(EndlessCard(), atr=T0_ONLY)
    with reader.wait_for_card(10) as card, pytest.raises(CardProtocolError, match="no end"):
        card.transmit(GET_CHALLENGE)


def test_a_reader_that_carries_short_commands_only_is_read_with_these(
    put: Callable, reader: PcscReader, scene: Scene
) -> None:
    put()
    with reader.wait_for_card(10) as card:
        card.max_apdu_data = 256
        recording = RecordingConnection(card)
        assert inspection(recording, scene).report.outcome is Outcome.PASSED
        assert recording.apdus > 13


def test_a_reader_that_fails_at_long_commands_without_a_word_is_read_with_short_ones(
    put: Callable, reader: PcscReader, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smartcard import scard

    transmit = scard.SCardTransmit

    def transmit_short(handle: Any, pci: Any, command: list[int]) -> tuple[int, list[int]]:
        is_extended = len(command) > 5 and command[4] == 0
        return (scard.SCARD_E_NOT_TRANSACTED, []) if is_extended else transmit(handle, pci, command)

    monkeypatch.setattr(scard, "SCardTransmit", transmit_short)
    put()
    with reader.wait_for_card(10) as card:
        assert inspection(card, scene).report.outcome is Outcome.PASSED
        assert not card.carries_extended_length
