"""The station's reader for virtual cards: real sockets on the loopback, cards that come, hang, leave and lie."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from told_chip import ToldChip

from appliance.firmware_host.link import TellsLink
from appliance.firmware_host.reader import CardInField
from appliance.firmware_host.vpcd_reader import VpcdCardReader
from verifier.sdk import CommandApdu, MrzPassword, load_profile, read
from verifier.sdk.errors import CardProtocolError, CardRemoved, DeadlineExceeded, ReaderGone
from verifier.sdk.testing import SyntheticPki, invented_person, personalise
from verifier.transport.vpcd_card import DEFAULT_ATR, VirtualCard, _serve

SELECT = CommandApdu(0x00, 0xA4, 0x04, 0x0C, data=b"\xa0\x00")
AT = datetime(2026, 6, 1, tzinfo=UTC)


class Card:
    """A card that connects to the reader until it is taken away."""

    def __init__(self, chip: VirtualCard, port: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._live, args=(chip,))
        self._thread.start()

    def _live(self, chip: VirtualCard) -> None:
        with self.line, suppress(CardRemoved):
            _serve(chip, self.line, DEFAULT_ATR)

    def take_away(self) -> None:
        with suppress(OSError):  # it left already
            self.line.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def reader() -> Iterator[VpcdCardReader]:
    opened = VpcdCardReader("127.0.0.1", 0, name="virtual", answer_within_s=2.0)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def put(reader: VpcdCardReader) -> Iterator[Callable[[VirtualCard], Card]]:
    cards: list[Card] = []

    def put(chip: VirtualCard) -> Card:
        cards.append(Card(chip, reader.port))
        return cards[-1]

    yield put
    for card in cards:
        card.take_away()


def found(reader: VpcdCardReader) -> CardInField:
    card = reader.wait_for_card(10)
    assert card is not None
    return card


def test_a_card_is_read_and_what_travelled_is_counted(reader: VpcdCardReader, put: Callable) -> None:
    person = invented_person(1)
    mrz = MrzPassword(person.document_number, person.date_of_birth, person.date_of_expiry)
    put(personalise(SyntheticPki(at=AT).issue_document_signer(), person))
    card = found(reader)
    assert read(card, profile=load_profile("party-card"), password=mrz, at=AT).files
    assert card.statistics.apdus >= 9
    assert card.statistics.bytes_received > card.statistics.bytes_sent > 0
    assert isinstance(card, TellsLink)
    assert card.link is not None
    assert (card.link.answer_to_reset, card.link.is_contactless) == (DEFAULT_ATR, True)


def test_nobody_in_the_field_is_no_error(reader: VpcdCardReader) -> None:
    assert reader.wait_for_card(0) is None
    assert reader.wait_for_card(0.05) is None


def test_a_card_is_present_until_it_hangs_up(reader: VpcdCardReader, put: Callable) -> None:
    chip = ToldChip()
    lying = put(chip)
    card = found(reader)
    assert card.is_present()
    card.transmit(SELECT)
    assert card.is_present()
    assert chip.commands == 1, "presence is asked of the line, not of the card"
    lying.take_away()
    assert not card.is_present()
    with pytest.raises(CardRemoved):
        card.transmit(SELECT)
    assert not card.start_over()


def test_a_session_is_over_after_an_error_until_it_begins_anew(reader: VpcdCardReader, put: Callable) -> None:
    chip = ToldChip(answer=b"\x90")
    put(chip)
    card = found(reader)
    with pytest.raises(CardProtocolError):
        card.transmit(SELECT)
    with pytest.raises(CardRemoved, match="over"):
        card.transmit(SELECT)
    assert card.is_present()
    chip.answer = b"\x90\x00"
    resets = chip.resets
    assert card.start_over()
    assert card.transmit(SELECT).is_ok
    assert chip.resets == resets + 2


def test_a_card_that_hangs_is_put_out_so_that_its_late_answer_is_nobodys(reader: VpcdCardReader, put: Callable) -> None:
    put(ToldChip(delay_s=0.5, answer=b"late\x90\x00"))
    card = found(reader)
    card.set_deadline(0.1)
    with pytest.raises(DeadlineExceeded):
        card.transmit(SELECT)
    assert not card.is_present()
    card.release()
    put(ToldChip())
    assert found(reader).transmit(SELECT).data == b"chip"


def test_presence_outlives_the_deadline(reader: VpcdCardReader, put: Callable) -> None:
    put(ToldChip())
    card = found(reader)
    card.set_deadline(0)
    with pytest.raises(DeadlineExceeded):
        card.transmit(SELECT)
    assert card.is_present()
    card.set_deadline(5)
    assert card.start_over()
    assert card.transmit(SELECT).is_ok


def test_a_card_that_was_released_is_over(reader: VpcdCardReader, put: Callable) -> None:
    put(ToldChip())
    card = found(reader)
    card.release()
    card.release()
    assert not card.is_present()
    assert not card.start_over()
    with pytest.raises(CardRemoved):
        card.transmit(SELECT)


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x00\x01\x3b"], ids=["nothing", "HTTP", "a short ATR"]
)
def test_whoever_connects_and_is_no_card_is_put_out_and_the_next_card_served(put: Callable, said: bytes) -> None:
    impatient = VpcdCardReader("127.0.0.1", 0, answer_within_s=0.2)
    impatient.open()
    with socket.create_connection(("127.0.0.1", impatient.port)) as stranger:
        stranger.sendall(said)
        assert impatient.wait_for_card(5) is None
        card = Card(ToldChip(), impatient.port)
        assert found(impatient).transmit(SELECT).is_ok
    impatient.close()
    card.take_away()


def test_a_port_that_is_taken_is_said(reader: VpcdCardReader) -> None:
    with pytest.raises(ReaderGone, match=str(reader.port)):
        VpcdCardReader("127.0.0.1", reader.port).open()


def test_a_reader_is_opened_again_in_place_of_itself(reader: VpcdCardReader, put: Callable) -> None:
    reader.open()
    put(ToldChip())
    assert found(reader).transmit(SELECT).is_ok
    assert f"port {reader.port}" in reader.facts().description
    reader.close()
    with pytest.raises(ReaderGone):
        reader.wait_for_card(0)
