"""What a file system holds after a power cut, recovered without mounting it: no root, no loop device.

``e2fsck -p`` does what the kernel does at the next mount: it replays the journal and frees what was deleted while open.
Then it is looked through whole, without a change: where that finds an error, an appliance would not be told of it.

A superblock is 1,024 bytes with one checksum, so a disk that may leave one new sector beside an old one can tear it.
Then nothing mounts it, and ``-p`` refuses; ``e2fsck -y`` (``fsck.repair=yes`` of systemd) finds the second superblock
and replays the journal. That is told apart.
"""

import subprocess
from pathlib import Path
from typing import Final

from power_cut.errors import NotSurvived
from power_cut.parts import tool

_CORRECTED: Final = 1
"""What e2fsck answers beside 0 when all is well (e2fsck(8))."""
_TORN: Final = "Superblock checksum does not match"
UNUSABLE: Final = "file system unusable"


def recover(image: Path, into: Path) -> bool:
    """Write the files of an ext4 image, whose journal is replayed in it, into a folder. Raises ``NotSurvived``.

    Return whether it took the second superblock.
    """
    code, said = _e2fsck(image, "-p")
    torn = code > _CORRECTED and _TORN in said
    if torn:
        code, said = _e2fsck(image, "-y")
    _require(code <= _CORRECTED, "e2fsck", said)
    code, said = _e2fsck(image, "-fn")
    _require(code == 0, "e2fsck -fn", said)
    into.mkdir()
    command = [str(tool("debugfs", "e2fsprogs")), "-R", f"rdump / {into}", str(image)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    _require(done.returncode == 0, "debugfs", done.stderr)
    return torn


def _e2fsck(image: Path, how: str) -> tuple[int, str]:
    """Return what e2fsck answers and says."""
    command = [str(tool("e2fsck", "e2fsprogs")), how, str(image)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, f"{done.stdout}\n{done.stderr}"


def _require(so: bool, program: str, said: str) -> None:
    if not so:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise NotSurvived(UNUSABLE, f"{program} says: {' / '.join(lines[-3:])}")
