"""A card in the field of any antenna: activation when first needed, APDUs, a deadline, and a way back to a start."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from appliance.firmware_host.iso_dep import FRAME_LIMIT, IsoDep
from appliance.firmware_host.link import Link
from appliance.firmware_host.reader import DEFAULT_SESSION_S, Statistics
from verifier.sdk import CommandApdu, ResponseApdu
from verifier.sdk.errors import CardError, CardProtocolError, CardRemoved, DeadlineExceeded, SeveralCards

BASE_RATE = 106
"""kbit/s, fc / 128."""
_QUESTION_S = 1.0
"""Time for asking whether a card is there, and for saying goodbye; outside the session's deadline."""


class Antenna(Protocol):
    """What a card session needs of a reader. Each method raises ``ReaderError`` when the reader fails."""

    def sense(self) -> bool:
        """Switch the field off and on, which resets what lies in it; return whether a card answered."""
        ...

    def is_alone(self) -> bool:
        """Whether the card found last was the only one."""
        ...

    def speaks_blocks(self) -> bool:
        """Whether the card found last announced ISO/IEC 14443-4 (bit 6 of its SAK)."""
        ...

    def exchange(self, frame: bytes, timeout_s: float) -> bytes:
        """Exchange one frame; raise ``NoAnswer`` or ``UnreadableAnswer``."""
        ...

    def set_divisor(self, divisor: int) -> None:
        """Go on at 106 kbit/s × ``divisor``."""
        ...

    def field_off(self) -> None:
        """Switch the field off."""
        ...


class _State(Enum):
    FOUND = auto()
    ACTIVE = auto()
    LOST = auto()
    RELEASED = auto()


