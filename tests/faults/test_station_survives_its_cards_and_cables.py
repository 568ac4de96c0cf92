"""A card pulled away at every command, a cable cut at every command: a typed answer, and the next card is served.

The station is the real one, on the genuine nfcpy driver; what happens to the card and the line is simulated.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.kiosk.display import Display, DisplayState
from appliance.station.answers import TapResult
from verifier.sdk.testing import VirtualChip

COMMANDS_OF_A_TAP = 13
SERVED = {Decision.PRESENT, Decision.ALREADY_PRESENT}


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path_factory.mktemp("station"), at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        yield simulation


@pytest.fixture
def shown(simulation: Simulation, monkeypatch: pytest.MonkeyPatch) -> list[Display]:
    """Everything that the kiosk is told."""
    displays: list[Display] = []
    board = simulation.stage.services.board
    post = type(board).post

    def note(board: object, display: Display) -> int:
        displays.append(display)
        return post(board, display)  # type: ignore[arg-type]

    monkeypatch.setattr(type(board), "post", note)
    return displays


def genuine(simulation: Simulation) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == "genuine")


def hold(simulation: Simulation, chip: VirtualChip, **how: Any) -> TapResult:
    """Scan the genuine card's code and hold this chip to the reader."""
    card = genuine(simulation)
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(card.scanned)
    simulation.reader.field.place(chip, **how)
    try:
        return simulation.results.get(timeout=30)
    finally:
        simulation.reader.field.remove()


def chip_of(simulation: Simulation) -> VirtualChip:
    data = genuine(simulation).chip
    assert data is not None
    return VirtualChip(data)


@pytest.mark.parametrize("answered", range(COMMANDS_OF_A_TAP))
def test_a_card_pulled_away_at_any_command_is_asked_for_once_more(
    simulation: Simulation, shown: list[Display], answered: int
) -> None:
    entries = simulation.stage.services.ledger.verify().entries
    result = hold(simulation, chip_of(simulation), remove_after_apdus=answered)
    assert (result.decision, result.reason) == (Decision.TRY_AGAIN, "card-removed")
    assert simulation.stage.services.ledger.verify().entries == entries
    told = [display for display in shown if display.state is DisplayState.ONCE_MORE]
    assert len(told) == 1
    assert told[0].detail_vi
    assert told[0].detail_en
    assert told[0].name is None
    assert simulation.tap(genuine(simulation)).decision in SERVED


@pytest.mark.parametrize("answered", range(1, COMMANDS_OF_A_TAP + 1))
def test_a_line_cut_at_any_command_ends_in_a_typed_answer_and_heals(
    simulation: Simulation, shown: list[Display], answered: int
) -> None:
    def cut(number: int, _command: bytes, response: bytes) -> bytes:
        if number == answered:
            simulation.reader.unplug()
        return response

    data = genuine(simulation).chip
    assert data is not None
    try:
        result = hold(simulation, VirtualChip(data, tamper=cut))
    finally:
        simulation.reader.plug_in()
    assert (result.decision, result.reason) == (Decision.TRY_AGAIN, "reader-gone")
    gone = [display for display in shown if display.state is DisplayState.READER_GONE]
    assert gone
    assert gone[0].detail_vi
    assert simulation.tap(genuine(simulation)).decision in SERVED


def test_a_reader_that_is_absent_at_the_start_is_served_once_it_is_there(tmp_path: Path) -> None:
    stage = Stage.set_up(tmp_path, at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        simulation.reader.unplug()
        simulation.wait_for(DisplayState.READER_GONE)
        simulation.reader.plug_in()
        assert simulation.tap(genuine(simulation)).decision is Decision.PRESENT


def test_a_card_without_a_scanned_code_is_asked_for_it(simulation: Simulation) -> None:
    simulation.wait_for(DisplayState.READY)
    simulation.door.session_seconds, before = 0.3, simulation.door.session_seconds
    try:
        simulation.reader.field.place(chip_of(simulation))
        result = simulation.results.get(timeout=30)
    finally:
        simulation.reader.field.remove()
        simulation.door.session_seconds = before
    assert (result.decision, result.reason) == (Decision.TRY_AGAIN, "password-missing")


def test_a_password_scanned_for_one_card_is_not_tried_on_the_next(simulation: Simulation) -> None:
    simulation.tap(genuine(simulation))
    simulation.wait_for(DisplayState.READY)
    assert simulation.door.passwords.take() is None


def test_a_card_that_answers_garbage_inside_the_channel_is_read_once_more_then_given_up(simulation: Simulation) -> None:
    def garble(number: int, _command: bytes, response: bytes) -> bytes:
        return response if number < 9 else bytes(len(response) - 2) + b"\x90\x00"

    data = genuine(simulation).chip
    assert data is not None
    result = hold(simulation, VirtualChip(data, tamper=garble))
    assert result.decision is Decision.TRY_AGAIN
    assert result.reason in {"secure-messaging-failed", "card-protocol-error"}
    assert simulation.tap(genuine(simulation)).decision in SERVED


def test_a_card_that_is_lost_for_a_moment_is_read_in_a_second_session(simulation: Simulation) -> None:
    def drop(index: int, frame: bytes) -> bytes | None:
        return None if 14 <= index < 17 else frame

    result = hold(simulation, chip_of(simulation), air=drop)
    assert result.decision in SERVED


def test_no_open_meeting_is_told_and_nothing_is_recorded(simulation: Simulation) -> None:
    services = simulation.stage.services
    meeting = services.meetings.current()
    assert meeting is not None
    services.meetings.close(meeting.id, at=datetime.now(UTC), officer="Mẫu Cán Bộ Một")
    simulation.wait_for(DisplayState.NO_MEETING)
    entries = services.ledger.verify().entries
    result = simulation.tap(genuine(simulation))
    assert result.decision is Decision.NO_MEETING
    assert services.ledger.verify().entries == entries
