"""What last went over the wire, beneath every secure channel."""

from dataclasses import dataclass, field
from typing import TypeVar

from verifier.errors import CardProtocolError, CardRefused, SecureMessagingError
from verifier.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.status import StatusWord

T = TypeVar("T")
_WRONG_LENGTH_WITH_HINT = 0x6C
_MORE_DATA = 0x61
_GET_RESPONSE = 0xC0
_MAX_PARTS = 1024


@dataclass
class Wire:
    """The last command and the last response as they travelled."""

    command: CommandApdu | None = field(default=None, repr=False)
    response: ResponseApdu | None = field(default=None, repr=False)

    @property
    def refused_extended_length(self) -> bool:
        """Whether a command of extended length was just answered with a complaint about its length."""
        if self.command is None or self.response is None or not self.command.is_extended:
            return False
        status = self.response.status
        return status == StatusWord.WRONG_LENGTH or status >> 8 == _WRONG_LENGTH_WITH_HINT

    def refusals_of(self, exchange: Exchange[T]) -> Exchange[T]:
        """Return the same exchange, where a chip that leaves secure messaging to refuse raises ``CardRefused`` too.

        Many do. What came in the clear then is no more than a status word; the channel is dead all the same.
        """
        try:
            return (yield from exchange)
        except SecureMessagingError as error:
            if self.response is None or self.response.data or self.response.is_ok:
                raise
            raise CardRefused(error.sentence, self.response.status) from error


def watched(wire: Wire, exchange: Exchange[T]) -> Exchange[T]:
    """Return the same exchange, noting on ``wire`` what it sends and receives; answers in parts are put together."""
    try:
        command = next(exchange)
        while True:
            wire.command, wire.response = command, None
            wire.response = yield from _whole_answer(command)
            command = exchange.send(wire.response)
    except StopIteration as finished:
        result: T = finished.value
        return result
    finally:
        exchange.close()


def _whole_answer(command: CommandApdu) -> Exchange[ResponseApdu]:
    """Send a command, and fetch what the card announces by 61xx (ISO/IEC 7816-4, 5.3.4): beneath any secure channel.

    Raises ``CardProtocolError`` where the announced parts are empty, or do not end.
    """
    response = yield command
    data, parts = response.data, 1
    while response.status >> 8 == _MORE_DATA:
        response = yield CommandApdu(0x00, _GET_RESPONSE, 0x00, 0x00, le=response.status & 0xFF or SHORT_MAX_LE)
        data += response.data
        parts += 1
        if response.status >> 8 == _MORE_DATA and (parts > _MAX_PARTS or not response.data):
            msg = "the card announces more of its answer without end"
            raise CardProtocolError(msg)
    return response if parts == 1 else ResponseApdu(data, response.status)
