"""Appliances, each in a process of its own: forked from one that has loaded everything, and told when to look."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from lists_desk import CHI_BO, PROVINCE
from set_machine import SetMachine

from appliance.config import Config
from appliance.config.lists import ListsConfig
from appliance.errors import ApplianceError
from appliance.keys import write_atomically
from appliance.list_keeping.keeper import ListKeeper
from appliance.lists.identity import FOLDER, RECIPIENT_FILE, SECRET_FILE, RosterIdentity
from appliance.lists.sealed_store import SealedLists
from appliance.services import Services

_PATIENCE_S = 600.0

_T = TypeVar("_T")


@dataclass(frozen=True)
class SetUp:
    """The first order: with whose root, and the key that the chi bộ's rosters are sealed to."""

    at: datetime
    root: bytes
    identity: RosterIdentity


@dataclass(frozen=True)
class Look:
    """An order: look for lists, at a mirror or at a stick."""

    at: datetime
    mirror: str = ""
    stick: Path | None = None


@dataclass(frozen=True)
class Seen:
    """What came of it; ``failure`` is the sentence of an error."""

    outcome: str
    cpu_s: float
    failure: str = ""


@dataclass(frozen=True)
class Ended:
    """How an appliance stands at the end."""

    content: str
    versions: tuple[tuple[str, int], ...]
    is_whole: bool
    members: int
    opened_s: float
    """How long the lists in use took to open, as the station does when it starts."""
    peak_kb: int


class Appliance:
    """One appliance, seen from outside."""

    def __init__(self, number: int, orders: Connection) -> None:
        self.number = number
        self._orders = orders

    def set_up(self, order: SetUp) -> None:
        """Give it what somebody gives it by hand."""
        self._orders.send(order)

    def look(self, order: Look) -> None:
        """Let it look; others can look at the same time."""
        self._orders.send(order)

    def seen(self) -> Seen:
        """Wait for what came of the last look."""
        return self._answer(Seen)

    def ended(self) -> Ended:
        """Ask how it stands."""
        self._orders.send(None)
        return self._answer(Ended)

    def _answer(self, kind: type[_T]) -> _T:
        if not self._orders.poll(_PATIENCE_S):
            msg = f"appliance {self.number} does not answer"
            raise TimeoutError(msg)
        answer = self._orders.recv()
        if not isinstance(answer, kind):
            raise TypeError(answer)
        return answer


@contextmanager
def appliances(count: int, folder: Path) -> Iterator[Sequence[Appliance]]:
    """Let so many appliances wait for orders while the context lasts, each with a folder of state."""
    fork = multiprocessing.get_context("fork")
    made, processes = [], []
    for number in range(count):
        ours, theirs = fork.Pipe()
        process = fork.Process(target=_live, args=(theirs, folder / str(number)), daemon=True)
        process.start()
        theirs.close()
        made.append(Appliance(number, ours))
        processes.append(process)
    try:
        yield made
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _live(orders: Connection, state: Path) -> None:
    inside = _Inside(state, orders.recv())
    while True:
        order = orders.recv()
        orders.send(inside.ended() if order is None else inside.look(order))


class _Inside:
    """What runs in the process: an appliance's services. Its root was pinned, all else comes with the lists."""

    def __init__(self, state: Path, order: SetUp) -> None:
        config = replace(Config.for_state(state), lists=ListsConfig(province=PROVINCE, chi_bo=CHI_BO))
        _place(order.identity, config.keys_directory)
        self._machine = SetMachine(order.at)
        self._services = Services.open(config, machine=self._machine)
        ListKeeper(self._services).pin(order.root)

    def look(self, order: Look) -> Seen:
        """Look for lists, and count the processor's time."""
        self._machine.at = order.at
        keeper = self._keeper(order.mirror)
        began = time.process_time()
        try:
            synced = keeper.sync() if order.stick is None else keeper.import_from(order.stick)
        except ApplianceError as error:
            return Seen("failed", time.process_time() - began, failure=f"{error.reason}: {error.sentence}")
        return Seen(synced.outcome.value, time.process_time() - began)

    def ended(self) -> Ended:
        """Verify everything, and tell what is in use."""
        keeper = self._keeper("")
        opened_s = _opened_s(keeper)
        peak_kb = _peak_kb()
        status = keeper.status()
        if status.sealed is None or status.problem is not None:
            return Ended("", (), is_whole=False, members=0, opened_s=opened_s, peak_kb=peak_kb)
        return Ended(
            content=status.sealed.content,
            versions=tuple(sorted(status.sealed.versions.items())),
            is_whole=keeper.verify().ok,
            members=len(self._services.roster.members()),
            opened_s=opened_s,
            peak_kb=peak_kb,
        )

    def _keeper(self, mirror: str) -> ListKeeper:
        config = self._services.config
        lists = replace(config.lists, mirrors=(mirror,) if mirror else ())
        return ListKeeper(replace(self._services, config=replace(config, lists=lists)))


def _place(identity: RosterIdentity, keys: Path) -> None:
    folder = keys / FOLDER
    folder.mkdir(mode=0o700, parents=True)
    write_atomically(folder / SECRET_FILE, f"{identity.secret}\n".encode())
    write_atomically(folder / RECIPIENT_FILE, f"{identity.recipient}\n".encode())


def _opened_s(keeper: ListKeeper) -> float:
    began = time.perf_counter()
    with closing(SealedLists(keeper.folder)) as lists:
        lists.current()
        return time.perf_counter() - began


def _peak_kb() -> int:
    """The most memory that this process ever had, what it shares with the one that it was forked from included."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
