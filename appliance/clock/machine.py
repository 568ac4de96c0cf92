"""What the machine says of the time. Nothing here is believed by itself; whatever is missing is answered with none."""

import ctypes
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

_TIMEX_LENGTH: Final = 512
"""Bytes; ``struct timex`` is 208 of them at most. All zero it asks and sets nothing (adjtimex(2), ``modes = 0``)."""
_TIME_ERROR: Final = 5
"""What adjtimex(2) answers while no time server disciplines the clock."""
_LONGEST_LINE: Final = 64
_BOOT_ID_LENGTH: Final = 36
_SECONDS: Final = range(253_402_300_800)
"""Of the calendar's years up to 9999."""


class Machine(Protocol):
    """Where the time comes from: this machine, or what a test gives."""

    def wall(self) -> datetime:
        """Return what the system's clock shows: aware, UTC."""
        ...

    def boottime(self) -> float:
        """Return the seconds since the machine started, which nobody sets; suspended ones count."""
        ...

    def boot_id(self) -> str:
        """Return a name that every start of the machine has for itself."""
        ...

    def is_synchronised(self) -> bool:
        """Return whether the kernel says that a time server keeps the system's clock."""
        ...

    def hardware_clocks(self) -> tuple[datetime, ...]:
        """Return what the clocks with a battery show (aware, UTC); empty where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class ThisMachine:
    """The machine that this runs on, by the kernel's own files.

    Where it does not tell its boot id, each process takes one of its own: then no process shares what another found.
    """

    boot_id_file: Path = Path("/proc/sys/kernel/random/boot_id")
    clocks: Path = Path("/sys/class/rtc")
    own_id: str = field(default_factory=lambda: f"process-{secrets.token_hex(8)}")

    def wall(self) -> datetime:
        """Return what the system's clock shows."""
        return datetime.now(UTC)

    def boottime(self) -> float:
        """Return CLOCK_BOOTTIME in seconds."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    def boot_id(self) -> str:
        """Return the kernel's id of this boot."""
        return _line(self.boot_id_file)[:_BOOT_ID_LENGTH] or self.own_id

    def is_synchronised(self) -> bool:
        """Ask adjtimex(2), as ``timedatectl`` does."""
        try:
            answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_LENGTH))
        except (OSError, AttributeError):  # no Linux, or a C library without it
            return False
        return 0 <= int(answer) != _TIME_ERROR

    def hardware_clocks(self) -> tuple[datetime, ...]:
        """Read ``since_epoch`` of every clock that the kernel knows."""
        try:
            files = sorted(self.clocks.glob("rtc*/since_epoch"))
        except OSError:
            return ()
        times = (_time(_line(file)) for file in files)
        return tuple(at for at in times if at is not None)


def _line(file: Path) -> str:
    """Return the one short line of a file; nothing where it cannot be read, such as a clock whose chip is gone."""
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST_LINE).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _time(line: str) -> datetime | None:
    seconds = int(line) if line.isdigit() else -1
    return datetime.fromtimestamp(seconds, UTC) if seconds in _SECONDS else None
