"""A reader for virtual cards: card simulators connect to it as they would connect to vpcd, with no PC/SC daemon.

The card's side of the same protocol is ``verifier.transport.vpcd_card``.
"""

import socket
import time
from types import TracebackType
from typing import Self

from verifier.errors import CardProtocolError, CardRemoved, DeadlineExceeded, ReaderFault, ReaderGone
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.transport.vpcd_framing import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    GET_ATR,
    POWER_OFF,
    POWER_ON,
    receive_frame,
    require_host,
    require_port,
    send_frame,
)

MAX_ATR = 33


class VpcdCard:
    """A virtual card that connected; a ``CardConnection``."""

    def __init__(self, line: socket.socket, *, apdu_timeout_s: float = 20.0) -> None:
        self._line = line
        self._apdu_timeout_s = apdu_timeout_s
        self._ends_at: float | None = None
        self.atr = b""
        """The answer to reset, 2 to 33 bytes, once the card is powered."""

    def power_on(self) -> None:
        """Power the card and ask for its answer to reset."""
        send_frame(self._line, bytes([POWER_ON]), self._timeout())
        self.atr = self._ask(bytes([GET_ATR]))
        if not 2 <= len(self.atr) <= MAX_ATR:
            msg = f"an answer to reset has 2 to {MAX_ATR} bytes, not {len(self.atr)}"
            raise CardProtocolError(msg)

    def set_deadline(self, seconds_from_now: float) -> None:
        """Bound the whole session from now on; ``transmit`` raises ``DeadlineExceeded`` afterwards."""
        self._ends_at = time.monotonic() + seconds_from_now

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send the command and return the answer; see ``CardConnection.transmit``.

        Raises ``UnsupportedFeature`` for a command of more than 65,535 bytes, which the protocol cannot carry. A card
        that does not answer in time is put out: its late answer would be taken for that to the next command.
        """
        return ResponseApdu.decode(self._ask(command.encode()))

    def is_present(self) -> bool:
        """Whether the card is still connected. Looks at the line, and sends nothing."""
        try:
            self._line.settimeout(0)
            return bool(self._line.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def start_over(self) -> bool:
        """Power the card off and on, whatever the deadline is; return whether one is there to begin anew with."""
        ends_at, self._ends_at = self._ends_at, None
        try:
            send_frame(self._line, bytes([POWER_OFF]), self._timeout())
            self.power_on()
        except (CardRemoved, CardProtocolError, DeadlineExceeded):
            return False
        finally:
            self._ends_at = ends_at
        return True

    def release(self) -> None:
        """Power the card off and end the connection. Never raises: a card that left is released already."""
        try:
            send_frame(self._line, bytes([POWER_OFF]), 1.0)
        except (CardRemoved, DeadlineExceeded):
            pass
        finally:
            self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _ask(self, frame: bytes) -> bytes:
        send_frame(self._line, frame, self._timeout())
        try:
            return receive_frame(self._line, self._timeout())
        except DeadlineExceeded:
            self._line.close()
            raise

    def _timeout(self) -> float:
        if self._ends_at is None:
            return self._apdu_timeout_s
        remaining = self._ends_at - time.monotonic()
        if remaining <= 0:
            msg = "the time for this session is over"
            raise DeadlineExceeded(msg)
        return min(remaining, self._apdu_timeout_s)


class VpcdReader:
    """The reader: listens on ``host`` and ``port`` while open. Port 0 lets the system choose.

    ``with VpcdReader() as reader: card = reader.wait_for_card(30)``
    """

    def __init__(self, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, *, apdu_timeout_s: float = 20.0) -> None:
        require_port(port)
        require_host(host)
        self._address = (host, port)
        self._apdu_timeout_s = apdu_timeout_s
        self._listener: socket.socket | None = None

    @property
    def name(self) -> str:
        """The reader as named to people."""
        return f"vpcd on {self._address[0]}, port {self.port}"

    @property
    def port(self) -> int:
        """The port that it listens on, also where the system chose it."""
        return int(self._listener.getsockname()[1]) if self._listener else self._address[1]

    def open(self) -> None:
        """Begin to listen. Raises ``ReaderGone`` where the port is taken or the address is not ours."""
        try:
            self._listener = socket.create_server(self._address, backlog=1)
        except OSError as error:
            msg = f"cannot listen for virtual cards on {self._address[0]}, port {self._address[1]}"
            raise ReaderGone(msg) from error

    def wait_for_card(self, timeout_s: float) -> VpcdCard | None:
        """Return the next card that connects, powered, or ``None`` when ``timeout_s`` seconds passed without one."""
        if self._listener is None:
            msg = "the reader is not open"
            raise ReaderFault(msg)
        try:
            self._listener.settimeout(timeout_s)
            line, _ = self._listener.accept()
        except (TimeoutError, BlockingIOError):  # the latter where timeout_s is 0
            return None
        except OSError as error:
            msg = "the reader's listening socket broke"
            raise ReaderGone(msg) from error
        card = VpcdCard(line, apdu_timeout_s=self._apdu_timeout_s)
        try:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            card.power_on()
        except BaseException:
            line.close()
            raise
        return card

    def close(self) -> None:
        """Stop listening; harmless when not open."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
