"""Acknowledgements: what a guest was told is durable, written past its file system into a region of the same disk.

So each stands in the log of writes behind everything that was written before it was given. It is written with O_DIRECT
and never flushed: a flush would make durable what it is to bear witness about.
"""

import json
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from power_cut.replay import Region
from power_cut.write_log import SECTOR, WriteLog

_BEGINS_WITH = b"thechip acknowledged "


class Acknowledger:
    """Writes acknowledgements into its own share of the region, one sector each; ``share`` of ``shares``, from 0."""

    def __init__(self, device: Path, *, share: int = 0, shares: int = 1, direct: bool = True) -> None:
        self._descriptor = os.open(device, os.O_WRONLY | (os.O_DIRECT if direct else 0))
        sectors = os.lseek(self._descriptor, 0, os.SEEK_END) // SECTOR // shares
        self._places = iter(range(share * sectors, (share + 1) * sectors))
        self._aligned = mmap.mmap(-1, mmap.PAGESIZE)

    def __call__(self, what: str, **more: Any) -> None:
        """Write one down, and return when the disk has it."""
        line = _BEGINS_WITH + json.dumps({"what": what, **more}).encode()
        self._aligned[:SECTOR] = line.ljust(SECTOR)
        place = next(self._places) * SECTOR
        os.pwritev(self._descriptor, [memoryview(self._aligned)[:SECTOR]], place)

    def close(self) -> None:
        """Let the region go."""
        os.close(self._descriptor)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """``after`` is how many entries of the log there are up to and with this one."""

    after: int
    what: str
    more: dict[str, Any] = field(repr=False)


def acknowledgements(log: WriteLog, region: Region) -> Iterator[Acknowledgement]:
    """Yield the acknowledgements of a log in their order."""
    for number, entry in enumerate(log.entries, start=1):
        if entry.count and region.holds(entry):
            content = log.content(entry)
            for start in range(0, len(content), SECTOR):
                sector = content[start : start + SECTOR]
                if sector.startswith(_BEGINS_WITH):
                    more = json.loads(sector[len(_BEGINS_WITH) :])
                    yield Acknowledgement(number, more.pop("what"), more)
