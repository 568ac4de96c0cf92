"""How many steps SQLite's virtual machine makes: what is visited for an answer, whatever the machine does meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Pool, event


class Steps:
    """A meter; it counts for connections that are opened while ``counting``."""

    def __init__(self) -> None:
        self._made = 0

    def __call__(self) -> float:
        return self._made

    def _note(self) -> int:
        self._made += 1
        return 0  # go on


@contextmanager
def counting() -> Iterator[Steps]:
    """Count for every connection that is opened inside of the ``with`` block."""
    steps = Steps()

    def listen(raw: sqlite3.Connection, _record: Any) -> None:
        raw.set_progress_handler(steps._note, 1)  # noqa: SLF001 – its own; called about once for each step

    event.listen(Pool, "connect", listen)
    try:
        yield steps
    finally:
        event.remove(Pool, "connect", listen)
