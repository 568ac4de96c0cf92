"""What the store must not do without. Each is left out on purpose, to show that the cuts would find it."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Engine

from appliance.storage import database


def _instead_of(said: str, other: str) -> Callable[[], None]:
    """Return what lets every connection of this process say something else to SQLite than the appliance does."""

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return super().execute(other if sql == said else sql, *parameters)

    def leave_out() -> None:
        create_engine = database.create_engine  # type: ignore[attr-defined] # its own name for SQLAlchemy's

        def create(url: Any, *, connect_args: dict[str, Any], **more: Any) -> Engine:
            return create_engine(url, connect_args={**connect_args, "factory": Connection}, **more)

        database.create_engine = create  # type: ignore[attr-defined, assignment] # on purpose, in a process of its own

    return leave_out


def _without_fsync() -> None:
    """Force out nothing but what SQLite forces out: no key, no checkpoint, no name of a file."""
    os.fsync = lambda _descriptor: None  # type: ignore[assignment] # on purpose, in a process of its own


CONTROLS: Final[Mapping[str, Callable[[], None]]] = {
    "synchronous=FULL": _instead_of("PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"),
    "journal_mode=WAL": _instead_of("PRAGMA journal_mode = WAL", "PRAGMA journal_mode = DELETE"),
    "fsync of files": _without_fsync,
}
"""By what is left out: a log that is forced out at each commit; a log at all, for a journal is deleted unforced; and
what keeps the files beside the store."""