class CardSession:
    """A ``CardInField`` over an antenna.

    Args:
        antenna: its field holds the card, which was just sensed.
        clock: seconds of a clock that never jumps.
        pause: sleeps for so many seconds.
        greatest_divisor: 4 to use up to 424 kbit/s where the card offers it, 1 for 106 kbit/s always.
    """

    def __init__(
        self,
        antenna: Antenna,
        *,
        clock: Callable[[], float],
        pause: Callable[[float], None],
        greatest_divisor: int = 4,
    ) -> None:
        self._antenna = antenna
        self._clock = clock
        self._pause = pause
        self._greatest_divisor = greatest_divisor
        self._deadline = clock() + DEFAULT_SESSION_S
        self._statistics = Statistics()
        self._state = _State.FOUND
        self._divisor = 1
        self._iso_dep = self._new_protocol()

    @property
    def statistics(self) -> Statistics:
        """What has travelled since the card was found."""
        return self._statistics

    @property
    def link(self) -> Link | None:
        """What was agreed on with the card; ``None`` while no session with it is alive."""
        if self._state is not _State.ACTIVE:
            return None
        ats, rate = self._iso_dep.ats, BASE_RATE * self._divisor
        return Link(
            answer_to_select=ats.encoded,
            rate_to_card=rate,
            rate_to_reader=rate,
            offered_rates=tuple(BASE_RATE * divisor for divisor in ats.divisors),
            frame_to_card=min(ats.frame_size, FRAME_LIMIT),
            frame_to_reader=FRAME_LIMIT,
        )

    def set_deadline(self, seconds_from_now: float) -> None:
        """From then on ``transmit`` raises ``DeadlineExceeded``; a running one ends within a frame's waiting time."""
        self._deadline = self._clock() + seconds_from_now

    # --- APDUs --------------------------------------------------------------------------------------------------------

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send a command and return the answer; activate the card first where that was not done.

        After any error the session is over and each further command raises ``CardRemoved``, so that nothing of an
        old conversation reaches a card that knows nothing of it. ``is_present`` or ``start_over`` begins a new one.

        Raises:
            CardRemoved: the card left. CardProtocolError: it broke the transmission protocol.
            SeveralCards: another card lies beside it.
            ReaderError: the reader failed. DeadlineExceeded: the session's time is over.
        """
        if self._state in (_State.LOST, _State.RELEASED):
            msg = "the session with this card is over"
            raise CardRemoved(msg)
        before, self._state = self._state, _State.LOST
        if before is _State.FOUND:
            self._activate()
        encoded = command.encode()
        self._statistics.apdus += 1
        self._statistics.bytes_sent += len(encoded)
        try:
            answer = self._iso_dep.transceive(encoded)
        except (CardError, DeadlineExceeded):
            self._greatest_divisor = 1  # perhaps it was the speed; the next card is asked anew
            raise
        self._statistics.bytes_received += len(answer)
        response = ResponseApdu.decode(answer)
        self._state = _State.ACTIVE
        return response

    def _activate(self) -> None:
        """Activate the card, at the best rate that it offers if it then answers at it, else at 106 kbit/s.

        A card that agrees to a rate and is deaf at it is found out at once by a question that each card answers in a
        millisecond (7.5.5), and not by the first command, for which it may take its whole frame waiting time, thrice.
        """
        if not self._antenna.is_alone():
            msg = "more than one card lies on the reader"
            raise SeveralCards(msg)
        if not self._antenna.speaks_blocks():
            msg = "the card in the field does not speak ISO 14443-4: it is no identity card"
            raise CardProtocolError(msg)
        self._begin()
        try:
            divisor = self._iso_dep.negotiate_divisor(self._greatest_divisor)
            if divisor == 1:
                return
            self._antenna.set_divisor(divisor)
            self._iso_dep.require_answer()
        except CardError:
            self._greatest_divisor = 1
            if not self._antenna.sense():
                raise
            self._begin()
        else:
            self._divisor = divisor

    def _begin(self) -> None:
        self._divisor = 1
        self._iso_dep = self._new_protocol()
        self._iso_dep.activate()

    def _new_protocol(self) -> IsoDep:
        return IsoDep(self._exchange, pause=self._pause_in_time)

    def _exchange(self, frame: bytes, timeout_s: float) -> bytes:
        left = self._time_left()
        self._statistics.frames += 1
        return self._antenna.exchange(frame, min(timeout_s, left))

    def _pause_in_time(self, seconds: float) -> None:
        if seconds:
            self._pause(min(seconds, self._time_left()))

    def _time_left(self) -> float:
        left = self._deadline - self._clock()
        if left <= 0:
            msg = "the time for this card is over"
            raise DeadlineExceeded(msg)
        return left

    # --- presence and end ---------------------------------------------------------------------------------------------

    def is_present(self) -> bool:
        """Whether a card still answers, whatever the deadline is.

        A session that is alive goes on. One that broke, or was not begun, starts over with whichever card lies there.
        """
        if self._state is _State.RELEASED:
            return False
        if self._state is _State.ACTIVE and self._ask(self._iso_dep.is_present):
            return True
        return self.start_over()

    @property
    def is_unbroken(self) -> bool:
        """Whether the session never broke, so that this is certainly the card that was talked to."""
        return self._state is _State.ACTIVE

    def start_over(self) -> bool:
        """Reset the card by switching the field off and on; return whether one is there to begin a new session with."""
        found = self._antenna.sense()
        self._state = _State.FOUND if found else _State.LOST
        return found

    def release(self) -> None:
        """Deselect the card and switch the field off; calling it again does nothing."""
        before, self._state = self._state, _State.RELEASED
        if before is _State.ACTIVE:
            self._ask(self._iso_dep.deselect)
        if before is not _State.RELEASED:
            self._antenna.field_off()

    def _ask(self, question: Callable[[], bool]) -> bool:
        deadline, self._deadline = self._deadline, self._clock() + _QUESTION_S
        try:
            return question()
        except DeadlineExceeded:
            return False
        finally:
            self._deadline = deadline
