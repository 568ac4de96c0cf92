"""Small logs of writes, as QEMU's ``blklogwrites`` would have written them; needs ``scripts/lib`` on the path."""

import struct
from io import BytesIO

from power_cut.sparse_disk import SparseDisk
from power_cut.write_log import MAGIC, SECTOR, VERSION, Flags, WriteLog


def superblock(entries: int, *, magic: int = MAGIC, version: int = VERSION, sector_size: int = SECTOR) -> bytes:
    return struct.pack("<QQQL", magic, version, entries, sector_size).ljust(SECTOR, b"\0")


def entry(sector: int, count: int, flags: int, data_length: int = 0) -> bytes:
    return struct.pack("<QQQQ", sector, count, flags, data_length).ljust(SECTOR, b"\0")


def write(sector: int, letters: str, flags: int = 0) -> bytes:
    """Write sectors from this one on, each filled with one letter."""
    return entry(sector, len(letters), flags) + filled(letters)


def discard(sector: int, count: int) -> bytes:
    return entry(sector, count, Flags.DISCARD)


FLUSH = entry(0, 0, Flags.FLUSH)


def log_of(*entries: bytes) -> WriteLog:
    return WriteLog(superblock(len(entries)) + b"".join(entries))


def filled(letters: str) -> bytes:
    return b"".join(letter.encode() * SECTOR for letter in letters)


def disk_of(letters: str) -> SparseDisk:
    return SparseDisk.read(BytesIO(filled(letters)), len(letters) * SECTOR)


def letters_of(disk: bytes) -> str:
    """Return what sectors are filled with; one that is not filled with one letter is a question mark."""
    sectors = [bytes(disk[start : start + SECTOR]) for start in range(0, len(disk), SECTOR)]
    return "".join(chr(sector[0]) if sector == sector[:1] * SECTOR else "?" for sector in sectors)
