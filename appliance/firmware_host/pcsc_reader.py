"""A reader with a PC/SC driver, by the SDK's own transport.

Bit rates, long frames and retries are the reader's own business. An ACR122U belongs here and not under nfcpy, whose
driver for it dies once it was closed; the kernel's NFC drivers must leave it alone (``images/overlay/etc/modprobe.d``).
"""

import time
from collections.abc import Callable

from appliance.firmware_host.link import Link, ReaderFacts
from appliance.firmware_host.pcsc_names import choose
from appliance.firmware_host.reader import DEFAULT_SESSION_S, CardInField, Statistics
from verifier.sdk import CommandApdu, ResponseApdu
from verifier.sdk.errors import CardError, CardProtocolError, CardRemoved, ReaderBusy, ReaderGone
from verifier.sdk.readers import PcscCard, PcscReader, pcsc_reader_names

_PATIENCE_S = 2.0
"""How long a card may be mute, or taken by another program: desktops look at each new card before we can."""
_STATUS_WORD = 2


class PcscCardReader:
    """A PC/SC reader, looked for again at each opening. Owned by one thread; opened again after any ``ReaderError``.

    Args:
        wanted: its name or a part of it; empty for the first contactless one. See ``pcsc_names.choose``.
        name: how logs and the page call this reader.
        clock: seconds of a clock that never jumps.
    """

    def __init__(self, wanted: str = "", *, name: str = "1", clock: Callable[[], float] = time.monotonic) -> None:
        self._wanted = wanted
        self._name = name
        self._clock = clock
        self._chosen = ""
        self._reader: PcscReader | None = None
        self._card: PcscCardInField | None = None

    @property
    def name(self) -> str:
        """How this reader is called."""
        return self._name

    def open(self) -> None:
        """Find the reader, in place of an earlier opening.

        Raises:
            ReaderGone: no such reader is plugged in. ReaderFault: it is a slot for security modules.
            ReaderUnavailable: pyscard or the PC/SC service is missing; the sentence says how it comes.
        """
        self.close()
        self._chosen = choose(pcsc_reader_names(), self._wanted)
        self._reader = PcscReader(self._chosen)
        self._reader.open()

    def wait_for_card(self, timeout_s: float) -> CardInField | None:
        """Return the card in the reader, or ``None`` after ``timeout_s`` seconds; looks at least once.

        One that is mute, or taken by another program, is returned, too: its first command tries again, and says so.

        Raises:
            ReaderError: the reader was unplugged, the service stopped, or it is not open.
        """
        reader = self._opened()
        self._let_go_of_card()
        try:
            card = reader.wait_for_card(timeout_s)
        except (CardProtocolError, ReaderBusy):
            card = None
        else:
            if card is None:
                return None
        self._card = PcscCardInField(reader, card, clock=self._clock)
        return self._card

    def facts(self) -> ReaderFacts:
        """Say which reader it is, and how long the service takes to answer for it."""
        reader = self._opened()
        began = self._clock()
        reader.is_present()
        return ReaderFacts(self._chosen, round_trip_s=self._clock() - began)

    def close(self) -> None:
        """Let go of the reader and of the card that was given out; never raises."""
        self._let_go_of_card()
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _let_go_of_card(self) -> None:
        """Or nobody could connect to it: a connection is exclusive."""
        card, self._card = self._card, None
        if card is not None:
            card.release()

    def _opened(self) -> PcscReader:
        if self._reader is None:
            msg = "the reader is not open"
            raise ReaderGone(msg)
        return self._reader


class PcscCardInField:
    """A card in a PC/SC reader; ``card`` is ``None`` as long as it could not be connected to.

    ``transmit`` cannot be interrupted: PC/SC has no way to. A card that is silent is ended by the driver's own timeout,
    within five seconds on most readers, and the deadline is looked at before and after. A driver that never comes back
    is the watchdog's case: the loop that owns this reader no longer turns, and the process is left.

    Nothing counts frames here: what travels in the air is hidden by the reader.
    """

    def __init__(self, reader: PcscReader, card: PcscCard | None, *, clock: Callable[[], float]) -> None:
        self._reader = reader
        self._card = card
        self._clock = clock
        self._is_released = False
        self._statistics = Statistics()
        self._ends_at = 0.0
        self.set_deadline(DEFAULT_SESSION_S)

    @property
    def statistics(self) -> Statistics:
        """What has travelled since the card was found."""
        return self._statistics

    @property
    def link(self) -> Link | None:
        """What the reader tells of the card; it keeps bit rates and frames to itself."""
        card = self._card
        if card is None:
            return None
        return Link(answer_to_reset=card.atr, carries_extended_length=card.carries_extended_length)

    def set_deadline(self, seconds_from_now: float) -> None:
        """From then on ``transmit`` raises ``DeadlineExceeded``; a running one ends when the driver gives it up."""
        self._ends_at = self._clock() + seconds_from_now
        if self._card is not None:
            self._card.set_deadline(seconds_from_now)

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send a command and return the answer; connect to the card first where that was not possible yet.

        After any error the session is over and each further command raises, until ``start_over``.

        Raises:
            CardRemoved: the card left. CardProtocolError: it is mute or broke the protocol.
            ReaderError: the reader failed. DeadlineExceeded: the session's time is over.
        """
        if self._is_released:
            msg = "the session with this card is over"
            raise CardRemoved(msg)
        card = self._connected()
        self._statistics.apdus += 1
        self._statistics.bytes_sent += len(command.encode())
        response = card.transmit(command)
        self._statistics.bytes_received += len(response.data) + _STATUS_WORD
        return response

    def is_present(self) -> bool:
        """Whether the card still lies in the reader, whatever the deadline is. Nothing is sent to it.

        One that was swapped for another since it was connected to is not present: the other comes as a new card.
        """
        if self._is_released:
            return False
        return self._reader.has_card() if self._card is None else self._card.is_in_reader()

    @property
    def is_unbroken(self) -> bool:
        """Whether it is certainly the card that was talked to: this reader says when one left."""
        return True

    def start_over(self) -> bool:
        """Power the card off and on; return whether one is there to begin a new session with."""
        if self._is_released:
            return False
        if self._card is not None:
            return self._card.start_over()
        try:
            self._connected()
        except CardError:
            return False
        return True

    def release(self) -> None:
        """End the session and let the card forget it; calling it again does nothing."""
        self._is_released = True
        if self._card is not None:
            self._card.release()

    def _connected(self) -> PcscCard:
        if self._card is None:
            left = self._ends_at - self._clock()
            card = self._reader.wait_for_card(max(0.0, min(left, _PATIENCE_S)))
            if card is None:
                msg = "the card left the reader"
                raise CardRemoved(msg)
            card.set_deadline(self._ends_at - self._clock())
            self._card = card
        return self._card
