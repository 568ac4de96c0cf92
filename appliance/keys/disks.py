"""Whether two files lie on one disk, and so go with the same card when somebody takes it."""

import os
from pathlib import Path
from typing import Final

_BLOCK_DEVICES: Final = Path("/sys/dev/block")
"""Where Linux shows each block device by its number, ``major:minor`` (sysfs(5))."""


def lie_on_one_disk(one: Path, other: Path) -> bool:
    """Tell whether two files lie in one file system, or in two of the same disk; a file that is not there does not."""
    try:
        return share_a_disk(one.stat().st_dev, other.stat().st_dev)
    except OSError:
        return False


def share_a_disk(device: int, other: int, *, block_devices: Path = _BLOCK_DEVICES) -> bool:
    """Tell it of two file systems' device numbers (``st_dev``); what lies in memory or on a network has no disk."""
    if device == other:
        return True
    return not _disks_of(device, block_devices).isdisjoint(_disks_of(other, block_devices))


def _disks_of(device: int, block_devices: Path) -> set[Path]:
    found = block_devices / f"{os.major(device)}:{os.minor(device)}"
    return _whole_disks(found.resolve()) if found.exists() else set()


def _whole_disks(device: Path) -> set[Path]:
    """The disk of a partition, or those under an encrypted or joined volume."""
    if (device / "partition").exists():
        device = device.parent
    below = device / "slaves"
    parts = [part.resolve() for part in below.iterdir()] if below.is_dir() else []
    return {disk for part in parts for disk in _whole_disks(part)} or {device}
