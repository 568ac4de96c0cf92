"""The journal: what was published when, in counts and versions, one JSON object a line; nobody's data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from publisher.errors import DeskError
from publisher.files import write_durably
from publisher.moments import read_moment, write_moment


@dataclass(frozen=True, slots=True)
class Entry:
    """One publication. ``versions`` are those of every role's metadata as it was published then."""

    at: datetime
    versions: Mapping[str, int]
    targets: Mapping[str, int] = field(default_factory=dict)
    """Targets that were new, and their lengths in bytes."""
    counts: Mapping[str, int] = field(default_factory=dict)

    def as_line(self) -> str:
        """Return the entry as a line of the journal."""
        content = {"at": write_moment(self.at), "versions": self.versions, "targets": self.targets}
        return json.dumps({**content, "counts": self.counts}, sort_keys=True)


class Journal:
    """The publications of a desk, oldest first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, entry: Entry) -> None:
        """Add a publication, once: one with the version of the last entry's timestamp is that entry."""
        last = self.last
        if last is None or last.versions != entry.versions:
            write_durably(self._path, self._content() + entry.as_line().encode() + b"\n")

    @property
    def last(self) -> Entry | None:
        """The last publication."""
        entries = self.entries()
        return entries[-1] if entries else None

    def entries(self) -> tuple[Entry, ...]:
        """Read all. Raises ``DeskError`` for a damaged line."""
        lines = self._content().split(b"\n")
        return tuple(_entry(number, line) for number, line in enumerate(lines, 1) if line)

    def _content(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            msg = f"the journal cannot be read: {error.strerror}"
            raise DeskError(msg) from error


def _entry(number: int, line: bytes) -> Entry:
    try:
        content: Any = json.loads(line)
        return Entry(read_moment(content["at"]), content["versions"], content["targets"], content["counts"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        msg = f"line {number} of the journal is damaged; restore the desk from its backup"
        raise DeskError(msg) from error
