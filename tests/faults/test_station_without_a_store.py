"""The store cannot be written in the middle of a meeting: everybody has an answer, and nothing is lost or half done.

A full disk is the kernel's own refusal (RLIMIT_FSIZE) and SQLite's; a held store is held by another process.
"""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.kiosk.display import DisplayState
from appliance.kiosk.phrases import REASONS
from appliance.station.answers import TapResult
from appliance.storage.database import Database
from verifier.sdk.testing import VirtualChip

SESSION_S = 4.0
SLACK_S = 4.0
"""For a busy machine that stands still; a store that is waited for in vain would take longer than both."""
HOLD = """
import sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
raw.execute("ROLLBACK")
print("released", flush=True)
"""


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        assert simulation.tap(card_of(simulation, "genuine")).decision is Decision.PRESENT
        simulation.wait_for(DisplayState.READY)
        simulation.door.session_seconds = SESSION_S
        yield simulation


def card_of(simulation: Simulation, key: str) -> DemoCard:
    return next(card for card in simulation.stage.cards if card.key == key)


def hold(simulation: Simulation, key: str) -> TapResult:
    """Hold a card to the reader, once the last one is gone: reading goes on, and the screen invites the next card."""
    card = card_of(simulation, key)
    assert card.chip is not None
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(card.scanned)
    simulation.reader.field.place(VirtualChip(card.chip))
    try:
        return simulation.results.get(timeout=60)
    finally:
        simulation.reader.field.remove()


@contextmanager
def no_more_bytes(database: Database) -> Iterator[None]:
    """The disk takes no file that is longer than the store's log is now."""
    size = Path(f"{database.path}-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(size, 8192), hard))  # the interpreter ignores SIGXFSZ: writes fail
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _with_pragma(database: Database, pragma: str) -> Iterator[None]:
    listener = ("connect", lambda raw, _: raw.execute(f"PRAGMA {pragma}").close())
    database._writer.dispose()
    event.listen(database._writer, *listener)
    try:
        yield
    finally:
        event.remove(database._writer, *listener)
        database._writer.dispose()


def no_more_pages(database: Database) -> Any:
    """SQLite itself says that the disk is full."""
    with database.reading() as reader:
        pages = reader.exec_driver_sql("PRAGMA page_count").scalar()
    return _with_pragma(database, f"max_page_count = {pages}")


def read_only(database: Database) -> Any:
    """The store can be read and not written, as on a card whose writing gave out."""
    return _with_pragma(database, "query_only = ON")


@pytest.mark.parametrize(
    ("trouble", "reasons"),
    [
        (no_more_bytes, {"storage-full", "storage-unreachable"}),
        (read_only, {"storage-read-only"}),
    ],
)
def test_a_store_that_takes_nothing_sends_to_the_officer_and_goes_on_once_it_does(
    simulation: Simulation, trouble: Callable[[Database], Any], reasons: set[str]
) -> None:
    services = simulation.stage.services
    entries = services.ledger.verify().entries
    with trouble(services.database):
        result = hold(simulation, "older")
    assert result.decision is Decision.SEE_OFFICER
    assert result.reason in reasons
    assert REASONS[result.reason].vi
    assert services.ledger.verify().entries == entries
    assert hold(simulation, "older").decision is Decision.PRESENT
    verdict = services.ledger.verify()
    assert verdict.ok
    assert verdict.entries == entries + 1


def test_a_full_store_is_told_as_full_and_nobody_is_recorded_half(simulation: Simulation) -> None:
    services = simulation.stage.services
    with no_more_pages(services.database):
        answered = [hold(simulation, key) for key in ("older", "late", "visiting", "revoked")]
        while answered[-1].decision is not Decision.SEE_OFFICER:
            answered.append(hold(simulation, "revoked"))  # each refusal is an entry: the last pages fill up
    assert answered[-1].reason == "storage-full"
    recorded = [result for result in answered if result.sequence is not None]
    verdict = services.ledger.verify()
    assert verdict.ok
    assert verdict.entries == 2 + len(recorded), "the opening, the first card, and whoever was told so"
    assert hold(simulation, "again").decision is Decision.ALREADY_PRESENT


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_store_held_by_another_process_is_not_waited_for_longer_than_a_person_waits(
    simulation: Simulation, statement: str
) -> None:
    """It may be held for half a minute: the answer comes meanwhile, and afterwards the tap passes."""
    services = simulation.stage.services
    entries = services.ledger.verify().entries
    arguments = [sys.executable, "-c", HOLD, str(services.database.path), statement]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        answers = [hold(simulation, key) for key in ("older", "genuine", "older")]
        holder.stdin.write("\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "released\n"
    for result in answers:
        assert (result.decision, result.reason) == (Decision.SEE_OFFICER, "storage-busy")
        assert result.elapsed_ms / 1000 < SESSION_S + SLACK_S
    assert services.ledger.verify().entries == entries
    assert hold(simulation, "older").decision is Decision.PRESENT


def test_a_store_that_is_let_go_in_time_costs_a_person_nothing_but_the_wait(simulation: Simulation) -> None:
    simulation.door.session_seconds = 60.0
    services = simulation.stage.services
    arguments = [sys.executable, "-c", HOLD, str(services.database.path), "BEGIN IMMEDIATE"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        card = card_of(simulation, "older")
        assert card.chip is not None
        simulation.scanner.scan(card.scanned)
        simulation.reader.field.place(VirtualChip(card.chip))
        simulation.wait_for(DisplayState.READING)
        holder.stdin.write("\n")
        holder.stdin.flush()
    try:
        assert simulation.results.get(timeout=60).decision is Decision.PRESENT
    finally:
        simulation.reader.field.remove()
