"""The station of a congress or a soak: the real one, in a process of its own, that tells of each tap."""

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from appliance.config import Config, ReaderConfig, ScannerConfig
from appliance.config.clock import ClockConfig
from appliance.services import Services
from appliance.station.answers import TapResult
from appliance.station.assembly import open_station

_PATIENCE_S = 30.0
"""For readers whose other end is a process of this busy machine."""


@dataclass(frozen=True, slots=True)
class DoorPlace:
    """Where the devices of one door are."""

    name: str
    reader: str
    scanner: str


def serve(state: Path, doors: tuple[DoorPlace, ...], results: Connection, session_s: float) -> None:
    """Serve until SIGTERM; send a ``TapResult`` for each tap."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("appliance.firmware_host").setLevel(logging.INFO)  # what a driver raised, and nothing of a card
    readers = tuple(
        ReaderConfig(door.reader, name=door.name, patience_seconds=_PATIENCE_S, scanner=ScannerConfig(door.scanner))
        for door in doors
    )
    config = replace(
        Config.for_state(state),
        clock=ClockConfig(trust="system"),
        readers=readers,
        session_seconds=session_s,
        result_seconds=0.0,
    )
    services = Services.open(config)
    send = _sending(results)
    with open_station(services, clock=_now) as station:
        for door in station.doors:
            door.on_result = send
        station.run(stop)
    services.database.close()


def _sending(results: Connection) -> Callable[[TapResult], None]:
    lock = threading.Lock()

    def send(result: TapResult) -> None:
        with lock:
            results.send(result)

    return send


def _now() -> datetime:
    return datetime.now(UTC)
