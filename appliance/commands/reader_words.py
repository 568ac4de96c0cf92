"""How ``reader test`` says what it measured."""

from collections.abc import Sequence

from appliance.config import ReaderConfig
from appliance.firmware_host.link import Link
from appliance.firmware_host.measuring import CardMeasurement, ReaderMeasurement
from appliance.firmware_host.readers import place_of
from appliance.firmware_host.verdict import Verdict

_RATES = (106, 212, 424, 848)


def lines_of_reader(measured: ReaderMeasurement) -> list[str]:
    """Return what is known without a card."""
    facts, timer = measured.facts, measured.latency_timer_ms
    about = [facts.description]
    if facts.device_file is not None:
        about.append(f"at {facts.device_file}")
    if facts.line_bit_s is not None:
        about.append(f"{facts.line_bit_s} bit/s")
    if facts.round_trip_s is not None:
        about.append(f"answers in {_ms(facts.round_trip_s)}")
    if timer is not None:
        about.append(f"latency_timer {timer} ms")
    return [f"Opened in {_ms(measured.opened_s)}: {', '.join(about)}."]


def lines_of_card(measured: ReaderMeasurement) -> list[str]:
    """Return what was seen of the card, nothing where there was none."""
    card = measured.card
    if card is None:
        return []
    return [
        f"Card: {_kind(card.link)}; first answer after {_ms(card.first_answer_s)}; EF.CardAccess answers "
        f"{card.card_access_status:04X}, the eMRTD application {card.select_status:04X}.",
        f"Bit rate: {_rate(card)}.",
        *_frames(card.link),
        f"Speed: {card.apdus_per_s:.0f} commands a second (SELECT, {len(card.round_trips_s)} times); one takes "
        f"{_ms(card.median_s)} (median), {_ms(card.p95_s)} (95 %).",
        f"Extended length: {card.extended_length.value}.",
    ]


def lines_of_verdict(measured: ReaderMeasurement, found: Sequence[Verdict], *, waited_s: float) -> list[str]:
    """Return the verdict; without a card only what the reader itself has to answer for."""
    if measured.card is None:
        if any(verdict.is_fault for verdict in found):
            return [f"No card came within {waited_s:g} s.", *(f"Verdict: {verdict.sentence}." for verdict in found)]
        return [f"No card came within {waited_s:g} s. The reader answers; whether it reads cards was not seen."]
    good = [] if any(verdict.is_fault for verdict in found) else ["Verdict: good."]
    return good + [f"{'Verdict' if verdict.is_fault else 'Note'}: {verdict.sentence}." for verdict in found]


def fields_of(
    name: str, config: ReaderConfig, measured: ReaderMeasurement, found: Sequence[Verdict]
) -> dict[str, object]:
    """Return the same for programs; durations in milliseconds, rates in kbit/s."""
    facts = measured.facts
    return {
        "reader": name,
        "kind": config.kind,
        "place": place_of(config),
        "opened_ms": _number(measured.opened_s),
        "description": facts.description,
        "device_file": facts.device_file,
        "line_bit_s": facts.line_bit_s,
        "reader_ms": _number(facts.round_trip_s),
        "latency_timer_ms": measured.latency_timer_ms,
        "card": None if measured.card is None else _card_fields(measured.card),
        "good": measured.card is not None and not any(verdict.is_fault for verdict in found),
        "verdicts": [{"code": one.code, "sentence": one.sentence, "fault": one.is_fault} for one in found],
    }


def _card_fields(card: CardMeasurement) -> dict[str, object]:
    link = card.link or Link()
    return {
        "contactless": link.is_contactless,
        "ats": None if link.answer_to_select is None else link.answer_to_select.hex(),
        "atr": None if link.answer_to_reset is None else link.answer_to_reset.hex(),
        "rate_to_card": link.rate_to_card,
        "rate_to_reader": link.rate_to_reader,
        "offered_rates": None if link.offered_rates is None else list(link.offered_rates),
        "estimated_rate": None if card.estimated_rate is None else round(card.estimated_rate),
        "frame_to_card": link.frame_to_card,
        "frame_to_reader": link.frame_to_reader,
        "card_access_status": f"{card.card_access_status:04X}",
        "select_status": f"{card.select_status:04X}",
        "first_answer_ms": _number(card.first_answer_s),
        "commands": len(card.round_trips_s),
        "commands_per_second": round(card.apdus_per_s, 1),
        "median_ms": _number(card.median_s),
        "p95_ms": _number(card.p95_s),
        "extended_length": card.extended_length.name.lower().replace("_", "-"),
    }


def _kind(link: Link | None) -> str:
    if link is None:
        return "of which the reader tells nothing"
    if link.answer_to_select is not None:
        return f"type A, ISO 14443-4, ATS {link.answer_to_select.hex().upper()}"
    way = "contactless" if link.is_contactless else "by contacts"
    return f"{way}, ATR {(link.answer_to_reset or b'').hex().upper()}"


def _rate(card: CardMeasurement) -> str:
    link = card.link or Link()
    if link.rate_to_card is not None:
        offered = " and ".join(map(str, link.offered_rates or ())) or "no more than 106"
        return (
            f"{link.rate_to_card} kbit/s to the card, {link.rate_to_reader} kbit/s to the reader; "
            f"the card offers {offered}"
        )
    if card.estimated_rate is None:
        return "the reader keeps it to itself, and it is too fast to be told from outside"
    nearest = min(_RATES, key=lambda rate: abs(rate - (card.estimated_rate or 0)))
    return f"the reader keeps it to itself; long commands travel as at about {nearest} kbit/s"


def _frames(link: Link | None) -> list[str]:
    if link is None or link.frame_to_card is None:
        return []
    return [f"Frames: up to {link.frame_to_card} bytes to the card, up to {link.frame_to_reader} to the reader."]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def _number(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
