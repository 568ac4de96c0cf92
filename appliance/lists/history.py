"""What was tried and what came of it: a few hundred lines that the page shows, without persons and without paths."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from appliance.keys import write_atomically

MOST_KEPT: Final = 200
_LONGEST: Final = 1 << 18


class Outcome(StrEnum):
    """What came of one source."""

    INSTALLED = "installed"
    """Lists changed."""
    RENEWED = "renewed"
    """The same lists, signed anew: they are fresh again."""
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One look at one source; ``reason`` is the code of what failed, ``received`` how many bytes came."""

    at: datetime
    source: str
    outcome: Outcome
    reason: str = ""
    timestamp: int | None = None
    card_status: int | None = None
    received: int = 0

    def encode(self) -> str:
        """Return a line of the file."""
        fields: dict[str, Any] = {
            "at": self.at.astimezone(UTC).isoformat(timespec="seconds"),
            "source": self.source,
            "outcome": self.outcome.value,
            "received": self.received,
        }
        optional = {"reason": self.reason or None, "timestamp": self.timestamp, "card_status": self.card_status}
        return json.dumps(fields | {name: value for name, value in optional.items() if value is not None})

    @classmethod
    def decode(cls, line: str) -> "Attempt":
        """Read a line. Raises ``ValueError``, ``LookupError`` or ``TypeError`` for one that is none."""
        fields = json.loads(line)
        return cls(
            at=datetime.fromisoformat(fields["at"]).astimezone(UTC),
            source=str(fields["source"]),
            outcome=Outcome(fields["outcome"]),
            reason=str(fields.get("reason", "")),
            timestamp=fields.get("timestamp"),
            card_status=fields.get("card_status"),
            received=int(fields.get("received", 0)),
        )


def read_history(path: Path) -> tuple[Attempt, ...]:
    """Return what was tried, the latest first. Lines that a power cut spoilt are passed over."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    found = []
    for line in reversed(lines):
        try:
            found.append(Attempt.decode(line))
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            continue
    return tuple(found[:MOST_KEPT])


def remember(path: Path, attempt: Attempt) -> None:
    """Add an attempt. Raises ``OSError``. What is unchanged again replaces the line before: cards wear out."""
    kept = list(read_history(path))
    if kept and kept[0].outcome is Outcome.UNCHANGED and attempt.outcome is Outcome.UNCHANGED:
        del kept[0]
    lines = [one.encode() for one in reversed([attempt, *kept][:MOST_KEPT])]
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode())
