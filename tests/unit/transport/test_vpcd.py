"""Both ends of the virtual smart card protocol, over real sockets on the loopback."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from verifier.errors import (
    CardProtocolError,
    CardRemoved,
    DeadlineExceeded,
    InvalidInput,
    ReaderFault,
    ReaderGone,
    UnsupportedFeature,
)
from verifier.iso7816.apdu import CommandApdu
from verifier.transport.vpcd import VpcdCard, VpcdReader
from verifier.transport.vpcd_card import DEFAULT_ATR, serve_virtual_card

READ = CommandApdu(0x00, 0xB0, 0x81, 0x00, le=256)


class EchoCard:
    resets = 0

    def process(self, command: bytes) -> bytes:
        return command * 10 + b"\x90\x00"

    def reset(self) -> None:
        self.resets += 1


@contextmanager
def in_background(work: Callable[[], object]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join(10)
    assert not thread.is_alive()


def answering(answer: bytes) -> Callable[[socket.socket], object]:
    def answer_once(line: socket.socket) -> None:
        line.recv(100)
        line.sendall(answer)

    return answer_once


@contextmanager
def reader_with(card_side: Callable[[socket.socket], object], **options: float) -> Iterator[VpcdCard]:
    """A reader in which a hand-made card side answers the power-up and then does as told."""

    def run() -> None:
        with socket.create_connection(("127.0.0.1", reader.port)) as line:
            assert line.recv(6, socket.MSG_WAITALL) == b"\x00\x01\x01\x00\x01\x04"
            line.sendall(b"\x00\x02\x3b\x00")
            card_side(line)

    with VpcdReader(port=0, **options) as reader, in_background(run):
        card = reader.wait_for_card(5)
        assert card is not None
        with card:
            yield card


def test_a_virtual_card_is_read_and_released() -> None:
    chip = EchoCard()
    with VpcdReader(port=0) as reader, in_background(lambda: serve_virtual_card(chip, port=reader.port)):
        card = reader.wait_for_card(5)
        assert card is not None
        with card:
            assert card.atr == DEFAULT_ATR
            assert card.transmit(READ).data == READ.encode() * 10
    assert chip.resets == 2


def test_two_cards_are_served_one_after_the_other() -> None:
    with VpcdReader(port=0) as reader:
        for _ in range(2):
            with in_background(lambda: serve_virtual_card(EchoCard(), port=reader.port)):
                card = reader.wait_for_card(5)
                assert card is not None
                with card:
                    assert card.transmit(READ).is_ok


def test_no_card_within_the_time_is_no_error() -> None:
    with VpcdReader(port=0) as reader:
        assert reader.wait_for_card(0.01) is None


def test_a_card_that_hangs_up_was_removed() -> None:
    with reader_with(lambda line: line.recv(100)) as card:
        with pytest.raises(CardRemoved):
            card.transmit(READ)
        with pytest.raises(CardRemoved):
            card.transmit(READ)


def test_a_card_that_hangs_up_within_an_answer_was_removed() -> None:
    with reader_with(answering(b"\x00\x10half")) as card, pytest.raises(CardRemoved):
        card.transmit(READ)


def test_a_card_that_leaves_within_a_command_ends_its_service() -> None:
    class LeavingCard(EchoCard):
        def process(self, command: bytes) -> bytes:
            msg = "taken away"
            raise CardRemoved(msg)

    with VpcdReader(port=0) as reader, in_background(lambda: serve_virtual_card(LeavingCard(), port=reader.port)):
        card = reader.wait_for_card(5)
        assert card is not None
        with card, pytest.raises(CardRemoved):
            card.transmit(READ)


def test_a_card_that_drips_its_answer_byte_by_byte_meets_the_deadline() -> None:
    done = threading.Event()

    def drip(line: socket.socket) -> None:
        line.sendall(b"\xff\xff")
        while not done.wait(0.02):
            line.sendall(b".")

    with reader_with(drip, apdu_timeout_s=0.2) as card:
        with pytest.raises(DeadlineExceeded):
            card.transmit(READ)
        done.set()


def test_a_session_ends_at_its_deadline() -> None:
    with reader_with(lambda line: line.recv(100)) as card:
        card.set_deadline(0)
        with pytest.raises(DeadlineExceeded):
            card.transmit(READ)


@pytest.mark.parametrize("answer", [b"\x00\x00", b"\x00\x01\x90"])
def test_an_answer_without_status_word_breaks_the_protocol(answer: bytes) -> None:
    with reader_with(answering(answer)) as card, pytest.raises(CardProtocolError):
        card.transmit(READ)


def test_a_card_without_a_proper_answer_to_reset_is_refused() -> None:
    def run() -> None:
        with socket.create_connection(("127.0.0.1", reader.port)) as line:
            line.sendall(b"\x00\x00")
            line.recv(100)

    with VpcdReader(port=0) as reader, in_background(run), pytest.raises(CardProtocolError):
        reader.wait_for_card(5)


def test_a_command_that_the_protocol_cannot_carry_is_refused_before_it_is_sent() -> None:
    with reader_with(lambda line: line.recv(100)) as card, pytest.raises(UnsupportedFeature):
        card.transmit(CommandApdu(0, 0xD6, 0, 0, bytes(65_535)))


def test_a_taken_port_is_a_reader_that_is_not_there() -> None:
    with VpcdReader(port=0) as first, pytest.raises(ReaderGone):
        VpcdReader(port=first.port).open()


def test_a_closed_reader_says_so() -> None:
    with pytest.raises(ReaderFault):
        VpcdReader(port=0).wait_for_card(1)


def test_a_card_finds_no_reader_where_none_listens() -> None:
    with pytest.raises(ReaderGone):
        serve_virtual_card(EchoCard(), port=1)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_cannot_be_is_no_readers_fault(port: int) -> None:
    with pytest.raises(InvalidInput):
        serve_virtual_card(EchoCard(), port=port)
    with pytest.raises(InvalidInput):
        VpcdReader(port=port)


def test_a_reader_that_sends_length_and_content_apart_does_not_wait_for_a_receipt() -> None:
    """vsmartcard's driver does so, and its system holds the second part back until the first is acknowledged."""
    took: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with in_background(lambda: serve_virtual_card(EchoCard(), port=port)):
            line, _ = listener.accept()
            with line:
                for _ in range(60):  # a new connection acknowledges its first segments at once in any case
                    began = time.monotonic()
                    line.sendall(b"\x00\x05")
                    line.sendall(READ.encode())
                    assert len(line.recv(54, socket.MSG_WAITALL)) == 54
                    took.append(time.monotonic() - began)
    assert sorted(took)[len(took) // 2] < 0.03
