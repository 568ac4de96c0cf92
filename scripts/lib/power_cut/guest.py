"""The program of the guest: the first process of a machine whose power will go. It plays a trial on each of its disks.

There is nothing else in that machine: no service, no shell, no network. Its disks are ``vda``, ``vdb`` …; partition 1
of each is the file system, partition 2 is for acknowledgements.
"""

import ctypes
import json
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from power_cut.acknowledged import Acknowledger
from power_cut.workload import Acknowledge, Trial, config_of, play

DONE: Final = "played to the end: "
"""How the line on the console begins that says so of a trial."""
MOUNTED_WITH: Final = "data=ordered"
_PENS: Final = 2
_NOATIME: Final = 1024
_POWER_OFF: Final = 0x4321FEDC
_INIT_MODULE: Final = 175
"""The number of init_module(2) on x86-64."""
_libc: Final = ctypes.CDLL(None, use_errno=True)


def encode(trials: Sequence[Trial]) -> str:
    """Write trials as JSON."""
    return json.dumps([asdict(trial) for trial in trials])


def decode(text: str) -> list[Trial]:
    """Read what ``encode`` wrote."""
    return [Trial(**fields) for fields in json.loads(text)]


def main() -> None:
    """Be the first process: this never returns, and the machine is off at its end."""
    try:
        _boot()
        for number, trial in enumerate(decode(Path("/trials.json").read_text(encoding="utf-8"))):
            _in_a_child(trial, f"vd{chr(ord('a') + number)}")
    except BaseException:  # noqa: BLE001 – a first process that ends is a panic, which says less than this
        traceback.print_exc()
    sys.stdout.flush()
    _libc.reboot(_POWER_OFF)


def _boot() -> None:
    for kind, place in (("devtmpfs", "/dev"), ("proc", "/proc"), ("sysfs", "/sys"), ("tmpfs", "/run")):
        _mount(kind, place, kind, 0, "")
    console = os.open("/dev/console", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(console, descriptor)
    for module in sorted(Path("/modules").iterdir()):
        content = module.read_bytes()
        _require(_libc.syscall(_INIT_MODULE, content, ctypes.c_ulong(len(content)), b""), module.name)


def _in_a_child(trial: Trial, disk: str) -> None:
    """Play a trial: what a control changes goes with the process."""
    child = os.fork()
    if child == 0:
        try:
            _play(trial, disk)
        except BaseException:  # noqa: BLE001 – the child must not run on in its parent's loop
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def _play(trial: Trial, disk: str) -> None:
    place = Path("/disk")
    _mount(f"/dev/{disk}1", str(place), "ext4", _NOATIME, MOUNTED_WITH)

    def pen(number: int) -> Acknowledge:
        return Acknowledger(Path(f"/dev/{disk}2"), share=number, shares=_PENS)

    play(trial, config_of(place, Path("/run") / disk), pen)
    _require(_libc.umount2(str(place).encode(), 0), disk)
    print(f"{DONE}{trial.name}", flush=True)


def _mount(source: str, place: str, kind: str, flags: int, options: str) -> None:
    _require(_libc.mount(source.encode(), place.encode(), kind.encode(), flags, options.encode()), place)


def _require(returned: int, what: str) -> None:
    if returned != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), what)
