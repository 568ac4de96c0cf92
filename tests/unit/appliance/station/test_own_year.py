"""After their own tap members see their own year; nobody else does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.errors import StorageBusy
from appliance.kiosk.display import DisplayState, OwnYear
from appliance.minutes.years import YearService


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        yield simulation


def card_of(simulation: Simulation, key: str) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == key)


def shown_year(simulation: Simulation) -> OwnYear | None:
    shown = simulation.stage.services.board.latest()
    assert shown is not None
    return None if shown.own_year is None else shown.own_year.of


def test_a_member_who_comes_before_the_hour_sees_this_meeting_in_their_year(simulation: Simulation) -> None:
    assert simulation.tap(card_of(simulation, "genuine")).decision is Decision.PRESENT
    year = shown_year(simulation)
    assert year is not None
    assert (year.meetings, year.present, year.late, year.absent) == (1, 1, 0, 0)


@pytest.mark.parametrize("key", ["visiting", "revoked", "taken-away"])
def test_whoever_is_no_member_or_was_not_recognised_sees_no_year(simulation: Simulation, key: str) -> None:
    simulation.tap(card_of(simulation, "genuine"))
    simulation.tap(card_of(simulation, key))
    assert shown_year(simulation) is None


def test_a_year_that_cannot_be_read_keeps_nobody_from_being_recorded(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        msg = "another process holds the store"
        raise StorageBusy(msg)

    monkeypatch.setattr(YearService, "of_member", busy)
    assert simulation.tap(card_of(simulation, "genuine")).decision is Decision.PRESENT
    simulation.wait_for(DisplayState.READY)
    assert shown_year(simulation) is None
