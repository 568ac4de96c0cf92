"""How far a long run has come: a bar where there is a terminal and ``rich``, else a line now and then."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

_EVERY = 1000
"""Files between two lines where no bar can be drawn."""


@contextmanager
def counting(*, quiet: bool, done: int = 0) -> Iterator[Callable[[], None]]:
    """Give a function to call after each file; what it shows goes to standard error. ``done`` were done before."""
    if quiet:
        yield _say_nothing
        return
    if not (sys.stderr.isatty() and find_spec("rich")):
        yield _Lines(done).step
        return
    from rich.console import Console  # noqa: PLC0415 - optional, and slow to load
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn  # noqa: PLC0415 - likewise

    columns = (SpinnerColumn(), "verified", MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verified", total=None, completed=done)
        yield lambda: progress.advance(task)


def _say_nothing() -> None:
    """Machines are not told how things go."""


class _Lines:
    def __init__(self, done: int) -> None:
        self._count = done

    def step(self) -> None:
        self._count += 1
        if self._count % _EVERY == 0:
            sys.stderr.write(f"{self._count} files verified …\n")
