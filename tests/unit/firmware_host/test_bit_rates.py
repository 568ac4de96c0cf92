"""Above 106 kbit/s: what a card offers is used, and one that fails at it is read all the same, in the same tap."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from appliance.firmware_host.link import Link, TellsLink
from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.reader import CardInField
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.field import Garbled
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from verifier.sdk import CommandApdu, MrzPassword, load_profile, read
from verifier.sdk.errors import CardError, CardProtocolError
from verifier.sdk.testing import SyntheticPki, invented_person, personalise

Echo = Callable[[int], CommandApdu]
AT = datetime(2026, 6, 1, tzinfo=UTC)
PERSON = invented_person(1)
MRZ = MrzPassword(PERSON.document_number, PERSON.date_of_birth, PERSON.date_of_expiry)


def found(reader: Pn532Reader) -> CardInField:
    card = reader.wait_for_card(1)
    assert card is not None
    return card


def link_of(card: CardInField) -> Link:
    assert isinstance(card, TellsLink)
    assert card.link is not None
    return card.link


@pytest.mark.parametrize(
    "rates",
    [
        (CardOptions(ta=0x77), (212, 424, 848), 424),
        (CardOptions(ta=0x33), (212, 424), 424),
        (CardOptions(ta=0x11), (212,), 212),
        (CardOptions(ta=0x13), (212,), 212),
        (CardOptions(ta=0x12), (), 106),
        (CardOptions(ta=0x80), (), 106),
        (CardOptions(ta=None), (), 106),
        (CardOptions(ta=0x33, agrees_to_rates=False), (212, 424), 106),
    ],
    ids=repr,
)
def test_the_best_rate_that_reader_and_card_know_both_ways_is_used(
    reader: Pn532Reader,
    simulator: SimulatedPn532,
    echo_chip: object,
    echo: Echo,
    rates: tuple[CardOptions, tuple[int, ...], int],
) -> None:
    options, offered, rate = rates
    simulator.field.place(echo_chip, options)
    card = found(reader)
    assert card.transmit(echo(700)).data == echo(700).data
    link = link_of(card)
    assert (link.offered_rates, link.rate_to_card, link.rate_to_reader) == (offered, rate, rate)


@pytest.mark.parametrize(
    "options",
    [
        CardOptions(hears_up_to=1),
        CardOptions(hears_up_to=1, tb=0xE0),
        CardOptions(agrees_to_rates=False, tb=0xE0),
    ],
    ids=["deaf", "deaf, and may take 5 s for each answer", "silent when asked, and may take 5 s"],
)
def test_a_card_that_does_not_keep_to_its_offer_is_read_at_106_without_anybody_noticing(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo, options: CardOptions
) -> None:
    simulator.field.place(echo_chip, options)
    card = found(reader)
    card.set_deadline(4)  # less than one frame waiting time of the slow card
    assert card.transmit(echo(300)).data == echo(300).data
    assert link_of(card).rate_to_card == 106


def test_the_next_card_is_asked_for_its_best_rate_again(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip, CardOptions(hears_up_to=1))
    card = found(reader)
    card.transmit(echo(1))
    card.release()
    simulator.field.place(echo_chip)
    card = found(reader)
    card.transmit(echo(1))
    assert link_of(card).rate_to_card == 424


def test_a_card_whose_long_frames_are_damaged_above_106_is_read_at_106_by_the_second_session_of_the_tap(
    reader: Pn532Reader, simulator: SimulatedPn532
) -> None:
    """Short frames get through, so that the rate seems good; the first long answer is lost with each of its repeats."""

    def weak(_: int, frame: bytes) -> bytes:
        if len(frame) > 100 and simulator.chip._registers[0x6302] & 0x70:
            raise Garbled
        return frame

    chip = personalise(SyntheticPki(at=AT).issue_document_signer(), PERSON)
    profile = load_profile("party-card")
    simulator.field.place(chip, air=weak)
    card = found(reader)
    with pytest.raises(CardProtocolError):
        read(card, profile=profile, password=MRZ, at=AT)
    assert card.start_over()
    assert read(card, profile=profile, password=MRZ, at=AT).files
    assert link_of(card).rate_to_card == 106
    card.release()

    simulator.field.place(chip)
    card = found(reader)
    assert read(card, profile=profile, password=MRZ, at=AT).files
    assert link_of(card).rate_to_card == 424


def test_a_card_that_leaves_while_the_rate_is_tried_has_left(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip, remove_after_frames=2)  # RATS and PPS
    card = found(reader)
    with pytest.raises(CardError):
        card.transmit(echo(1))
    assert not card.is_present()


def test_a_session_that_is_over_tells_nothing_of_its_link(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip)
    card = found(reader)
    assert isinstance(card, TellsLink)
    assert card.link is None
    card.transmit(echo(1))
    assert card.link is not None
    card.release()
    assert card.link is None
