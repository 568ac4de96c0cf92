"""Somebody writes to single files of a running station's state directory: it stays, and serves the next card."""

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
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

CITIZEN_CARD_CODE = "001099012345||Nguyen Van Vi Du|02031999|Nam|So 1|05062021"


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        assert simulation.tap(genuine(simulation)).decision is Decision.PRESENT
        simulation.wait_for(DisplayState.READY)
        simulation.door.session_seconds = 3.0
        yield simulation


def genuine(simulation: Simulation) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == "genuine")


def tap(simulation: Simulation, key: str = "genuine") -> TapResult:
    """Hold a card to the reader without a look at the screen, which may be what is broken."""
    card = next(card for card in simulation.stage.cards if card.key == key)
    assert card.chip is not None
    simulation.scanner.scan(card.scanned)
    simulation.reader.field.place(VirtualChip(card.chip))
    try:
        return simulation.results.get(timeout=12)
    finally:
        simulation.reader.field.remove()


def is_alive() -> bool:
    return any(thread.name == "station" for thread in threading.enumerate())


def execute(path: Path, statement: str, rows: Sequence[tuple[object, ...]] = ((),)) -> None:
    raw = sqlite3.connect(path)
    raw.executemany(statement, rows) if rows[0] else raw.execute(statement)
    raw.commit()
    raw.close()


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(8192))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _gone(path: Path) -> None:
    path.unlink()


def _without_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def _with_a_request_that_is_none(path: Path) -> None:
    ask = "INSERT INTO asked (reader, kind, payload, posted) VALUES ('', 'choose-member', '{', ?)"
    execute(path, ask, [(time.monotonic(),)])


def _with_requests_for_nobody(path: Path) -> None:
    payloads = ("[1]", '{"member": [1]}', '{"member": "99999999999999999999999"}', '{"member": null}', "{}", "5")
    execute(
        path,
        "INSERT INTO asked (reader, kind, payload, posted) VALUES ('', 'choose-member', ?, ?)",
        [(payload, time.monotonic()) for payload in payloads],
    )


@pytest.mark.parametrize(
    "attack", [_garbage, _empty, _gone, _without_folder, _with_a_request_that_is_none, _with_requests_for_nobody]
)
def test_a_board_that_is_damaged_stops_no_card(simulation: Simulation, attack: Callable[[Path], None]) -> None:
    attack(simulation.stage.services.config.board_path)
    assert tap(simulation).decision is Decision.ALREADY_PRESENT
    assert is_alive()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE members SET member_class = 'junk'",
        "UPDATE meetings SET starts_at = 'junk'",
        "UPDATE meetings SET kind = 'junk'",
        "UPDATE meetings SET title = CAST(x'ff' AS TEXT)",
        "UPDATE meetings SET late_after_seconds = 9223372036854775807",
        "DROP TABLE members",
        "DROP TABLE meetings",
        "UPDATE ledger_head SET sequence = 1152921504606846976, signature = x'00'",
    ],
)
def test_a_store_that_holds_what_nobody_wrote_sends_everybody_to_the_officer(
    simulation: Simulation, statement: str
) -> None:
    execute(simulation.stage.services.config.database_path, statement)
    time.sleep(0.5)  # the station looks for an open meeting between two cards, too
    simulation.scanner.scan(CITIZEN_CARD_CODE)
    assert tap(simulation, "older").decision is Decision.SEE_OFFICER
    assert is_alive()
