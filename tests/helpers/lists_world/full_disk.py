"""A disk on which no room is left from a certain call on: whatever would need a block fails with ENOSPC."""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NEEDS_ROOM = ("fsync", "mkdir", "symlink", "link", "rename", "replace", "write", "sendfile")
"""Calls of ``os``; files are written through ``open``, whose raw writes are watched as well."""
_MODES = frozenset("wax+")
NEVER = 1 << 30


class Room:
    """Counts what would need room below a folder; ``fails_from`` on, nothing has any (``until``, then it has again)."""

    def __init__(self, fails_from: int = NEVER, until: int = NEVER) -> None:
        self._fails_from = fails_from
        self._until = until
        self.calls = 0

    def need(self) -> None:
        self.calls += 1
        if self._fails_from < self.calls <= self._until:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _Opener:
    """``open``, of which the binary files that are written to ask for room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._real = io.open

    def __call__(self, file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if "b" not in mode or not _MODES & set(mode):
            return self._real(file, mode, *more, **named)
        if isinstance(file, (str, Path)) and not Path(file).exists():
            self._room.need()  # a name needs room, too
        how = {name: named[name] for name in ("closefd", "opener") if name in named}
        raw = _Raw(file, mode.replace("b", ""), **how)
        raw.room = self._room
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)


class _Raw(io.FileIO):
    room: Room

    def write(self, data: Any) -> int:
        self.room.need()
        return super().write(data)


@contextmanager
def disk_with(room: Room) -> Iterator[Room]:
    """Let every call that needs room ask for it."""

    def asking(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            room.need()
            return real(*arguments, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in NEEDS_ROOM:
            patch.setattr(os, name, asking(getattr(os, name)))
        opener = _Opener(room)
        patch.setattr(io, "open", opener)
        patch.setattr(builtins, "open", opener)
        yield room
