"""Whether the parts in use are still what was taken up: a memory card forgets, and indexes do not notice.

All of it is read once a day by whoever keeps the lists. What was found is written down, so that it is told, and mended
by the next source, whoever asks it.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from appliance.errors import ListsDamaged
from appliance.keys import write_atomically
from appliance.lists.folder import ListsFolder
from appliance.lists.opening import hash_of_part, require_openable
from appliance.lists.sealed_set import Part, SealedSet

CHECKED_EVERY: Final = timedelta(days=1)
_LONGEST: Final = 4096
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """When a set was read the last time, all of it, and what was wrong; a sentence, or nothing."""

    at: datetime
    problem: str = ""

    def is_due(self, at: datetime, every: timedelta = CHECKED_EVERY) -> bool:
        """Whether it is time for another one; a clock that was set back makes it so, too."""
        return not timedelta(0) <= at - self.at < every


def is_whole(folder: ListsFolder, part: Part) -> bool:
    """Whether a part is what was taken up, to the byte; one on a spoilt sector is not."""
    try:
        return hash_of_part(folder.parts / part.name) == part.sha256
    except OSError:
        return False


def require_whole(folder: ListsFolder, sealed: SealedSet) -> None:
    """Raise ``ListsDamaged`` where the last check found damage, or a part cannot be opened now."""
    problem = last_check(folder, sealed).problem
    if problem:
        raise ListsDamaged(problem)
    require_openable(folder, sealed)


def remember_check(folder: ListsFolder, sealed: SealedSet, check: Check) -> None:
    """Write down what was found. Raises ``OSError``."""
    found = {"of": _name(sealed), "at": check.at.isoformat(), "problem": check.problem}
    write_atomically(folder.checked, json.dumps(found).encode() + b"\n")


def last_check(folder: ListsFolder, sealed: SealedSet) -> Check:
    """Return what was found of this very set; where nobody has looked yet, it is due."""
    try:
        with folder.checked.open("rb") as file:
            found: dict[str, Any] = json.loads(file.read(_LONGEST))
        if found["of"] == _name(sealed):
            return Check(datetime.fromisoformat(found["at"]).astimezone(UTC), str(found["problem"]))
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
        return Check(_NEVER)  # no file, or a damaged one: then it is due
    return Check(_NEVER)


def _name(sealed: SealedSet) -> str:
    return f"{sealed.folder_name}-{sealed.content}"
