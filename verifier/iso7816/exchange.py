"""Exchange: a card protocol without I/O.

A protocol is written as a generator. Here ``yield`` means *transmit*: the generator yields a ``CommandApdu``, is sent
the card's ``ResponseApdu``, and returns its result when the protocol is through.

>>> from verifier.iso7816.apdu import CommandApdu, ResponseApdu
>>> def get_challenge():
...     response = yield CommandApdu(0x00, 0x84, 0x00, 0x00, le=8)
...     return response.require_ok("GET CHALLENGE")

Such a generator knows no reader, so it can be tested with a list of answers, replayed from a recording, and nested:
``rnd = yield from get_challenge()`` is one step of BAC. ``perform`` is the only loop that touches a connection:

>>> class Card:
...     def transmit(self, command):
...         return ResponseApdu(bytes(8), 0x9000)
>>> perform(get_challenge(), Card()).hex()
'0000000000000000'

``through`` sends the same exchange through a secure channel: each command is protected before it is yielded, each
response is unprotected before it is sent in. What runs inside does not know of it:

    sod = yield from through(secure_messaging, read_file(SOD))

When a connection raises (card gone, reader gone, time over), the error travels up through every nested generator,
which unwinds them all: nothing is left half done, and nothing has to be cancelled.
"""

from collections.abc import Generator
from typing import Protocol, TypeAlias, TypeVar

from verifier.errors import ReaderFault
from verifier.iso7816.apdu import CommandApdu, ResponseApdu

T = TypeVar("T")
Exchange: TypeAlias = Generator[CommandApdu, ResponseApdu, T]


class CardConnection(Protocol):
    """A card in a reader's field. A new kind of reader implements this one method."""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send the command and return the answer.

        Raises:
            CardRemoved: the card left. CardProtocolError: it broke the transmission protocol.
            ReaderError: the reader failed. DeadlineExceeded: the session's time is over.
        """
        ...


class Channel(Protocol):
    """A secure channel around commands and responses, such as secure messaging."""

    def protect(self, command: CommandApdu) -> CommandApdu:
        """Return the command as it travels."""
        ...

    def unprotect(self, response: ResponseApdu) -> ResponseApdu:
        """Return the response as meant, or raise ``SecureMessagingError``; the channel is dead afterwards."""
        ...


def perform(exchange: Exchange[T], card: CardConnection) -> T:
    """Carry out an exchange with a card and return its result. Errors of the connection pass through."""
    try:
        command = next(exchange)
        while True:
            command = exchange.send(require_response(card.transmit(command)))
    except StopIteration as finished:
        result: T = finished.value
        return result
    finally:
        exchange.close()


def require_response(response: object) -> ResponseApdu:
    """Return what a connection answered. Raises ``ReaderFault`` where it is no ``ResponseApdu``: a reader's mistake."""
    if not isinstance(response, ResponseApdu):
        msg = (
            f"transmit returned a {type(response).__name__} and no ResponseApdu; ResponseApdu.decode makes one of bytes"
        )
        raise ReaderFault(msg)
    return response


def through(channel: Channel, exchange: Exchange[T]) -> Exchange[T]:
    """Return the same exchange inside a channel."""
    try:
        command = next(exchange)
        while True:
            response = yield channel.protect(command)
            command = exchange.send(channel.unprotect(response))
    except StopIteration as finished:
        result: T = finished.value
        return result
    finally:
        exchange.close()
