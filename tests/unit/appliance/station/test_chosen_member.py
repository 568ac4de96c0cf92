"""A password from the chosen roster line: an officer picks a member, and their card is read without a scan."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.kiosk.board import CHOOSE_MEMBER
from appliance.kiosk.display import DisplayState


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        simulation.door.session_seconds = 3.0
        yield simulation


def card_of(simulation: Simulation, key: str) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == key)


def test_a_member_chosen_before_the_card_comes_is_read(simulation: Simulation) -> None:
    card = card_of(simulation, "chosen")
    simulation.choose(card.member)
    assert simulation.tap(card).decision is Decision.PRESENT


def test_a_member_chosen_while_the_card_lies_there_is_read(simulation: Simulation) -> None:
    card = card_of(simulation, "chosen")
    with ThreadPoolExecutor(1) as hand:
        tapped = hand.submit(simulation.tap, card)
        simulation.wait_for(DisplayState.READING)
        time.sleep(0.3)
        simulation.choose(card.member)
        assert tapped.result().decision is Decision.PRESENT


def test_a_card_whose_member_nobody_chose_is_not_read(simulation: Simulation) -> None:
    result = simulation.tap(card_of(simulation, "chosen"))
    assert (result.decision, result.reason) == (Decision.TRY_AGAIN, "password-missing")


def test_the_choice_opens_the_chosen_members_card_and_no_other(simulation: Simulation) -> None:
    members = simulation.stage.services.roster
    (other,) = members.search("Gạo")
    simulation.stage.services.board.request(CHOOSE_MEMBER, {"member": str(other.id)})
    assert simulation.tap(card_of(simulation, "chosen")).reason == "access-denied"
    assert simulation.tap(card_of(simulation, "genuine")).decision is Decision.PRESENT


@pytest.mark.parametrize("payload", [{}, {"member": "x"}, {"member": "99"}, {"member": "9" * 30}, {"member": "-1"}])
def test_a_choice_of_nobody_leaves_a_station_that_serves_the_next_card(
    simulation: Simulation, payload: dict[str, str]
) -> None:
    simulation.stage.services.board.request(CHOOSE_MEMBER, payload)
    assert simulation.tap(card_of(simulation, "genuine")).decision is Decision.PRESENT


def test_a_member_recorded_by_hand_is_shown_and_then_the_station_again(simulation: Simulation) -> None:
    board = simulation.stage.services.board
    before = board.version()
    assert simulation.tap(card_of(simulation, "by-hand")).decision is Decision.RECORDED_BY_HAND
    shown = board.latest("by-hand")
    assert shown is not None
    assert (shown.state, shown.name) == (DisplayState.PRESENT, "Mẫu Thị Đậu")
    now = board.latest()
    assert now is not None
    assert (now.state, now.name) == (DisplayState.READY, None)
    assert now.sequence > shown.sequence > before
