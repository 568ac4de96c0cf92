"""What a reader is worth: how fast it opens and answers, with a card held to it.

No command here proves or tries a password, so none can count as a failed authentication or slow a chip down: the
application is selected, EF.CardAccess is read, which each card gives to anybody, and a name that no application has is
looked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from statistics import median, quantiles

from appliance.firmware_host.link import Link, ReaderFacts, TellsFacts, TellsLink
from appliance.firmware_host.reader import CardInField, Reader
from verifier.sdk import CommandApdu, ResponseApdu
from verifier.sdk.errors import CardError

SELECT_EMRTD = CommandApdu(0x00, 0xA4, 0x04, 0x0C, data=bytes.fromhex("A0000002471001"))
"""SELECT the eMRTD application by its name, with no answer but the status word (ICAO 9303-10, 3.3)."""
READ_CARD_ACCESS = CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=256)
"""READ BINARY of EF.CardAccess by its short identifier 1C (ICAO 9303-10, 3.11.1)."""
READ_CARD_ACCESS_EXTENDED = CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=65_536)
LONG_NAME = CommandApdu(0x00, 0xA4, 0x04, 0x0C, data=bytes(240))
"""SELECT by what is no name (they have 16 bytes at most: ISO/IEC 7816-4, 8.2.1.2), and has to travel all the same."""

COMMANDS = 50
LONGEST_S = 5.0
_LONG_COMMANDS = 9
_DEADLINE_S = 30.0
_WRONG_LENGTH = 0x6700
_BITS_PER_BYTE = 9
"""On the air, with parity (ISO/IEC 14443-3, 6.1)."""


class ExtendedLength(Enum):
    """Whether commands of extended length reach the card and come back."""

    WORKS = "works"
    READER_REFUSES = "the reader refuses it"
    CARD_REFUSES = "the card refuses it"
    FAILS = "the card falls silent over it"


@dataclass(frozen=True, slots=True)
class CardMeasurement:
    """What was seen of the card that was held to the reader. Durations in seconds."""

    link: Link | None
    first_answer_s: float
    """From the first command to its answer: activation, bit rate and the command itself."""
    card_access_status: int
    select_status: int
    round_trips_s: tuple[float, ...]
    """Of SELECT, one after another."""
    extended_length: ExtendedLength
    estimated_rate: float | None
    """kbit/s to the card, from how much longer a long command takes; ``None`` where that cannot be told."""

    @property
    def apdus_per_s(self) -> float:
        """Commands carried out in one second."""
        return len(self.round_trips_s) / sum(self.round_trips_s)

    @property
    def median_s(self) -> float:
        """The round trip of one command, half of them are faster."""
        return median(self.round_trips_s)

    @property
    def p95_s(self) -> float:
        """The round trip than which one in twenty is slower."""
        return quantiles(self.round_trips_s, n=20, method="inclusive")[-1]


@dataclass(frozen=True, slots=True)
class ReaderMeasurement:
    """What was seen of a reader; ``card`` is ``None`` where none was held to it."""

    opened_s: float
    facts: ReaderFacts
    latency_timer_ms: int | None
    card: CardMeasurement | None


def open_timed(reader: Reader, clock: Callable[[], float]) -> tuple[float, ReaderFacts]:
    """Open a reader; return how long that took, and what it says of itself. Raises ``ReaderError``."""
    began = clock()
    reader.open()
    opened_s = clock() - began
    return opened_s, reader.facts() if isinstance(reader, TellsFacts) else ReaderFacts(reader.name)


def measure_card(card: CardInField, clock: Callable[[], float], *, commands: int = COMMANDS) -> CardMeasurement:
    """Measure the way to a card that was just found. Needs two commands at least.

    Raises:
        CardError, DeadlineExceeded: the card left or broke off. ReaderError: the reader failed.
    """
    card.set_deadline(_DEADLINE_S)
    first, first_answer_s = _timed(card, READ_CARD_ACCESS, clock)
    extended = _try_extended_length(card, first)
    select, _ = _timed(card, SELECT_EMRTD, clock)
    link = card.link if isinstance(card, TellsLink) else None
    round_trips = _round_trips(card, SELECT_EMRTD, commands, clock)
    knows_rate = link is not None and link.rate_to_card is not None
    long_trips = () if knows_rate else _round_trips(card, LONG_NAME, _LONG_COMMANDS, clock)
    return CardMeasurement(
        link=link,
        first_answer_s=first_answer_s,
        card_access_status=first.status,
        select_status=select.status,
        round_trips_s=round_trips,
        extended_length=extended,
        estimated_rate=_rate(median(long_trips) - median(round_trips)) if long_trips else None,
    )


def _timed(card: CardInField, command: CommandApdu, clock: Callable[[], float]) -> tuple[ResponseApdu, float]:
    began = clock()
    response = card.transmit(command)
    return response, clock() - began


def _round_trips(card: CardInField, command: CommandApdu, count: int, clock: Callable[[], float]) -> tuple[float, ...]:
    """Send a command so many times, or twice at least and then until it was enough of a wait."""
    durations: list[float] = []
    while len(durations) < count and (len(durations) < 2 or sum(durations) < LONGEST_S):
        durations.append(_timed(card, command, clock)[1])
    return tuple(durations)


def _try_extended_length(card: CardInField, short_answer: ResponseApdu) -> ExtendedLength:
    """Ask in the extended form for what was just asked in the short one: the same answer means that it arrived.

    Only the form differs. A card or a reader without it says 6700, wrong length.
    """
    try:
        answer = card.transmit(READ_CARD_ACCESS_EXTENDED)
    except CardError:
        if not card.start_over():
            raise
        return ExtendedLength.FAILS
    link = card.link if isinstance(card, TellsLink) else None
    if link is not None and not link.carries_extended_length:
        return ExtendedLength.READER_REFUSES
    if answer.status == _WRONG_LENGTH or (short_answer.is_ok and not answer.is_ok):
        return ExtendedLength.CARD_REFUSES
    return ExtendedLength.WORKS


def _rate(longer_s: float) -> float | None:
    """Return kbit/s from the time that the long name takes beyond the short one, if there is anything to tell from."""
    more_bytes = len(LONG_NAME.data) - len(SELECT_EMRTD.data)
    if longer_s < _LEAST_DIFFERENCE_S:
        return None
    return more_bytes * _BITS_PER_BYTE / longer_s / 1000


_LEAST_DIFFERENCE_S = 0.001
"""Less than a USB frame tells nothing."""
