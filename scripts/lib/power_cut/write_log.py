"""Write log: what QEMU's ``blklogwrites`` wrote down of a disk, in the format of the kernel's dm-log-writes.

The first sector is the superblock; each entry is a sector that says what was done, and for a write the data after it.
All numbers are little-endian (linux/drivers/md/dm-log-writes.c, qemu/block/blklogwrites.c). An entry is logged when it
is complete, and before the guest is told so: what a guest did because of a completion stands behind it.
"""

import mmap
import struct
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Self

from power_cut.errors import Failed

MAGIC = 0x6A736677736872
VERSION = 1
SECTOR = 512
"""Bytes of a sector, of disk and log: the only size that is recorded here."""
_SUPERBLOCK = struct.Struct("<QQQL")
_ENTRY = struct.Struct("<QQQQ")


class Flags(IntFlag):
    """What an entry is; none of them is a plain write."""

    FLUSH = 1
    """Every write that was complete before it is durable."""
    FUA = 2
    """This write is durable by itself."""
    DISCARD = 4
    """The sectors hold nothing any more; there is no data."""
    MARK = 8
    """A note by the kernel's driver; QEMU writes none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: ``count`` sectors from ``sector`` on; ``data`` is where their content begins in the log, in bytes."""

    flags: Flags
    sector: int
    count: int
    data: int


class WriteLog:
    """A log; ``entries`` are in the order in which they were completed. Raises ``Failed`` for what is none."""

    def __init__(self, content: bytes | mmap.mmap) -> None:
        self._content = memoryview(content)
        self.entries = _entries(self._content)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map a file; it may be larger than memory."""
        if not path.stat().st_size:
            msg = f"{path.name} is empty: the machine never came to its disk"
            raise Failed(msg)
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def content(self, entry: Entry) -> bytes:
        """Return what an entry's sectors hold once it is done; discarded ones read as zeros."""
        if entry.flags & Flags.DISCARD:
            return bytes(entry.count * SECTOR)
        return bytes(self._content[entry.data : entry.data + entry.count * SECTOR])


def _entries(content: memoryview) -> tuple[Entry, ...]:
    count = _count_of(content)
    entries = []
    position = SECTOR
    for number in range(count):
        if position + _ENTRY.size > len(content):
            msg = f"the log of writes ends before entry {number} of {count}"
            raise Failed(msg)
        sector, sectors, flags, note = _ENTRY.unpack_from(content, position)
        if flags > sum(Flags):
            msg = f"entry {number} of the log of writes has unknown flags {flags:#x}"
            raise Failed(msg)
        entry = Entry(Flags(flags), sector, sectors, position + SECTOR)
        position += SECTOR + _data_length(entry, note)
        if position > len(content):
            msg = f"the log of writes ends inside entry {number} of {count}"
            raise Failed(msg)
        entries.append(entry)
    return tuple(entries)


def _count_of(content: memoryview) -> int:
    found = _SUPERBLOCK.unpack_from(content) if len(content) >= SECTOR else (0, 0, 0, 0)
    magic, version, count, sector_size = found
    if (magic, version, sector_size) != (MAGIC, VERSION, SECTOR):
        msg = f"this is no log of writes of version {VERSION} with sectors of {SECTOR} bytes"
        raise Failed(msg)
    return int(count)


def _data_length(entry: Entry, note: int) -> int:
    """Return how many bytes follow an entry's sector; those of a mark are its text, in whole sectors."""
    if entry.flags & Flags.DISCARD:
        return 0
    if entry.flags & Flags.MARK:
        return -(-note // SECTOR) * SECTOR
    return entry.count * SECTOR
