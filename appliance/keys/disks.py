"""Whether two files lie on one disk, and so go with the same card when somebody takes it."""

import os
from pathlib import Path
from typing import Final

_BLOCK_DEVICES: Final = Path("/sys/dev/block")
"""Where Linux shows each block device by its number, ``major:minor`` (sysfs(5))."""
_MOUNTS: Final = Path("/proc/self/mountinfo")
_WITHOUT_A_DISK: Final = frozenset(
    ("tmpfs", "ramfs", "devtmpfs", "nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "fuse.sshfs")
)
"""The file systems in memory and on a network."""


def lie_on_one_disk(one: Path, other: Path) -> bool | None:
    """Tell whether two files lie in one file system, or in two of the same disk; a file that is not there does not.

    ``None`` where nobody can tell; see ``share_a_disk``.
    """
    try:
        return share_a_disk(one.stat().st_dev, other.stat().st_dev)
    except OSError:
        return False


def share_a_disk(
    device: int, other: int, *, block_devices: Path = _BLOCK_DEVICES, mounts: Path = _MOUNTS
) -> bool | None:
    """Tell it of two file systems' device numbers (``st_dev``); what lies in memory or on a network has no disk.

    ``None`` for a file system with a number that is no block device's and of another kind: an overlay over a read-only
    card, Btrfs, an image whose file cannot be found. Any disk may be under it.
    """
    if device == other:
        return True
    ones, others = (_disks_of(number, block_devices, mounts) for number in (device, other))
    if ones is None or others is None:
        return False if set() in (ones, others) else None
    return not ones.isdisjoint(others)


def _disks_of(device: int, block_devices: Path, mounts: Path) -> set[Path] | None:
    found = block_devices / f"{os.major(device)}:{os.minor(device)}"
    if not found.exists():
        return set() if _kind_of(device, mounts) in _WITHOUT_A_DISK else None
    disks: set[Path] = set()
    for disk in _whole_disks(found.resolve()):
        image = disk / "loop" / "backing_file"
        below = _disks_under(image, block_devices, mounts) if image.exists() else {disk}
        if below is None:
            return None
        disks |= below
    return disks


def _disks_under(image: Path, block_devices: Path, mounts: Path) -> set[Path] | None:
    """The disks of the file that a loop device makes a disk of."""
    try:
        file = image.read_text(encoding="utf-8", errors="surrogateescape").removesuffix("\n")
        return _disks_of(Path(file).stat().st_dev, block_devices, mounts)
    except OSError:
        return None


def _kind_of(device: int, mounts: Path) -> str:
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    kinds = (line.partition(" - ")[2].split()[0] for line in lines if line.split()[2] == number)
    return next(kinds, "")


def _whole_disks(device: Path) -> set[Path]:
    """The disk of a partition, or those under an encrypted or joined volume."""
    if (device / "partition").exists():
        device = device.parent
    below = device / "slaves"
    parts = [part.resolve() for part in below.iterdir()] if below.is_dir() else []
    return {disk for part in parts for disk in _whole_disks(part)} or {device}
