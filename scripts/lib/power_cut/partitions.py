"""The partitions of a disk image: an MBR, as small disks and the appliance's have it (four entries of 16 bytes)."""

import struct
from collections.abc import Sequence
from typing import Final

from power_cut.errors import Failed
from power_cut.replay import Region
from power_cut.write_log import SECTOR

LINUX: Final = 0x83
_TABLE: Final = 446
_ENTRY: Final = struct.Struct("<B3sB3sLL")
"""Bootable, first and last sector in an older way of counting, the type between them; first sector, how many."""
_SIGNATURE: Final = b"\x55\xaa"


def partition_table(partitions: Sequence[Region]) -> bytes:
    """Return the first sector of a disk with these partitions, four at most."""
    entries = b"".join(_ENTRY.pack(0, bytes(3), LINUX, bytes(3), part.start, part.count) for part in partitions)
    return bytes(_TABLE) + entries.ljust(SECTOR - _TABLE - len(_SIGNATURE), b"\0") + _SIGNATURE


def partition(first_sector: bytes, number: int) -> Region:
    """Return a partition by its number, from 1, as the kernel counts. Raises ``Failed`` where there is none."""
    if first_sector[SECTOR - len(_SIGNATURE) : SECTOR] == _SIGNATURE and 1 <= number <= 4:
        *_, start, count = _ENTRY.unpack_from(first_sector, _TABLE + (number - 1) * _ENTRY.size)
        if count:
            return Region(start, count)
    msg = f"the disk has no partition {number}"
    raise Failed(msg)
