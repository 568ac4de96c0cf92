"""Two doors, one list: each has a thread, a reader, a scanner and a screen of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.kiosk.board import CHOOSE_MEMBER, TYPE_CAN
from appliance.kiosk.display import DisplayState
from verifier.sdk.testing import VirtualChip


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0, doors=2) as simulation:
        for desk in simulation.desks:
            desk.door.session_seconds = 3.0
        yield simulation


def card_of(simulation: Simulation, key: str) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == key)


def test_both_doors_write_into_one_list(simulation: Simulation) -> None:
    with ThreadPoolExecutor(2) as hands:
        one = hands.submit(simulation.tap, card_of(simulation, "genuine"), at=0)
        two = hands.submit(simulation.tap, card_of(simulation, "older"), at=1)
        results = one.result(), two.result()
    assert [result.decision for result in results] == [Decision.PRESENT, Decision.PRESENT]
    assert [result.door for result in results] == ["1", "2"]
    meeting = simulation.stage.services.meetings.current()
    assert meeting is not None
    assert simulation.stage.services.ledger.verify().entries == 3


def test_of_the_same_person_at_both_doors_in_one_second_one_is_recorded(simulation: Simulation) -> None:
    card = card_of(simulation, "genuine")
    with ThreadPoolExecutor(2) as hands:
        taps = [hands.submit(simulation.tap, card, at=door) for door in (0, 1)]
        results = [tap.result() for tap in taps]
    assert {result.decision for result in results} == {Decision.PRESENT, Decision.ALREADY_PRESENT}
    assert results[0].sequence == results[1].sequence


def test_a_code_scanned_at_one_door_opens_no_card_at_the_other(simulation: Simulation) -> None:
    card = card_of(simulation, "genuine")
    here, there = simulation.desks
    simulation.wait_for(DisplayState.READY, at=1)
    here.scanner.scan(card.scanned)
    assert card.chip is not None
    there.reader.field.place(VirtualChip(card.chip))
    try:
        assert there.results.get(timeout=30).reason == "password-missing"
    finally:
        there.reader.field.remove()


@pytest.mark.parametrize("reader", ["", "1", "2"])
def test_a_chosen_member_is_expected_at_the_door_that_was_named_else_at_the_first(
    simulation: Simulation, reader: str
) -> None:
    card = card_of(simulation, "chosen")
    (line,) = simulation.stage.services.roster.search(card.member.person.display_name)
    simulation.stage.services.board.request(CHOOSE_MEMBER, {"member": str(line.id)}, reader=reader)
    assert simulation.tap(card, at=1 if reader == "2" else 0).decision is Decision.PRESENT


def test_a_number_typed_on_the_touch_screen_opens_the_card(simulation: Simulation) -> None:
    card = card_of(simulation, "chosen")
    simulation.stage.services.board.request(TYPE_CAN, {"digits": card.member.can}, reader="2")
    assert simulation.tap(card, at=1).decision is Decision.PRESENT


@pytest.mark.parametrize("payload", [{}, {"digits": ""}, {"digits": "123"}, {"digits": "x" * 6}, {"digits": "9" * 99}])
def test_what_is_no_access_number_is_refused_without_a_word_of_it(
    simulation: Simulation, payload: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    simulation.stage.services.board.request(TYPE_CAN, payload)
    assert simulation.tap(card_of(simulation, "genuine")).decision is Decision.PRESENT
    assert "no card access number" in caplog.text
    assert "99" not in caplog.text


def test_one_reader_that_is_gone_does_not_stop_the_other_door(simulation: Simulation) -> None:
    first, second = simulation.desks
    first.reader.unplug()
    simulation.wait_for(DisplayState.READER_GONE, at=0)
    assert simulation.tap(card_of(simulation, "genuine"), at=1).decision is Decision.PRESENT
    first.reader.plug_in()
    assert simulation.tap(card_of(simulation, "genuine"), at=0).decision is Decision.ALREADY_PRESENT
    assert second.door.screen.shows(DisplayState.READY)
