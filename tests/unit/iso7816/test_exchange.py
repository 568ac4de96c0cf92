import pytest

from verifier.errors import CardRemoved, SecureMessagingError
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import Exchange, perform, through

PING = CommandApdu(0x00, 0x01, 0x00, 0x00)


class Echo:
    """Answers with the instruction byte; leaves the field when asked for FF."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.seen.append(command.ins)
        if command.ins == 0xFF:
            msg = "the card left"
            raise CardRemoved(msg)
        return ResponseApdu(bytes([command.ins]), 0x9000)


def ask(*instructions: int, log: list[str] | None = None) -> Exchange[bytes]:
    answers = b""
    try:
        for ins in instructions:
            answers += (yield CommandApdu(0x00, ins, 0x00, 0x00)).data
    finally:
        if log is not None:
            log.append("closed")
    return answers


def test_an_exchange_returns_its_result_after_its_commands():
    card = Echo()
    assert perform(ask(1, 2, 3), card) == b"\x01\x02\x03"
    assert card.seen == [1, 2, 3]


def test_an_exchange_may_send_nothing():
    assert perform(ask(), Echo()) == b""


def test_a_lost_card_unwinds_every_nested_exchange():
    log: list[str] = []

    def outer() -> Exchange[bytes]:
        try:
            return (yield from ask(1, 0xFF, 2, log=log))
        finally:
            log.append("outer closed")

    with pytest.raises(CardRemoved):
        perform(outer(), Echo())
    assert log == ["closed", "outer closed"]


class Shift:
    """A channel that adds 10 to the instruction on the way out, and takes it off on the way in; 0x50 breaks it."""

    def protect(self, command: CommandApdu) -> CommandApdu:
        return CommandApdu(command.cla, command.ins + 10, command.p1, command.p2)

    def unprotect(self, response: ResponseApdu) -> ResponseApdu:
        if response.data == b"\x5a":
            msg = "not authentic"
            raise SecureMessagingError(msg)
        return ResponseApdu(bytes([response.data[0] - 10]), response.status)


def test_what_runs_inside_a_channel_does_not_know_of_it():
    card = Echo()
    assert perform(through(Shift(), ask(1, 2)), card) == b"\x01\x02"
    assert card.seen == [11, 12]
    assert perform(through(Shift(), through(Shift(), ask(1))), card) == b"\x01"


def test_a_broken_channel_unwinds_what_runs_inside():
    log: list[str] = []
    with pytest.raises(SecureMessagingError):
        perform(through(Shift(), ask(1, 0x50, 2, log=log)), Echo())
    assert log == ["closed"]
