"""A reader for other people's card simulators, which connect to it as to vpcd: for trials, never for a meeting."""

import logging
import time
from collections.abc import Callable

from appliance.firmware_host.link import Link, ReaderFacts
from appliance.firmware_host.reader import DEFAULT_SESSION_S, CardInField, Statistics
from verifier.sdk import CommandApdu, ResponseApdu
from verifier.sdk.errors import CardError, CardRemoved, DeadlineExceeded, ReaderGone
from verifier.sdk.readers import VpcdCard, VpcdReader

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 5.0
"""As long as a card in the air may take at most; whoever connects and says nothing is put out."""
_STATUS_WORD = 2


class VpcdCardReader:
    """Listens for virtual cards. A card is in the field as long as its connection stands.

    Args:
        host: an address of this machine, on its loopback.
        port: where simulators connect to; 0 lets the system choose one.
        name: how logs and the page call this reader.
        answer_within_s: how long a card may take for each answer.
        clock: seconds of a clock that never jumps.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        name: str = "1",
        answer_within_s: float = ANSWER_WITHIN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = VpcdReader(host, port, apdu_timeout_s=answer_within_s)
        self._is_open = False
        self._card: VpcdCardInField | None = None
        self._name = name
        self._clock = clock

    @property
    def name(self) -> str:
        """How this reader is called."""
        return self._name

    @property
    def port(self) -> int:
        """The port that it listens on, also where the system chose it."""
        return self._reader.port

    def open(self) -> None:
        """Begin to listen, in place of an earlier opening; raise ``ReaderGone`` where the port is taken."""
        self.close()
        self._reader.open()
        self._is_open = True

    def wait_for_card(self, timeout_s: float) -> CardInField | None:
        """Return the next card that connects, or ``None`` after ``timeout_s`` seconds.

        Whoever connects and is no card is put out, which may take ``answer_within_s`` seconds more.

        Raises:
            ReaderGone: the reader is not open, or its socket broke.
        """
        if not self._is_open:
            msg = "the reader is not open"
            raise ReaderGone(msg)
        try:
            card = self._reader.wait_for_card(timeout_s)
        except (CardError, DeadlineExceeded) as error:
            log.info("reader %s: put out what connected: %s", self._name, error.sentence)
            return None
        if card is None:
            return None
        self._let_go_of_card()
        self._card = VpcdCardInField(card)
        return self._card

    def facts(self) -> ReaderFacts:
        """Say where simulators connect to."""
        return ReaderFacts(self._reader.name)

    def close(self) -> None:
        """Stop listening, and hang up on the card that was given out; never raises."""
        self._is_open = False
        self._let_go_of_card()
        self._reader.close()

    def _let_go_of_card(self) -> None:
        card, self._card = self._card, None
        if card is not None:
            card.release()


class VpcdCardInField:
    """A virtual card that connected. There are no frames to count."""

    def __init__(self, card: VpcdCard) -> None:
        self._card = card
        self._is_over = self._is_released = False
        self._statistics = Statistics()
        self.set_deadline(DEFAULT_SESSION_S)

    @property
    def statistics(self) -> Statistics:
        """What has travelled since the card was found."""
        return self._statistics

    @property
    def link(self) -> Link:
        """What the card says of itself."""
        return Link(answer_to_reset=self._card.atr)

    def set_deadline(self, seconds_from_now: float) -> None:
        """From then on ``transmit`` raises ``DeadlineExceeded``, also a running one."""
        self._card.set_deadline(seconds_from_now)

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send a command and return the answer. After any error each further command raises, until ``start_over``.

        Raises:
            CardRemoved: the card hung up. CardProtocolError: its answer is none. DeadlineExceeded: it took too long.
        """
        if self._is_over:
            msg = "the session with this card is over"
            raise CardRemoved(msg)
        self._is_over = True
        self._statistics.apdus += 1
        self._statistics.bytes_sent += len(command.encode())
        response = self._card.transmit(command)
        self._statistics.bytes_received += len(response.data) + _STATUS_WORD
        self._is_over = False
        return response

    def is_present(self) -> bool:
        """Whether the card is still connected; nothing is sent to it."""
        return not self._is_released and self._card.is_present()

    @property
    def is_unbroken(self) -> bool:
        """Whether it is certainly the card that was talked to: this reader says when one left."""
        return True

    def start_over(self) -> bool:
        """Power the card off and on; return whether it is there to begin a new session with."""
        self._is_over = self._is_released or not self._card.start_over()
        return not self._is_over

    def release(self) -> None:
        """Power the card off and end the connection; calling it again does nothing."""
        self._is_over = self._is_released = True
        self._card.release()
