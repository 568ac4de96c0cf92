"""The system's clock jumps in the middle of a meeting: what is recorded keeps the time that passed, and cards pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.checkin.service import Decision
from appliance.clock import TrustedClock
from appliance.config.clock import ClockConfig
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.kiosk.display import DisplayState
from appliance.ledger import EntryKind
from appliance.station.answers import TapResult
from verifier.sdk.testing import VirtualChip

A_YEAR_ON, IN_1970 = timedelta(days=365), datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
LITTLE = timedelta(minutes=10)
"""More than these tests take, and less than any jump."""


@dataclass
class JumpingMachine:
    """A machine whose wall clock jumps, by itself or during a tap; its uptime goes on as ever."""

    began: datetime
    jump: timedelta = timedelta(0)

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.jump

    def boottime(self) -> float:
        return (datetime.now(UTC) - self.began).total_seconds() + 100.0

    def boot_id(self) -> str:
        return "one boot"

    def is_synchronised(self) -> bool:
        return False

    def hardware_clocks(self) -> tuple[datetime, ...]:
        return ()


@pytest.fixture
def machine() -> JumpingMachine:
    return JumpingMachine(datetime.now(UTC))


@pytest.fixture
def simulation(tmp_path: Path, machine: JumpingMachine) -> Iterator[Simulation]:
    """A station that takes its time from where the real one does, on a morning when an officer confirmed it."""
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    clock = TrustedClock(tmp_path / "clock.json", ClockConfig(), machine=machine)
    clock.confirm(datetime.now(UTC), by="an")
    stage = replace(stage, services=replace(stage.services, clock=clock))
    with running(stage, result_seconds=0.0) as simulation:
        door = simulation.door
        door.examiner = replace(door.examiner, clock=clock.now)
        door.clock = door.screen.clock = clock.now
        yield simulation
    stage.services.database.close()


def card_of(simulation: Simulation, key: str) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == key)


def recorded(simulation: Simulation, result: TapResult) -> datetime:
    assert result.sequence is not None
    entry = simulation.stage.services.ledger.entry(result.sequence)
    assert entry.kind is EntryKind.CHECK_IN
    assert entry.body is not None
    assert "clock" not in entry.body, "the time of it is certain"
    return entry.at


def forward(machine: JumpingMachine) -> None:
    machine.jump = A_YEAR_ON


def back(machine: JumpingMachine) -> None:
    machine.jump = IN_1970 - datetime.now(UTC)


@pytest.mark.parametrize("jump", [forward, back])
def test_between_two_taps(
    simulation: Simulation, machine: JumpingMachine, jump: Callable[[JumpingMachine], None]
) -> None:
    before = simulation.tap(card_of(simulation, "genuine"))
    jump(machine)
    after = simulation.tap(card_of(simulation, "older"))
    assert (before.decision, after.decision) == (Decision.PRESENT, Decision.PRESENT)
    passed = recorded(simulation, after) - recorded(simulation, before)
    assert timedelta(0) <= passed < LITTLE
    assert simulation.stage.services.ledger.verify().ok


@pytest.mark.parametrize("jump", [forward, back])
def test_while_a_card_is_being_read(
    simulation: Simulation, machine: JumpingMachine, jump: Callable[[JumpingMachine], None]
) -> None:
    def in_the_middle(number: int, _command: bytes, response: bytes) -> bytes:
        if number == 6:
            jump(machine)
        return response

    card, began = card_of(simulation, "genuine"), datetime.now(UTC)
    assert card.chip is not None
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(card.scanned)
    simulation.reader.field.place(VirtualChip(card.chip, tamper=in_the_middle))
    try:
        result = simulation.results.get(timeout=30)
    finally:
        simulation.reader.field.remove()
    assert result.decision is Decision.PRESENT
    assert began - LITTLE < recorded(simulation, result) < began + LITTLE


def test_there_and_back_again_nobody_is_recorded_twice_and_an_expired_card_stays_expired(
    simulation: Simulation, machine: JumpingMachine
) -> None:
    first = simulation.tap(card_of(simulation, "genuine"))
    for jump in (back, forward, back):
        jump(machine)
        again = simulation.tap(card_of(simulation, "genuine"))
        assert (again.decision, again.sequence) == (Decision.ALREADY_PRESENT, first.sequence)
        assert simulation.tap(card_of(simulation, "expired")).reason == "document-expired"
    machine.jump = timedelta(0)
    assert simulation.tap(card_of(simulation, "older")).decision is Decision.PRESENT


def test_a_time_server_that_vouches_for_the_jump_is_believed_and_the_order_of_entries_stays(
    simulation: Simulation, machine: JumpingMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An officer confirmed the wrong hour; the network comes, and the clock is put right: later entries say so."""
    before = simulation.tap(card_of(simulation, "genuine"))
    machine.jump = timedelta(hours=2)
    monkeypatch.setattr(JumpingMachine, "is_synchronised", lambda _: True)
    after = simulation.tap(card_of(simulation, "older"))
    assert before.sequence is not None
    assert after.sequence is not None
    assert after.sequence > before.sequence
    assert recorded(simulation, after) - recorded(simulation, before) > timedelta(hours=1)
    assert simulation.stage.services.ledger.verify().ok
