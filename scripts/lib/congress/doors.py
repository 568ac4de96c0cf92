"""A station with several doors, each with a hand: the station in one process, each hand in another."""

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from congress import hand, station_process
from congress.hand import GoOn, HandArguments, Opened, Order
from congress.station_process import DoorPlace
from crowd import CrowdPlan

from appliance.firmware_host.simulator.link_model import LinkModel
from appliance.station.answers import TapResult

_STARTS_WITHIN_S = 120.0
_ENDS_WITHIN_S = 60.0


class StationFailed(Exception):
    """The station did not answer, or is gone."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """What became of one order."""

    order: Order
    result: TapResult
    not_ready_s: float
    """How long the person stood before a station that was not ready: somebody else's answer was still shown."""


@dataclass
class Doors:
    """Doors that are open. ``tap`` may be called from several threads, one for each door."""

    station: BaseProcess
    names: Sequence[str]
    patience_s: float
    _hands: dict[str, Connection] = field(default_factory=dict)
    _results: dict[str, "queue.SimpleQueue[TapResult | None]"] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """The station's process."""
        if self.station.pid is None:
            raise AssertionError  # it was started
        return self.station.pid

    def tap(self, name: str, order: Order) -> Tapped:
        """Hold a card to the reader of that door until it is answered. Raises ``StationFailed``."""
        pipe, results = self._hands[name], self._results[name]
        pipe.send(order)
        try:
            result = results.get(timeout=self.patience_s)
        except queue.Empty:
            result = None
        if result is None:
            msg = f"the station did not answer at door {name}: person {order.person}, {order.how}"
            raise StationFailed(msg)
        pipe.send(GoOn())
        return Tapped(order, result, pipe.recv())


@contextmanager
def opened(
    state: Path,
    plan: CrowdPlan,
    *,
    seed: int,
    at: datetime,
    doors: int,
    link: LinkModel | None = None,
    session_s: float = 8.0,
    patience_s: float = 120.0,
) -> Iterator[Doors]:
    """Open the doors of a founded crowd, and close them at the end."""
    context = multiprocessing.get_context("spawn")
    names = [str(number) for number in range(1, doors + 1)]
    pipes: dict[str, Connection] = {}
    processes: list[BaseProcess] = []
    try:
        for name in names:
            here, there = context.Pipe()
            arguments = HandArguments(name, state, plan, seed, at, link)
            processes.append(_started(context.Process(target=hand.serve, args=(arguments, there), name=f"hand {name}")))
            there.close()
            pipes[name] = here
        places = tuple(_place(name, pipe) for name, pipe in pipes.items())
        results, sending = context.Pipe(duplex=False)
        station = _started(
            context.Process(target=station_process.serve, args=(state, places, sending, session_s), name="station")
        )
        processes.append(station)
        sending.close()
        made = Doors(station, names, patience_s, pipes, {name: queue.SimpleQueue() for name in names})
        threading.Thread(target=_distribute, args=(results, made._results), daemon=True).start()  # noqa: SLF001 – its own
        for pipe in pipes.values():
            pipe.send(GoOn())
        for name, pipe in pipes.items():
            _wait(name, pipe)
        yield made
    finally:
        _end([process for process in processes if process.name == "station"])
        for pipe in pipes.values():
            pipe.close()
        _end(processes)


def _started(process: Any) -> BaseProcess:
    process.daemon = True
    process.start()
    started: BaseProcess = process
    return started


def _place(name: str, pipe: Connection) -> DoorPlace:
    devices: Opened = _wait(name, pipe)
    return DoorPlace(name, devices.reader, devices.scanner)


def _wait(name: str, pipe: Connection) -> Any:
    if not pipe.poll(_STARTS_WITHIN_S):
        msg = f"door {name} was not opened within {_STARTS_WITHIN_S:.0f} s"
        raise StationFailed(msg)
    return pipe.recv()


def _distribute(results: Connection, queues: dict[str, "queue.SimpleQueue[TapResult | None]"]) -> None:
    """Give each door its results; ``None`` once the station is gone."""
    while True:
        try:
            result = results.recv()
        except (EOFError, OSError):
            break
        queues[result.door].put(result)
    for each in queues.values():
        each.put(None)


def _end(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        if process.name == "station" and process.pid is not None and process.is_alive():
            os.kill(process.pid, signal.SIGTERM)
    for process in processes:
        process.join(_ENDS_WITHIN_S)
        if process.is_alive():
            process.kill()
            process.join()
