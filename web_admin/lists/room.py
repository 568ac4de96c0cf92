"""What the page keeps about lists, once per application: the keeper, the try under way, a root that was shown."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self, cast

from flask import current_app

from appliance.errors import ListsDamaged
from appliance.list_keeping.keeper import ListKeeper
from appliance.lists.freshness import ListsAge
from appliance.lists.history import Outcome, read_history
from appliance.lists.pinning import PinnedRoot, decode_root
from appliance.services import Services
from web_admin.lists.background import Background, Done, Failure, Take
from web_admin.lists.in_use import ListsInUse
from web_admin.services import now

EXTENSION: Final = "thechip-lists"
RESULT_IS_SHOWN_FOR: Final = timedelta(hours=1)
"""Afterwards the history has it."""
_MOST_STICKS: Final = 20


@dataclass
class ListsRoom:
    """See the module. ``shown_root`` is the root whose fingerprint was shown last: only that one is pinned."""

    services: Services
    keeper: ListKeeper
    in_use: ListsInUse
    background: Background
    shown_root: bytes | None = field(default=None, repr=False)

    @classmethod
    def open(cls, services: Services) -> Self:
        """Make the room of one application, after a fork."""
        keeper = ListKeeper(services)

        def failures_since(began: datetime) -> tuple[Failure, ...]:
            to_the_second = began.replace(microsecond=0)  # as the history has it
            return tuple(
                Failure(attempt.source, attempt.reason)
                for attempt in read_history(keeper.folder.history)
                if attempt.at >= to_the_second and attempt.outcome is Outcome.FAILED
            )

        background = Background(services.clock.now, failures_since)
        return cls(services, keeper, ListsInUse(services.config, services.board), background)

    def age(self, at: datetime) -> ListsAge:
        """Return which lists the station uses, and how old they are, as far as the time is known."""
        return self.in_use.age(at, clock_trusted=self.services.clock.read().trusted)

    def last_done(self) -> Done | None:
        """Return what became of the last try, while that is news."""
        last = self.background.work.last
        is_news = last is not None and abs(self.services.clock.now() - last.at) < RESULT_IS_SHOWN_FOR
        return last if is_news else None

    def stick(self, number: str) -> Path | None:
        """Return the stick of a number that the page gave it, as they are plugged in now."""
        found = dict(zip(map(str, range(_MOST_STICKS)), self.keeper.sticks(), strict=False))
        return found.get(number)

    def show_root(self, encoded: bytes) -> PinnedRoot:
        """Take a root to be compared; nothing is pinned. Raises ``ListRefused``."""
        root = decode_root(encoded)
        self.shown_root = encoded
        return root

    def compared_root(self, sha256: str) -> bytes | None:
        """Return the root that was shown last, if this is its fingerprint."""
        shown = self.shown_root  # once: another one may be shown meanwhile
        return shown if shown is not None and hashlib.sha256(shown).hexdigest() == sha256 else None

    def begin(self, take: Take, *, waits: bool = False) -> bool:
        """Take up lists in the background; return whether that could begin.

        Nobody else may be at it, here or elsewhere; what ``waits`` is begun all the same, and may find the others done.
        """
        return (waits or not self.keeper.folder.is_held()) and self.background.start(take)

    def is_damaged(self) -> bool:
        """Whether the set in use cannot be read, so that all of it must be taken up anew."""
        problem = self.keeper.status().problem
        return problem is not None and problem.reason == ListsDamaged.reason

    def version(self) -> str:
        """Return a text that changes with everything that the page shows."""
        folder = self.keeper.folder
        try:
            history = folder.history.stat().st_mtime_ns
        except OSError:
            history = 0
        age = self.age(self.services.clock.now())
        sticks = hash(self.keeper.sticks())
        work = self.background.work.step
        lists = f"{age.timestamp}-{age.age_days}-{age.at_least:d}"
        return f"{work}-{folder.is_held():d}-{folder.is_set_up:d}-{history}-{lists}-{sticks}"


def lists_room() -> ListsRoom:
    """Return the running application's room."""
    return cast("ListsRoom", current_app.extensions[EXTENSION])


def lists_age() -> ListsAge:
    """Return which lists are in use and how old they are now; it costs hardly anything."""
    return lists_room().age(now())
