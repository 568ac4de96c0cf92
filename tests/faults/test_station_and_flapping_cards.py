"""A card that goes in and out of the field, or that nobody holds still: answers, and no growth."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.kiosk.display import DisplayState
from appliance.station.answers import TapResult
from verifier.sdk.testing import VirtualChip

TIMES, PERIOD_S = 20, 0.1
SERVED = {Decision.PRESENT, Decision.ALREADY_PRESENT}


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        simulation.door.session_seconds = 2.0
        yield simulation


def genuine(simulation: Simulation) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == "genuine")


def flap(simulation: Simulation, chip: VirtualChip) -> None:
    """Twenty times in two seconds."""
    for _ in range(TIMES):
        simulation.reader.field.place(chip)
        time.sleep(PERIOD_S / 2)
        simulation.reader.field.remove()
        time.sleep(PERIOD_S / 2)


def answers(simulation: Simulation) -> list[TapResult]:
    """Wait until nothing is under way any more, and return what was answered."""
    simulation.wait_for(DisplayState.READY)
    found = []
    while not simulation.results.empty():
        found.append(simulation.results.get())
    return found


def test_a_card_that_flaps_in_and_out_is_answered_each_time_and_recorded_at_most_once(simulation: Simulation) -> None:
    card = genuine(simulation)
    assert card.chip is not None
    entries = simulation.stage.services.ledger.verify().entries
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(card.scanned)
    flap(simulation, VirtualChip(card.chip))
    found = answers(simulation)
    assert {result.decision for result in found} <= {Decision.TRY_AGAIN, Decision.PRESENT}
    present = [result for result in found if result.decision is Decision.PRESENT]
    verdict = simulation.stage.services.ledger.verify()
    assert verdict.ok
    assert verdict.entries - entries == len(present) <= 1
    assert simulation.tap(card).decision in SERVED


def test_flapping_leaves_no_descriptor_and_no_thread(simulation: Simulation) -> None:
    card = genuine(simulation)
    assert card.chip is not None
    simulation.tap(card)
    simulation.wait_for(DisplayState.READY)
    descriptors, threads = held()
    for _ in range(2):
        flap(simulation, VirtualChip(card.chip))
        answers(simulation)
    assert held() == (descriptors, threads)


def held() -> tuple[int, int]:
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def test_a_card_that_stutters_on_the_air_is_read_in_one_go(simulation: Simulation) -> None:
    """Every fifth frame is lost, as at the edge of the field: blocks are asked for again, the tap is one tap."""
    card = genuine(simulation)
    assert card.chip is not None
    simulation.door.session_seconds = 20.0
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(card.scanned)
    simulation.reader.field.place(VirtualChip(card.chip), air=lambda index, frame: None if index % 5 == 4 else frame)
    try:
        result = simulation.results.get(timeout=60)
    finally:
        simulation.reader.field.remove()
    assert result.decision is Decision.PRESENT
