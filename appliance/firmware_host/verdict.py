"""What a measured reader comes to, and what to do about it, in words."""

from dataclasses import dataclass

from appliance.firmware_host.card_session import BASE_RATE
from appliance.firmware_host.measuring import CardMeasurement, ExtendedLength, ReaderMeasurement

SLOW_LINE_S = 0.008
"""A PN532 answers a question of 9 bytes in 1 or 2 ms; an adapter with a latency timer in 16."""
_SUCCESS = 0x9000
SLOW_COMMAND_S = 0.1
"""At 106 kbit/s SELECT travels in 3 ms, and a slow chip takes 30."""

_LATENCY_TIMER = (
    "slow: the adapter may hold each answer back for {ms} ms (latency_timer); copy "
    "images/overlay/etc/udev/rules.d/61-thechip-reader.rules to /etc/udev/rules.d and plug it in again"
)
_SLOW_LINE = "slow: the reader takes {ms:.0f} ms for an answer that needs no card; try another USB socket or adapter"
_SLOW_COMMAND = "slow: a command takes {ms:.0f} ms; hold the card flatter and nearer, or try another card"
_FELL_BACK = (
    "slow: the card offers {offered} kbit/s, but did not answer at it here, and was read at {rate}; "
    "hold it flatter and nearer; if it comes with each card, the antenna is weak"
)
_BASE_RATE_ONLY = "this card offers only 106 kbit/s; that is the card, not the reader"
_READER_IS_SHORT = "the reader carries short commands only, so that each card takes longer; a newer one would not"
_CARD_IS_SHORT = "this card takes short commands only; that is the card, not the reader"
_NO_APPLICATION = (
    "this card has no application of identity documents ({status:04X}); try a card of the kind that is read here"
)
_NOT_CONTACTLESS = "the card answers through its contacts; a card for this system is held to the reader"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that was found."""

    code: str
    sentence: str
    is_fault: bool
    """Whether something about the reader should be changed."""


def verdicts(measured: ReaderMeasurement) -> tuple[Verdict, ...]:
    """Return everything worth saying, faults first; nothing where all is as it should be."""
    found = list(_of_line(measured))
    if measured.card is not None:
        found += _of_card(measured.card)
    return tuple(sorted(found, key=lambda verdict: not verdict.is_fault))


def _of_line(measured: ReaderMeasurement) -> list[Verdict]:
    timer, round_trip = measured.latency_timer_ms, measured.facts.round_trip_s
    if timer is not None and timer > 1:
        return [Verdict("latency-timer", _LATENCY_TIMER.format(ms=timer), is_fault=True)]
    if round_trip is not None and round_trip > SLOW_LINE_S:
        return [Verdict("slow-line", _SLOW_LINE.format(ms=round_trip * 1000), is_fault=True)]
    return []


def _of_card(card: CardMeasurement) -> list[Verdict]:
    found = []
    if card.median_s > SLOW_COMMAND_S:
        found.append(Verdict("slow-commands", _SLOW_COMMAND.format(ms=card.median_s * 1000), is_fault=True))
    if card.extended_length is ExtendedLength.READER_REFUSES:
        found.append(Verdict("reader-short-only", _READER_IS_SHORT, is_fault=True))
    elif card.extended_length is not ExtendedLength.WORKS:
        found.append(Verdict("card-short-only", _CARD_IS_SHORT, is_fault=False))
    if card.select_status != _SUCCESS:
        found.append(Verdict("other-card", _NO_APPLICATION.format(status=card.select_status), is_fault=False))
    return found + _of_rate(card)


def _of_rate(card: CardMeasurement) -> list[Verdict]:
    link = card.link
    if link is None:
        return []
    if link.answer_to_reset and not link.is_contactless:
        return [Verdict("by-contacts", _NOT_CONTACTLESS, is_fault=True)]
    if link.offered_rates is None or link.rate_to_card is None:
        return []
    if not link.offered_rates:
        return [Verdict("card-106-only", _BASE_RATE_ONLY, is_fault=False)]
    if link.rate_to_card == BASE_RATE and min(link.offered_rates) <= 4 * BASE_RATE:
        offered = " and ".join(map(str, link.offered_rates))
        return [Verdict("fell-back", _FELL_BACK.format(offered=offered, rate=link.rate_to_card), is_fault=True)]
    return []
