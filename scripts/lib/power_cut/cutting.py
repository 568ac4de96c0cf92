"""Cutting the power at many points of a recorded disk, on several processors, and what came of each."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

from power_cut.acknowledged import Acknowledgement, acknowledgements
from power_cut.errors import Failed, NotSurvived
from power_cut.examine import Found, History, examine
from power_cut.recorded_disk import RecordedDisk
from power_cut.recovery import recover
from power_cut.replay import Certain, Replay, honest, lying
from power_cut.sparse_disk import SparseDisk
from power_cut.write_log import WriteLog

_LIE: Final = 250
"""How many writes and flushes a lying disk is behind: the file system is still there, many commits are not."""
DISKS: Final[Mapping[str, Certain]] = {"honest": honest, "lying": lying(_LIE)}
FAULT: Final = "fault of a program"
"""A loss for the appliance; for a control none, because it need not be the disk that caused it."""
_AT_ONCE: Final = 20
_FAST: Final = Path("/dev/shm")  # noqa: S108 – a folder in memory, where this system has it; names in it are drawn


@dataclass(frozen=True, slots=True)
class Cuts:
    """So many cuts of the power while ``recorded`` was written, if it was a disk of this kind (``DISKS``).

    Where something must be lost, the power goes only once there is something to lose.
    """

    name: str
    recorded: RecordedDisk
    points: int
    disk: str = "honest"
    must_lose: bool = False

    def random(self, seed: int, number: int) -> Random:
        """Return what one cut is drawn with."""
        return Random(f"{seed} {self.name} {number}")  # noqa: S311 – instants and torn writes, not secrets


@dataclass(frozen=True, slots=True)
class Cut:
    """One of them: after so many entries of the log; ``loss`` is None where it cost nothing.

    ``torn`` is where the first superblock was, and the file system was recovered from the second.
    """

    number: int
    after: int
    acknowledged: int
    loss: str | None = None
    sentence: str = ""
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of cuts."""

    cuts: Cuts
    each: Sequence[Cut] = field(repr=False)

    @property
    def losses(self) -> Counter[str]:
        """How many cuts cost something, by what it was."""
        return Counter(cut.loss for cut in self.each if cut.loss is not None)

    @property
    def torn(self) -> int:
        """How many took the second superblock."""
        return sum(1 for cut in self.each if cut.torn)

    @property
    def ok(self) -> bool:
        """Whether it came as it must: nothing was lost, or a control lost something."""
        if self.cuts.must_lose:
            return bool(self.losses.keys() - {FAULT})
        return bool(self.each) and not self.losses


def undisturbed(name: str, recorded: RecordedDisk) -> Found:
    """Examine a disk as it was in the end. Raises ``Failed`` where that is not as it should be."""
    log = recorded.writes()
    replay = Replay(log, recorded.region(recorded.file_system), recorded.file_system_before(), lambda _log, cut: cut)
    try:
        with _files(replay.cut(len(log.entries), Random(0))) as (files, _):  # noqa: S311 – nothing is drawn
            found = examine(files, _acknowledged(log, recorded))
    except NotSurvived as error:
        msg = f"{name}: without a power cut, {error.loss}: {error}"
        raise Failed(msg) from error
    if found.entries != found.acknowledged:
        msg = f"{name}: {found.entries} entries were recorded, and {found.acknowledged} acknowledged"
        raise Failed(msg)
    return found


def cut(cuts: Cuts, history: History, seed: int, only: int | None = None) -> Result:
    """Cut the power; ``only`` is the number of the one cut that is to be repeated, from 0."""
    numbers = range(cuts.points) if only is None else [only]
    log = cuts.recorded.writes()
    first = _acknowledged(log, cuts.recorded)[0].after if cuts.must_lose else 0
    points = sorted((cuts.random(seed, number).randint(first, len(log.entries)), number) for number in numbers)
    tasks = [_Task(cuts, history, seed, points[start : start + _AT_ONCE]) for start in range(0, len(points), _AT_ONCE)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as processes:
        each = [one for some in processes.map(_cut_some, tasks) for one in some]
    return Result(cuts, sorted(each, key=lambda one: one.number))


@dataclass(frozen=True, slots=True)
class _Task:
    """Some cuts for one process: after how many entries, in the order of the log, and their numbers."""

    cuts: Cuts
    history: History = field(repr=False)
    seed: int
    points: Sequence[tuple[int, int]]


def _cut_some(task: _Task) -> list[Cut]:
    cuts, recorded = task.cuts, task.cuts.recorded
    log = recorded.writes()
    replay = Replay(log, recorded.region(recorded.file_system), recorded.file_system_before(), DISKS[cuts.disk])
    told = _acknowledged(log, recorded)
    done = []
    for after, number in task.points:
        disk = replay.cut(after, cuts.random(task.seed, number))
        acknowledged = [one for one in told if one.after <= after]
        try:
            with _files(disk) as (files, torn):
                examine(files, acknowledged, task.history)
            done.append(Cut(number, after, len(acknowledged), torn=torn))
        except NotSurvived as error:
            done.append(Cut(number, after, len(acknowledged), error.loss, str(error)))
        except Exception as error:  # noqa: BLE001 – whatever it is, the appliance did not go on
            done.append(Cut(number, after, len(acknowledged), FAULT, repr(error)))
    return done


def _acknowledged(log: WriteLog, recorded: RecordedDisk) -> list[Acknowledgement]:
    return list(acknowledgements(log, recorded.region(recorded.acknowledgements)))


@contextmanager
def _files(disk: SparseDisk) -> Iterator[tuple[Path, bool]]:
    """Recover a disk's files into a folder that is gone afterwards, and say whether its first superblock was torn."""
    fast = _FAST if os.access(_FAST, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="thechip-cut-", dir=fast) as name:
        image = Path(name) / "image"
        disk.save(image)
        torn = recover(image, Path(name) / "files")
        yield Path(name) / "files", torn
