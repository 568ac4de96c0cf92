from collections.abc import Callable

import pytest

from verifier.errors import CardProtocolError, CardRefused
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import perform
from verifier.iso7816.files import read_by_short_identifier, read_selected, select_application, select_file
from verifier.iso7816.tlv import encode


class FileCard:
    """One elementary file, read in pieces of at most ``most`` bytes; past its end 6B00, a short piece 6282."""

    def __init__(self, content: bytes, most: int = 65_536) -> None:
        self.content, self.most = content, most
        self.commands: list[CommandApdu] = []

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.commands.append(command)
        if command.ins == 0xB1:
            return self.odd(command)
        offset = 0 if command.p1 & 0x80 else command.p1 << 8 | command.p2
        return self.piece(offset, command.le or 0)

    def piece(self, offset: int, count: int) -> ResponseApdu:
        if offset >= len(self.content):
            return ResponseApdu(b"", 0x6B00)
        wanted = min(count, self.most)
        part = self.content[offset : offset + wanted]
        return ResponseApdu(part, 0x9000 if len(part) == count else 0x6282)

    def odd(self, command: CommandApdu) -> ResponseApdu:
        assert command.data[:2] == b"\x54\x03"
        room = (command.le or 0) - 4
        part = self.piece(int.from_bytes(command.data[2:]), room)
        return ResponseApdu(encode(0x53, part.data), 0x9000) if part.is_ok else part


def file_of(length: int, *, rest: bytes = b"") -> bytes:
    return encode(0x77, bytes(index % 251 for index in range(length))) + rest


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 5000, 40_000, 70_000])
@pytest.mark.parametrize("chunk", [223, 256, 65_536])
def test_a_file_of_any_size_is_read_whole_and_without_what_follows(length, chunk):
    card = FileCard(file_of(length, rest=b"\x00" * 50))
    assert perform(read_by_short_identifier(0x1D, chunk=chunk), card) == file_of(length)
    assert (card.commands[0].p1, card.commands[0].p2) == (0x9D, 0x00)


def test_a_small_file_takes_one_command():
    card = FileCard(file_of(3000))
    perform(read_by_short_identifier(0x1D), card)
    assert len(card.commands) == 1


def test_a_card_that_gives_less_than_was_asked_for_is_asked_on():
    card = FileCard(file_of(1000), most=100)
    assert perform(read_selected(chunk=65_536), card) == file_of(1000)
    assert len(card.commands) == 11


def test_no_more_is_asked_for_than_is_left():
    card = FileCard(file_of(300))
    perform(read_selected(chunk=256), card)
    assert card.commands[1].le == 300 + 4 - 256


@pytest.mark.parametrize("chunk", [223, 231, 256, 65_536])
def test_no_response_is_larger_than_what_the_channel_carries(chunk):
    card = FileCard(file_of(40_000))
    perform(read_selected(chunk=chunk), card)
    assert max(command.le or 0 for command in card.commands) == chunk
    assert {command.ins for command in card.commands} == ({0xB0} if chunk == 65_536 else {0xB0, 0xB1})


def answers(*responses: ResponseApdu) -> Callable[[CommandApdu], ResponseApdu]:
    left = list(responses)

    class Card:
        def transmit(self, command: CommandApdu) -> ResponseApdu:
            del command
            return left.pop(0)

    return Card()


def test_an_absent_file_is_a_refusal_that_names_it():
    with pytest.raises(CardRefused, match="1D: 6A82"):
        perform(read_by_short_identifier(0x1D), answers(ResponseApdu(b"", 0x6A82)))


@pytest.mark.parametrize(
    "start", [b"", b"\x77", b"\x77\x82\x01", b"\x77\x80\x00\x00", b"\x77\x84\x7f\xff\xff\xff", b"\x7f"]
)
def test_a_file_that_is_no_data_object_breaks_the_protocol(start):
    with pytest.raises(CardProtocolError):
        perform(read_selected(), answers(ResponseApdu(start, 0x9000)))


def test_a_card_that_stops_in_the_middle_breaks_the_protocol():
    with pytest.raises(CardProtocolError, match="ends before"):
        perform(read_selected(), answers(ResponseApdu(b"\x77\x05\x01", 0x9000), ResponseApdu(b"", 0x9000)))


@pytest.mark.parametrize("answer", [b"\x53\x80", b"\x53\x05\x01", b"\x53\x01\x01\x00"])
def test_an_offset_answer_that_is_no_data_object_breaks_the_protocol(answer):
    start = ResponseApdu(encode(0x77, bytes(40_000))[:33_000], 0x9000)
    with pytest.raises(CardProtocolError):
        perform(read_selected(chunk=65_536), answers(start, ResponseApdu(answer, 0x9000)))


def test_a_selection_asks_for_no_answer():
    card = FileCard(b"")
    for exchange, encoded in (
        (select_application(bytes.fromhex("A0000002471001")), "00A4040C07A0000002471001"),
        (select_file(0x011C), "00A4020C02011C"),
    ):
        with pytest.raises(CardRefused):
            perform(exchange, card)
        assert card.commands[-1].encode().hex().upper() == encoded


def test_a_card_that_gives_a_long_file_byte_by_byte_is_not_followed():
    card = FileCard(file_of(20_000), most=4)
    with pytest.raises(CardProtocolError, match="parts of fewer"):
        perform(read_selected(chunk=65_536), card)
    assert len(card.commands) < 1000


def test_a_short_file_may_come_byte_by_byte():
    card = FileCard(file_of(40), most=4)
    assert perform(read_selected(chunk=65_536), card) == file_of(40)
