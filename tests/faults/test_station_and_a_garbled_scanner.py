"""A scanner that sends garbage for an hour: nothing of it is kept, nobody is let in by it, a good scan still works."""

import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from appliance.checkin.service import Decision
from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.firmware_host.scanner import Scanner
from appliance.firmware_host.simulator.scanner import SimulatedScanner
from verifier.sdk import CanPassword

AN_HOUR = 9600 // 10 * 3600
"""Bytes: 9600 bit/s, ten bits each."""
MOST_KEPT = 64_000
PIECE = 2048


def noise(seed: int) -> Iterator[bytes]:
    """What a broken scanner sends in an hour: random bytes, endless lines, lines of nothing, half zones."""
    random = Random(seed)
    kinds = [
        lambda: random.randbytes(PIECE),
        lambda: b"<" * PIECE,
        lambda: b"\r\n" * (PIECE // 2),
        lambda: b"P<VNM" + b"<" * 39 + b"\r\n" + random.randbytes(PIECE - 46),
        lambda: bytes(PIECE),
    ]
    for _ in range(AN_HOUR // PIECE):
        yield random.choice(kinds)()


def test_an_hour_of_garbage_is_not_kept_and_the_next_scan_is_read() -> None:
    with SimulatedScanner() as simulated:
        scanner = Scanner(simulated.path)
        scanner.poll()
        sent = 0
        tracemalloc.start()
        try:
            for piece in noise(1):
                simulated.send(piece)
                sent += len(piece)
                while scanner.poll() is not None:
                    pass
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert sent > 3_400_000
        assert kept < MOST_KEPT
        simulated.scan("\n123456")  # ends the line that the garbage began
        found = None
        while found is None:
            found = scanner.take_password()
        scanner.close()
    assert found == CanPassword("123456")


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    stage = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    with running(stage, result_seconds=0.0) as simulation:
        yield simulation


def test_a_station_whose_scanner_raves_stays_ready_and_serves_whoever_scans_in_between(simulation: Simulation) -> None:
    raving, pieces = threading.Event(), noise(2)

    def rave() -> None:
        while not raving.is_set():
            simulation.scanner.send(next(pieces))

    card = next(card for card in simulation.stage.cards if card.key == "genuine")
    thread = threading.Thread(target=rave)
    thread.start()
    raving.wait(1.0)
    raving.set()
    thread.join(30)
    assert not thread.is_alive(), "the station reads what comes"
    simulation.scanner.send(b"\r\n")
    assert simulation.tap(card).decision is Decision.PRESENT
