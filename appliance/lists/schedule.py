"""When an appliance looks for lists: each at a minute of its own, and after a failure not at once again.

Ten thousand appliances that are switched on at seven would otherwise all come at seven.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

FIRST_RETRY: Final = timedelta(minutes=2)
LONGEST_RETRY: Final = timedelta(hours=6)
AFTER_START: Final = timedelta(minutes=10)
"""Within how long after its start an appliance looks for the first time."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One appliance's rhythm. ``device`` is anything that no other appliance has, such as its public key."""

    device: bytes
    every: timedelta = timedelta(hours=6)

    @property
    def offset(self) -> timedelta:
        """How long after the beginning of each period it looks: its own minute, the same every day."""
        digest = hashlib.sha256(b"thechip lists schedule\n" + self.device).digest()
        minutes = max(1, self.every // timedelta(minutes=1))
        return timedelta(minutes=int.from_bytes(digest[:8]) % minutes)

    def after_start(self, at: datetime, random: Random) -> datetime:
        """Return when to look for the first time after a start: soon, since it may have been off for weeks."""
        return at + random.random() * AFTER_START

    def after_success(self, at: datetime) -> datetime:
        """Return the next of its own minutes."""
        begun = datetime.fromtimestamp(0, tz=at.tzinfo) + self.offset
        periods = (at - begun) // self.every + 1
        return begun + periods * self.every

    def after_failure(self, at: datetime, failures: int, random: Random) -> datetime:
        """Return when to try again after so many failures in a row: doubling, with jitter, and six hours at most."""
        longest: timedelta = min(FIRST_RETRY * 2 ** min(failures - 1, 16), LONGEST_RETRY)
        return at + longest * random.uniform(0.5, 1.0)


class Rounds:
    """Whether it is time to look, over starts, failures and clocks that are set back."""

    def __init__(self, schedule: Schedule, *, at: datetime, random: Random) -> None:
        self._schedule = schedule
        self._random = random
        self._failures = 0
        self.due = schedule.after_start(at, random)

    def is_due(self, at: datetime) -> bool:
        """Tell whether it is time. A next time beyond any rhythm was reckoned by a clock that was wrong."""
        if self.due - at > max(self._schedule.every, LONGEST_RETRY) + AFTER_START:
            self.due = self._schedule.after_start(at, self._random)
        return at >= self.due

    def hurry(self) -> None:
        """Look now, unless the last look failed: then its own time comes soon enough."""
        if not self._failures:
            self.due = datetime.fromtimestamp(0, tz=self.due.tzinfo)

    def succeeded(self, at: datetime) -> None:
        """Look again at the next of its own minutes."""
        self._failures = 0
        self.due = self._schedule.after_success(at)

    def failed(self, at: datetime) -> None:
        """Look again soon, and later each time."""
        self._failures += 1
        self.due = self._schedule.after_failure(at, self._failures, self._random)
