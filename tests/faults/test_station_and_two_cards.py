"""Two cards held to one reader at once: nobody can tell which one is meant, and neither is recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.kiosk.display import DisplayState
from appliance.kiosk.phrases import sentence_for_reason
from verifier.sdk import CommandApdu
from verifier.sdk.errors import SeveralCards
from verifier.sdk.testing import VirtualChip


class NamedChip:
    """Answers each command with its own name."""

    def __init__(self, name: bytes) -> None:
        self.name = name

    def process(self, _command: bytes) -> bytes:
        return self.name + b"\x90\x00"


@pytest.fixture
def simulator() -> Iterator[SimulatedPn532]:
    with SimulatedPn532() as simulated:
        yield simulated


@pytest.fixture
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path_factory.mktemp("station"), at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        yield simulation


def chip_of(simulation: Simulation, key: str) -> tuple[DemoCard, VirtualChip]:
    card = next(card for card in simulation.stage.cards if card.key == key)
    assert card.chip is not None
    return card, VirtualChip(card.chip)


def test_the_chip_by_itself_picks_one_of_two_cards_and_says_nothing_of_the_other(simulator: SimulatedPn532) -> None:
    """What every driver that asks for one card gets, nfcpy's own included: it may be the one or the other."""
    reader = Pn532Reader(simulator.path, patience_s=5.0, remember_registers=False)
    reader.open()
    answered = set()
    for _ in range(64):  # the UIDs are random with each power cycle
        simulator.field.place(NamedChip(b"one"))
        simulator.field.place_beside(NamedChip(b"two"))
        card = reader.wait_for_card(5)
        assert card is not None
        answered.add(card.transmit(CommandApdu(0, 0xEE, 0, 0, le=256)).data)
        card.release()
    reader.close()
    assert answered == {b"one", b"two"}


def test_the_reader_tells_of_two_cards_and_talks_to_neither(simulator: SimulatedPn532) -> None:
    reader = Pn532Reader(simulator.path, patience_s=5.0)
    reader.open()
    simulator.field.place(NamedChip(b"one"))
    simulator.field.place_beside(NamedChip(b"two"))
    card = reader.wait_for_card(5)
    assert card is not None
    before = simulator.field.frames_from_reader
    with pytest.raises(SeveralCards):
        card.transmit(CommandApdu(0, 0xEE, 0, 0, le=256))
    assert simulator.field.frames_from_reader == before
    simulator.field.place(NamedChip(b"one"))
    assert card.start_over()
    assert card.transmit(CommandApdu(0, 0xEE, 0, 0, le=256)).data == b"one", "as soon as it lies there alone"
    reader.close()


def test_two_cards_at_once_are_told_apart_by_nobody_and_neither_is_recorded(simulation: Simulation) -> None:
    entries = simulation.stage.services.ledger.verify().entries
    genuine, one = chip_of(simulation, "genuine")
    _, other = chip_of(simulation, "late")
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(genuine.scanned)
    simulation.reader.field.place(one)
    simulation.reader.field.place_beside(other)
    try:
        result = simulation.results.get(timeout=30)
    finally:
        simulation.reader.field.remove()
    assert (result.decision, result.reason) == (Decision.TRY_AGAIN, "several-cards")
    assert "one card" in sentence_for_reason(result.reason, DisplayState.ONCE_MORE).en.lower()
    assert simulation.stage.services.ledger.verify().entries == entries
    assert simulation.tap(genuine).decision is Decision.PRESENT
