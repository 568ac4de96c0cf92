"""A disk that is recorded: an image as it was before, and the log of what a machine wrote to it.

The appliance's image is recorded with the same: a partition with its data, and one for acknowledgements.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from power_cut.errors import Failed
from power_cut.partitions import partition, partition_table
from power_cut.parts import tool
from power_cut.replay import Region
from power_cut.sparse_disk import SparseDisk
from power_cut.write_log import SECTOR, WriteLog

_MIB: Final = 2**20 // SECTOR
_SMALL: Final = (Region(_MIB, 160 * _MIB), Region(161 * _MIB, 4 * _MIB))
"""The first is larger than a group of blocks (128 MiB): only then ext4 has a second superblock, as on a large disk."""
_EXT4: Final = "lazy_itable_init=0,lazy_journal_init=0,nodiscard,offset="
_JOURNAL: Final = "size=4"
"""MiB: so small that it comes round."""


@dataclass(frozen=True, slots=True)
class RecordedDisk:
    """``before`` is the whole image, ``file_system`` and ``acknowledgements`` are partitions of it, from 1."""

    before: Path
    log: Path
    file_system: int = 1
    acknowledgements: int = 2

    def writes(self) -> WriteLog:
        """Return the log of its writes."""
        return WriteLog.open(self.log)

    def region(self, number: int) -> Region:
        """Return where a partition is."""
        with self.before.open("rb") as file:
            return partition(file.read(SECTOR), number)

    def file_system_before(self) -> SparseDisk:
        """Return what the file system's partition held in the beginning."""
        region = self.region(self.file_system)
        with self.before.open("rb") as file:
            file.seek(region.start * SECTOR)
            return SparseDisk.read(file, region.length)


def logged(name: str, disk: Path, log: Path) -> list[str]:
    """Return QEMU's arguments for a disk whose writes and flushes are logged; the image is changed, the log made.

    A flush of the guest is logged and costs nothing here, so it is complete at once: no write that was issued after it
    stands before it. Discards and writes of zeros are not offered, because two such at once would tangle the log.
    """
    log.touch()
    arguments = []
    for node, path in ((f"{name}-file", disk), (f"{name}-log", log)):
        arguments += ["-blockdev", f"driver=file,node-name={node},filename={path},cache.no-flush=on"]
    node = f"driver=blklogwrites,node-name={name},file={name}-file,log={name}-log,log-sector-size={SECTOR}"
    device = f"virtio-blk-pci,drive={name},write-cache=on,discard=off,write-zeroes=off"
    return [*arguments, "-blockdev", node, "-device", device]


def write_small_disk(path: Path) -> None:
    """Write the image of a disk with an empty ext4 in partition 1, and partition 2 for acknowledgements.

    Its blocks are those of a large disk (4,096 bytes). Raises ``Failed``.
    """
    first, last = _SMALL[0], _SMALL[-1]
    with path.open("wb") as file:
        file.write(partition_table(_SMALL))
        file.truncate((last.start + last.count) * SECTOR)
    make = [str(tool("mke2fs", "e2fsprogs")), "-q", "-F", "-t", "ext4", "-b", "4096", "-J", _JOURNAL]
    command = [*make, "-E", f"{_EXT4}{first.start * SECTOR}", str(path), f"{first.length // 1024}k"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        msg = f"mke2fs failed: {done.stderr.strip()}"
        raise Failed(msg)
