"""The next person's card is laid down at once: everybody has an answer, and nobody another person's."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.link_model import LinkModel
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.kiosk.display import DisplayState
from verifier.sdk.testing import VirtualChip


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0, new_reader=lambda: SimulatedPn532(link=LinkModel())) as simulation:
        yield simulation


def card_of(simulation: Simulation, key: str) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == key)


def lay(simulation: Simulation, card: DemoCard, options: CardOptions) -> None:
    assert card.chip is not None
    simulation.reader.field.place(VirtualChip(card.chip), options)


@pytest.mark.parametrize("gap_s", [0.0, 0.02, 0.1, 0.3, 0.8])
@pytest.mark.parametrize("frame_waiting", [0x80, 0xA0])
def test_a_card_that_follows_at_once_is_read_and_answered(
    simulation: Simulation, gap_s: float, frame_waiting: int
) -> None:
    first, second = card_of(simulation, "genuine"), card_of(simulation, "older")
    options = CardOptions(tb=frame_waiting)
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(first.scanned)
    lay(simulation, first, options)
    one = simulation.results.get(timeout=30)
    simulation.scanner.scan(second.scanned)
    simulation.reader.field.remove()
    time.sleep(gap_s)
    lay(simulation, second, options)
    two = simulation.results.get(timeout=30)
    assert (one.decision, two.decision) == (Decision.PRESENT, Decision.PRESENT)
    assert two.sequence != one.sequence


def test_a_card_that_trembles_is_not_asked_for_a_second_scan(simulation: Simulation) -> None:
    card = card_of(simulation, "genuine")
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(card.scanned)
    lay(simulation, card, CardOptions())
    assert simulation.results.get(timeout=30).decision is Decision.PRESENT
    for _ in range(5):
        simulation.reader.field.remove()
        lay(simulation, card, CardOptions())
        time.sleep(0.1)
    shown = simulation.stage.services.board.latest()
    assert shown is not None
    assert shown.state is DisplayState.PRESENT
    assert simulation.results.empty()


def test_whoever_scanned_another_cards_code_scans_again_without_lifting_the_card(simulation: Simulation) -> None:
    card, other = card_of(simulation, "genuine"), card_of(simulation, "chosen")
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(other.member.can)
    lay(simulation, card, CardOptions())
    assert simulation.results.get(timeout=30).reason == "access-denied"
    simulation.scanner.scan(card.scanned)
    assert simulation.results.get(timeout=30).decision is Decision.PRESENT


def test_of_a_code_scanned_thrice_and_another_the_last_one_counts(simulation: Simulation) -> None:
    first, second = card_of(simulation, "genuine"), card_of(simulation, "older")
    simulation.wait_for(DisplayState.READY)
    for scanned in (first.scanned, first.scanned, first.scanned, second.scanned):
        simulation.scanner.scan(scanned)
    time.sleep(0.5)
    lay(simulation, second, CardOptions())
    assert simulation.results.get(timeout=30).decision is Decision.PRESENT
