"""What last went over the wire, beneath every secure channel."""

from dataclasses import dataclass, field
from typing import TypeVar

from verifier.errors import CardRefused, SecureMessagingError
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.status import StatusWord

T = TypeVar("T")
_WRONG_LENGTH_WITH_HINT = 0x6C


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
    """Return the same exchange, noting on ``wire`` what it sends and receives."""
    try:
        command = next(exchange)
        while True:
            wire.command, wire.response = command, None
            wire.response = yield command
            command = exchange.send(wire.response)
    except StopIteration as finished:
        result: T = finished.value
        return result
    finally:
        exchange.close()
