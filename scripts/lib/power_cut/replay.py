"""What a disk may hold after a power cut: a region of it, rebuilt from what was there before and the log of its writes.

What was complete before the last flush is there. Of each later write the disk may have kept all, nothing or some
sectors; a sector is old or new, never half. Nothing is assumed of the order in which a disk writes back its cache, so
this is worse than most disks are, and than any that keep the promise of a flush.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from power_cut.sparse_disk import SparseDisk
from power_cut.write_log import SECTOR, Entry, Flags, WriteLog

_SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)
"""How many of the writes that were not flushed were kept whole: on some disks nearly all, on some nearly none."""
_TORN_SHARE = 0.3
"""How many of the others were kept in part."""


@dataclass(frozen=True, slots=True)
class Region:
    """Some sectors of a disk, such as a partition."""

    start: int
    count: int

    @property
    def length(self) -> int:
        """Its length in bytes."""
        return self.count * SECTOR

    def holds(self, entry: Entry) -> bool:
        """Whether an entry changes something in it."""
        return entry.sector < self.start + self.count and entry.sector + entry.count > self.start


Certain: TypeAlias = Callable[[WriteLog, int], int]
"""Tells how many of the first entries of a log are durable when the power goes after that many."""


def honest(log: WriteLog, cut: int) -> int:
    """Of a disk that does what a flush asks for: all up to the last flush."""
    for number in range(cut, 0, -1):
        if log.entries[number - 1].flags & Flags.FLUSH:
            return number
    return 0


def lying(age: int) -> Certain:
    """Of a disk that answers a flush and does nothing: all but the last so many entries, flush or no flush."""
    return lambda _log, cut: max(0, cut - age)


class Replay:
    """Rebuilds one region after one power cut after another, each later in the log than the one before."""

    def __init__(self, log: WriteLog, region: Region, before: SparseDisk, certain: Certain = honest) -> None:
        self._log = log
        self._region = region
        self._certain = certain
        self._durable = before.copy()
        self._done = 0

    def cut(self, after: int, random: Random) -> SparseDisk:
        """Return what the region holds when the power goes after so many entries."""
        certain = self._certain(self._log, after)
        if certain < self._done:
            msg = "power cuts are replayed in the order of the log"
            raise ValueError(msg)
        for entry in self._writes(self._done, certain):
            self._write(self._durable, entry, None)
        self._done = certain
        disk = self._durable.copy()
        share = random.choice(_SHARES)
        for entry in self._writes(certain, after):
            kept = bool(entry.flags & Flags.FUA) or random.random() < share
            if kept or random.random() < _TORN_SHARE:
                self._write(disk, entry, None if kept else random)
        return disk

    def _writes(self, start: int, end: int) -> Iterator[Entry]:
        return (entry for entry in self._log.entries[start:end] if entry.count and self._region.holds(entry))

    def _write(self, disk: SparseDisk, entry: Entry, torn: Random | None) -> None:
        """Write an entry's sectors as far as they are in the region; with ``torn`` some of them."""
        content = self._log.content(entry)
        first = entry.sector - self._region.start
        sectors = range(max(0, -first), min(entry.count, self._region.count - first))
        for run in [sectors] if torn is None else _some(sectors, torn):
            disk.write((first + run.start) * SECTOR, content[run.start * SECTOR : run.stop * SECTOR])


def _some(sectors: range, random: Random) -> list[range]:
    """Draw which sectors of a torn write are there: those up to a point, or any."""
    if random.random() < 0.5:
        return [sectors[: random.randrange(len(sectors) + 1)]]
    return [sectors[place : place + 1] for place in range(len(sectors)) if random.random() < 0.5]
