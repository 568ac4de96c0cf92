"""What ``reader test`` measures, on the simulated reader and on cards that are made up, and what it concludes."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.firmware_host.link import Link, ReaderFacts
from appliance.firmware_host.measuring import (
    LONG_NAME,
    SELECT_EMRTD,
    CardMeasurement,
    ExtendedLength,
    ReaderMeasurement,
    measure_card,
    open_timed,
)
from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.reader import Statistics
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.firmware_host.verdict import verdicts
from verifier.sdk import CommandApdu, MrzPassword, ResponseApdu, load_profile, read
from verifier.sdk.errors import CardError, CardProtocolError, CardRemoved
from verifier.sdk.testing import SyntheticPki, VirtualChip, invented_person, personalise

AT = datetime(2026, 6, 1, tzinfo=UTC)
PERSON = invented_person(1)
CONTACTLESS, BY_CONTACTS = bytes.fromhex("3B80800101"), bytes.fromhex("3BDF18FF8131FE58")


@pytest.fixture(scope="module")
def chip() -> VirtualChip:
    return personalise(SyntheticPki(at=AT).issue_document_signer(), PERSON)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class MadeUpCard:
    """Takes so much time for each command and each byte of it; ``extended`` answers the long ones."""

    def __init__(self, clock: Clock, *, per_command_s: float = 0.01, per_byte_s: float = 0.0) -> None:
        self.clock, self.per_command_s, self.per_byte_s = clock, per_command_s, per_byte_s
        self.statistics = Statistics()
        self.link: Link | None = Link(answer_to_reset=CONTACTLESS)
        self.extended: Callable[[], ResponseApdu] = lambda: ResponseApdu(b"31", 0x9000)
        self.sent: list[CommandApdu] = []
        self.starts_over = True

    def set_deadline(self, seconds_from_now: float) -> None: ...

    def is_present(self) -> bool:
        return True

    def start_over(self) -> bool:
        return self.starts_over

    def release(self) -> None: ...

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.sent.append(command)
        self.clock.now += self.per_command_s + self.per_byte_s * len(command.encode())
        return self.extended() if command.is_extended else ResponseApdu(b"", 0x9000)


@pytest.fixture
def card() -> MadeUpCard:
    return MadeUpCard(Clock())


# --- measuring --------------------------------------------------------------------------------------------------------


def test_a_card_on_a_real_driver_is_measured_with_its_link(
    reader: Pn532Reader, simulator: SimulatedPn532, chip: VirtualChip
) -> None:
    simulator.field.place(chip, CardOptions(ta=0x11, fsci=5))
    held = reader.wait_for_card(1)
    assert held is not None
    measured = measure_card(held, time.monotonic, commands=20)
    assert measured.link is not None
    assert (measured.link.rate_to_card, measured.link.offered_rates) == (212, (212,))
    assert (measured.link.frame_to_card, measured.link.frame_to_reader) == (64, 256)
    assert (measured.card_access_status, measured.select_status) == (0x9000, 0x9000)
    assert measured.extended_length is ExtendedLength.WORKS
    assert len(measured.round_trips_s) == 20
    assert 0 < min(measured.round_trips_s) <= measured.median_s <= measured.p95_s <= max(measured.round_trips_s)
    assert measured.estimated_rate is None, "the reader says it"


def test_a_card_that_was_measured_opens_to_its_password(
    reader: Pn532Reader, simulator: SimulatedPn532, chip: VirtualChip
) -> None:
    simulator.field.place(chip)
    held = reader.wait_for_card(1)
    assert held is not None
    measure_card(held, time.monotonic, commands=5)
    mrz = MrzPassword(PERSON.document_number, PERSON.date_of_birth, PERSON.date_of_expiry)
    assert held.start_over()
    assert read(held, profile=load_profile("party-card"), password=mrz, at=AT).files


def test_only_commands_that_anybody_may_send_are_sent(card: MadeUpCard) -> None:
    measure_card(card, card.clock)
    assert {(command.ins, command.p1) for command in card.sent} == {(0xA4, 0x04), (0xB0, 0x9C)}


def test_a_card_that_takes_seconds_is_not_asked_fifty_times(card: MadeUpCard) -> None:
    card.per_command_s = 3.0
    assert len(measure_card(card, card.clock).round_trips_s) == 2


@pytest.mark.parametrize("rate", [106, 212, 424, 848])
def test_the_rate_of_a_reader_that_keeps_it_to_itself_is_told_from_long_commands(card: MadeUpCard, rate: int) -> None:
    card.per_byte_s = 9 / (rate * 1000)
    assert measure_card(card, card.clock).estimated_rate == pytest.approx(rate, rel=0.01)


def test_nothing_is_told_of_the_rate_where_length_makes_no_difference(card: MadeUpCard) -> None:
    assert measure_card(card, card.clock).estimated_rate is None
    assert len(LONG_NAME.data) > len(SELECT_EMRTD.data)


def _refuses() -> ResponseApdu:
    return ResponseApdu(b"", 0x6700)


def _gets_lost() -> ResponseApdu:
    msg = "the card's answers cannot be read"
    raise CardProtocolError(msg)


@pytest.mark.parametrize(
    ("extended", "carries", "expected"),
    [
        (lambda: ResponseApdu(b"31", 0x9000), True, ExtendedLength.WORKS),
        (_refuses, True, ExtendedLength.CARD_REFUSES),
        (lambda: ResponseApdu(b"", 0x6D00), True, ExtendedLength.CARD_REFUSES),
        (_refuses, False, ExtendedLength.READER_REFUSES),
        (_gets_lost, True, ExtendedLength.FAILS),
    ],
)
def test_whether_long_commands_pass_is_seen_by_asking_the_same_in_both_forms(
    card: MadeUpCard, extended: Callable[[], ResponseApdu], carries: bool, expected: ExtendedLength
) -> None:
    card.extended = extended
    card.link = Link(answer_to_reset=CONTACTLESS, carries_extended_length=carries)
    assert measure_card(card, card.clock).extended_length is expected


def test_a_card_that_leaves_over_a_long_command_has_left(card: MadeUpCard) -> None:
    def leaves() -> ResponseApdu:
        msg = "the card left"
        raise CardRemoved(msg)

    card.extended, card.starts_over = leaves, False
    with pytest.raises(CardError):
        measure_card(card, card.clock)


def test_opening_is_timed_and_the_reader_asked_what_it_is(simulator: SimulatedPn532) -> None:
    reader = Pn532Reader(simulator.path, patience_s=3.0)
    opened_s, facts = open_timed(reader, time.monotonic)
    assert opened_s > 0
    assert facts.description.startswith("PN532")
    reader.close()


# --- what it comes to -------------------------------------------------------------------------------------------------

GOOD = CardMeasurement(
    link=Link(answer_to_select=b"\x05", rate_to_card=424, rate_to_reader=424, offered_rates=(212, 424)),
    first_answer_s=0.03,
    card_access_status=0x9000,
    select_status=0x9000,
    round_trips_s=(0.01, 0.01, 0.02),
    extended_length=ExtendedLength.WORKS,
    estimated_rate=None,
)
READER = ReaderMeasurement(0.2, ReaderFacts("PN532", "/dev/ttyUSB0", 921_600, 0.002), latency_timer_ms=1, card=GOOD)
SLOW_LINK = replace(GOOD.link or Link(), rate_to_card=106, rate_to_reader=106)


def test_a_good_reader_has_nothing_said_against_it() -> None:
    assert verdicts(READER) == ()
    assert verdicts(replace(READER, latency_timer_ms=None, card=None)) == ()


@pytest.mark.parametrize(
    ("measured", "code", "is_fault", "said"),
    [
        (replace(READER, latency_timer_ms=16), "latency-timer", True, "16 ms"),
        (replace(READER, facts=replace(READER.facts, round_trip_s=0.017)), "slow-line", True, "17 ms"),
        (replace(READER, card=replace(GOOD, round_trips_s=(0.2, 0.2))), "slow-commands", True, "200 ms"),
        (replace(READER, card=replace(GOOD, link=SLOW_LINK)), "fell-back", True, "212 and 424"),
        (
            replace(READER, card=replace(GOOD, link=replace(SLOW_LINK, offered_rates=()))),
            "card-106-only",
            False,
            "106 kbit/s",
        ),
        (
            replace(READER, card=replace(GOOD, extended_length=ExtendedLength.READER_REFUSES)),
            "reader-short-only",
            True,
            "short commands",
        ),
        (
            replace(READER, card=replace(GOOD, extended_length=ExtendedLength.CARD_REFUSES)),
            "card-short-only",
            False,
            "the card, not the reader",
        ),
        (replace(READER, card=replace(GOOD, select_status=0x6A82)), "other-card", False, "6A82"),
        (replace(READER, card=replace(GOOD, link=Link(answer_to_reset=BY_CONTACTS))), "by-contacts", True, "contacts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_thing_that_is_not_as_it_should_be_is_said(
    measured: ReaderMeasurement, code: str, is_fault: bool, said: str
) -> None:
    (verdict,) = verdicts(measured)
    assert (verdict.code, verdict.is_fault) == (code, is_fault)
    assert said in verdict.sentence


def test_the_file_that_mends_a_slow_adapter_is_there() -> None:
    (verdict,) = verdicts(replace(READER, latency_timer_ms=16))
    (named,) = [word for word in verdict.sentence.split() if word.startswith("images/")]
    assert 'ATTR{latency_timer}="1"' in (Path(__file__).parents[3] / named).read_text()


def test_a_card_at_848_only_is_no_fault_of_a_reader_that_goes_up_to_424() -> None:
    link = replace(SLOW_LINK, offered_rates=(848,))
    assert verdicts(replace(READER, card=replace(GOOD, link=link))) == ()


def test_faults_of_the_reader_are_said_before_what_is_the_cards() -> None:
    card = replace(GOOD, extended_length=ExtendedLength.CARD_REFUSES, round_trips_s=(0.2, 0.2))
    assert [one.code for one in verdicts(replace(READER, card=card))] == ["slow-commands", "card-short-only"]


@pytest.mark.parametrize(
    ("atr", "is_contactless"),
    [(CONTACTLESS, True), (bytes.fromhex("3B8A80014A434F503331563233327A"), True), (BY_CONTACTS, False), (b"", False)],
)
def test_an_atr_tells_whether_the_card_is_contactless(atr: bytes, is_contactless: bool) -> None:
    assert Link(answer_to_reset=atr).is_contactless is is_contactless
