"""The machine: QEMU emulates it in software, because /dev/kvm may be missing, or be there and not work."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from power_cut.errors import Failed
from power_cut.parts import Parts

_EMULATED: Final = ("-machine", "q35", "-accel", "tcg", "-cpu", "Nehalem,-cx16,+rdrand", "-smp", "2", "-m", "512M")
"""A processor that the emulation masters; Python asks for random numbers first of all, which ``rdrand`` gives."""
_WITHOUT_MORE: Final = ("-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot")
_KERNEL_ARGUMENTS: Final = "console=ttyS0 quiet panic=-1"
_PATIENCE_SECONDS: Final = 900.0
_TOLD_LINES: Final = 25


def run(parts: Parts, initramfs: Path, disks: Sequence[str], console: Path) -> None:
    """Run the machine until it is off; ``console`` is the file that has what it says. Raises ``Failed``."""
    kernel = ["-kernel", str(parts.kernel), "-initrd", str(initramfs), "-append", _KERNEL_ARGUMENTS]
    command = [str(parts.qemu), *_EMULATED, *_WITHOUT_MORE, *kernel, *disks]
    with console.open("wb") as said:
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=_PATIENCE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            msg = f"the machine was not off after {_PATIENCE_SECONDS:.0f} s; it said:\n{last_words(console)}"
            raise Failed(msg) from error
    if done.returncode != 0:
        msg = f"QEMU ended with {done.returncode}; it said:\n{last_words(console)}"
        raise Failed(msg)


def last_words(console: Path) -> str:
    """Return the end of what a machine said."""
    return "\n".join(console.read_text(errors="replace").splitlines()[-_TOLD_LINES:])
