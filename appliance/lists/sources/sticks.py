"""Sticks that are plugged in and mounted, found where udev and the kernel say what a device is.

Mounting is the system's business (docs/lists.md has the udev rule); here is only asked which mounted file systems lie
on removable or USB devices.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
_MOUNT_POINT: Final = 4
_MOST_LINES: Final = 1000


def mounted_sticks(*, proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> tuple[Path, ...]:
    """Return the mount points of sticks, in the order in which they were mounted; ``proc`` and ``sys`` as in Linux."""
    try:
        lines = (proc / "self" / "mountinfo").read_text("utf-8", "surrogateescape").split("\n")[:_MOST_LINES]
    except OSError:
        return ()
    found: dict[Path, None] = {}
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, source = before.split(" "), after.split(" ")[1:2]
        if len(fields) > _MOUNT_POINT and source and _is_removable(source[0], sys):
            found[Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[_MOUNT_POINT]))] = None
    return tuple(found)


def _is_removable(source: str, sys: Path) -> bool:
    if not source.startswith("/dev/"):
        return False
    try:
        device = (sys / "class" / "block" / Path(source).name).resolve(strict=True)
    except OSError:
        return False
    if any(part.startswith("usb") for part in device.parts):
        return True
    return any(flag.strip() == "1" for flag in _flags(device))


def _flags(device: Path) -> Iterator[str]:
    """Yield the flag of the disk itself, and of the one that a partition lies on."""
    for disk in (device, device.parent):
        try:
            yield (disk / "removable").read_text("ascii", "replace")
        except OSError:
            continue
