"""Doing something in a process of its own, in which the power goes, or ``SIGKILL`` comes, before a certain call."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from lists_power_cut.disk import Disk
from lists_power_cut.errors import Failed

CERTAIN, DRAWN = "certain", "drawn"
"""Names of the two disks that a power cut leaves to be looked at."""
FORCING = ("fsync",)
CHANGING = ("rename", "replace", "symlink", "link", "mkdir", "unlink", "remove", "rmdir", "chmod", "truncate")
"""Calls before which the power goes, beside those that force something out."""
AT_THE_END = sys.maxsize
_PATIENCE_SECONDS = 60.0


def count_calls(work: Callable[[], object]) -> int:
    """Do it to its end and return how many calls there were at which it could have been cut off."""
    seen = 0

    def count(_name: str) -> None:
        nonlocal seen
        seen += 1

    with _watched(count, lambda _number: None):
        work()
    return seen


def cut(work: Callable[[], object], top: Path, call: int, into: Path, random: Random) -> bool:
    """Cut the power before a call of that number, from 0, or at the end; write the disks that are left into a folder.

    Return whether the work was done by then. Raises ``Failed``.
    """

    def run() -> None:
        disk, numbers = Disk(top), iter(range(AT_THE_END))

        def before(_name: str) -> None:
            disk.observe()
            if next(numbers) == call:
                leave()

        def leave() -> None:
            disk.write_certain(into / CERTAIN)
            disk.write_drawn(into / DRAWN, random)
            os.kill(os.getpid(), signal.SIGKILL)

        with _watched(before, disk.forced_out):
            work()
        disk.observe()
        disk.write_certain(into / CERTAIN)
        disk.write_drawn(into / DRAWN, random)

    return not _was_killed(_fork(run))


def kill_at(work: Callable[[], object], call: int) -> bool:
    """Kill the process before a call of that number, from 0; return whether the work was done by then."""

    def run() -> None:
        numbers = iter(range(AT_THE_END))

        def before(_name: str) -> None:
            if next(numbers) == call:
                os.kill(os.getpid(), signal.SIGKILL)

        with _watched(before, lambda _number: None):
            work()

    return not _was_killed(_fork(run))


def kill_after(work: Callable[[], object], seconds: float) -> bool:
    """Kill the process after so many seconds; return whether the work was done by then."""
    pid = _fork(work)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)  # a process that has ended is still there, until it is waited for
    return not _was_killed(pid)


def _fork(work: Callable[[], object]) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.alarm(round(_PATIENCE_SECONDS))
            work()
            code = 0
        except BaseException:  # noqa: BLE001 – a forked child must not run on in its parent's place
            traceback.print_exc()
        os._exit(code)
    return pid


def _was_killed(pid: int) -> bool:
    """Wait for the process. Raises ``Failed`` where it neither ended well nor was killed."""
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code not in {0, -signal.SIGKILL}:
        msg = f"the process that was to be cut off ended with {code}; see above"
        raise Failed(msg)
    return code != 0


@contextmanager
def _watched(before: Callable[[str], None], forced_out: Callable[[int], None]) -> Iterator[None]:
    """Call ``before`` before each call of interest, and ``forced_out`` instead of forcing out."""
    real: dict[str, Any] = {name: getattr(os, name) for name in (*FORCING, *CHANGING)}
    busy = False

    def telling(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal busy
            if not busy:  # what ``before`` does itself is of no interest
                busy = True
                before(name)
                busy = False
            if name not in FORCING:
                return real[name](*arguments, **named)
            file = arguments[0]
            return forced_out(os.fstat(file if isinstance(file, int) else file.fileno()).st_ino)

        return call

    for name in real:
        setattr(os, name, telling(name))
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(os, name, function)
