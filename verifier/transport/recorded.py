"""Record the APDUs of a session, and replay them without a card.

``RecordingConnection`` wraps any connection and counts. Its ``Trace`` can be written to a file: complete, for the
replay of an invented card's session, or redacted, for a report about a session with a real one.

Everything inside secure messaging is ciphertext, yet a complete trace of a real card is personal data: whoever knows
or guesses the few unknown digits of the MRZ can decrypt a recorded BAC session. Hence ``to_bytes`` redacts unless told
otherwise.
"""

from dataclasses import dataclass, field

from verifier.errors import (
    CardRemoved,
    DeadlineExceeded,
    ReaderBusy,
    ReaderFault,
    ReaderGone,
    ReaderUnavailable,
    VerifierError,
)
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import CardConnection, require_response
from verifier.transport.trace import Step, Trace

_REPLAYABLE: dict[str, type[VerifierError]] = {
    error.reason: error
    for error in (CardRemoved, ReaderGone, ReaderFault, ReaderBusy, ReaderUnavailable, DeadlineExceeded)
}
_HEADER_LENGTH = 4


@dataclass
class RecordingConnection:
    """A connection that passes everything on to ``inner`` and remembers it.

    Errors of the inner connection are remembered too and raised on.
    """

    inner: CardConnection
    _steps: list[Step] = field(default_factory=list, init=False, repr=False)

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Pass the command on; see ``CardConnection.transmit``."""
        try:
            response = require_response(self.inner.transmit(command))
        except VerifierError as error:
            self._steps.append(Step(command.encode(), error=error.reason))
            raise
        self._steps.append(Step(command.encode(), response.encode()))
        return response

    @property
    def apdus(self) -> int:
        """How many commands were sent."""
        return len(self._steps)

    @property
    def trace(self) -> Trace:
        """What was recorded so far."""
        return Trace(tuple(self._steps))


@dataclass
class ReplayConnection:
    """A connection that answers as recorded, provided that the commands are the recorded ones, byte for byte.

    Protocols with random numbers repeat their commands only when they are handed the same ``random``.

    Raises ``ReaderFault`` that names the first divergence: its number, its place, and both headers where those differ.
    The sentence never tells what follows a header.
    """

    recorded: Trace
    _position: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.recorded.redacted:
            msg = "a redacted trace cannot be replayed: what the card answered was left out"
            raise ReaderFault(msg)

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Return the recorded answer, or raise the recorded error."""
        number = self._position + 1
        if self._position >= len(self.recorded.steps):
            msg = f"command {number} is not in the recording, which ends after {len(self.recorded.steps)}"
            raise ReaderFault(msg)
        step = self.recorded.steps[self._position]
        encoded = command.encode()
        if encoded != step.command:
            raise ReaderFault(_divergence(number, step.command, encoded))
        self._position += 1
        if step.response is None:
            msg = f"as recorded: {step.error}"
            raise _REPLAYABLE.get(step.error or "", ReaderFault)(msg)
        return ResponseApdu.decode(step.response)

    @property
    def is_finished(self) -> bool:
        """Whether every recorded command was sent."""
        return self._position == len(self.recorded.steps)


def _divergence(number: int, expected: bytes, actual: bytes) -> str:
    """Say where two commands part; of what follows a header only lengths, for it may be a person's."""
    place = next(
        (index for index, (left, right) in enumerate(zip(expected, actual, strict=False)) if left != right),
        min(len(expected), len(actual)),
    )
    lengths = f"{len(expected)} bytes expected, {len(actual)} got"
    if place < _HEADER_LENGTH:
        headers = f"{_header(expected)} expected, {_header(actual)} got"
        return f"command {number} differs from the recording in its header, at byte {place}: {headers}; {lengths}"
    where = f"after the same header {_header(expected)}, at byte {place}"
    return f"command {number} differs from the recording {where} (not shown): {lengths}"


def _header(command: bytes) -> str:
    return command[:_HEADER_LENGTH].hex(" ").upper()
