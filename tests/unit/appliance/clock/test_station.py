"""A whole station on a device that does not know the time: a good card goes to the officer, and passes afterwards."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.checkin.service import Decision
from appliance.clock import TrustedClock
from appliance.config.clock import ClockConfig
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.kiosk.display import DisplayState
from appliance.kiosk.phrases import REASONS
from verifier.sdk import Outcome
from verifier.sdk.testing import SyntheticCardStatus, VirtualChip

SENTENCE = REASONS["clock-not-trusted"]


@pytest.fixture
def simulation(appliance: Any) -> Iterator[Simulation]:
    """The demo's station over a clock that nobody vouches for; the machine's own shows the right time."""
    stage = Stage.set_up(appliance.state / "state", at=datetime.now(UTC), open_meeting=True)
    appliance.machine.at = datetime.now(UTC)
    clock = TrustedClock(appliance.file, ClockConfig(), machine=appliance.machine)
    stage = replace(stage, services=replace(stage.services, clock=clock))
    with running(stage, result_seconds=0.0) as simulation:
        yield simulation
    stage.services.database.close()


def hold(simulation: Simulation, key: str) -> Any:
    """Hold a card to the reader although the kiosk does not invite it."""
    card = next(card for card in simulation.stage.cards if card.key == key)
    assert card.chip is not None
    simulation.scanner.scan(card.scanned)
    simulation.reader.field.place(VirtualChip(card.chip))
    try:
        return simulation.results.get(timeout=20)
    finally:
        simulation.reader.field.remove()


def test_a_good_card_waits_for_the_time_and_then_passes(simulation: Simulation, appliance: Any) -> None:
    services = simulation.stage.services
    entries = len(services.ledger.entries())

    simulation.wait_for(DisplayState.SEE_OFFICER)  # before anybody holds a card to it
    shown = services.board.latest()
    assert shown is not None
    assert (shown.detail_vi, shown.detail_en) == (SENTENCE.vi, SENTENCE.en)

    result = hold(simulation, "genuine")
    assert (result.outcome, result.reason) == (Outcome.INDETERMINATE, "clock-not-trusted")
    assert (result.decision, result.sequence) == (Decision.SEE_OFFICER, None)
    assert len(services.ledger.entries()) == entries

    services.clock.confirm(datetime.now(UTC), by="an")
    simulation.wait_for(DisplayState.READY)
    assert hold(simulation, "genuine").decision is Decision.PRESENT

    simulation.wait_for(DisplayState.READY)
    appliance.machine.at += timedelta(days=4000)  # in the middle of the meeting
    assert hold(simulation, "genuine").decision is Decision.ALREADY_PRESENT


def test_a_revoked_card_is_refused_at_any_time(simulation: Simulation) -> None:
    simulation.wait_for(DisplayState.SEE_OFFICER)
    result = hold(simulation, "revoked")
    assert (result.decision, result.reason) == (Decision.REFUSED, "card-revoked")
    recorded = simulation.stage.services.ledger.entries()[-1]
    assert recorded.body is not None
    assert recorded.body["lists"] == {
        "freshness": "none",
        "age_days": 0,
        "at_least": True,
        "card_status": 1,
    }, "how old the lists were, nobody knows"


def test_the_station_says_which_lists_it_uses_and_which_newer_ones(simulation: Simulation) -> None:
    simulation.wait_for(DisplayState.SEE_OFFICER)
    config, board = simulation.stage.services.config, simulation.stage.services.board
    told = board.station_lists()
    assert told is not None
    assert (told.card_status, told.timestamp, told.content) == (1, None, None)
    publisher, later = SyntheticCardStatus(), told.issued + timedelta(hours=1)
    publisher.issue(at=told.issued)
    config.card_status_key_path.write_bytes(publisher.public_key)
    config.card_status_path.write_bytes(publisher.issue(at=later))
    until = time.monotonic() + 20
    while board.station_lists().issued != later:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert board.station_lists().card_status == 2
