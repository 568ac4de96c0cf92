"""``lists keep``: a service that keeps the lists fresh, from mirrors at its own minute and from a stick at once."""

import argparse
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import SystemRandom

from appliance.clock import TrustedClock
from appliance.commands.console import EXIT_OK, open_services, stop_on_signals, warn
from appliance.errors import ApplianceError, KeyLocked, SyncRuns, WrongSecret
from appliance.list_keeping.keeper import ListKeeper
from appliance.lists.schedule import Rounds
from appliance.services import Services

BETWEEN_CHECKS = timedelta(hours=1)
"""How often it is looked whether the daily check is due; one that failed, for want of room, is not repeated at once."""
LOCKED_SECONDS = 5.0
"""How often it is looked whether the keys, locked since power-on, are open."""
LOOK_SECONDS = 2.0
"""How often it is looked whether a stick was plugged in, or it is time."""


def keep(options: argparse.Namespace) -> int:
    """Run until told to stop."""
    stop = stop_on_signals()
    services = open_once_unlocked(partial(open_services, options), stop)
    if services is not None:
        keep_fresh(services, ListKeeper(services), stop)
    return EXIT_OK


def open_once_unlocked(open_it: Callable[[], Services], stop: threading.Event) -> Services | None:
    """Return what ``open_it`` opens, once the keys open; ``None`` where ``stop`` is set first."""
    said = ""
    while not stop.is_set():
        try:
            return open_it()
        except (KeyLocked, WrongSecret) as locked:
            if locked.sentence != said:
                said = locked.sentence
                _tell(locked)
        stop.wait(LOCKED_SECONDS)
    return None


def keep_fresh(services: Services, keeper: ListKeeper, stop: threading.Event) -> None:
    """Look for lists until ``stop`` is set. Nothing that a source or a list does ends it."""
    clock = _GoingClock(services.clock)
    rounds = Rounds(keeper.schedule, at=clock.now(), random=SystemRandom())
    checked_at = clock.now() - BETWEEN_CHECKS
    known: set[Path] = set()
    while not stop.is_set():
        plugged_in = set(keeper.sticks())
        waiting = {stick for stick in sorted(plugged_in - known) if _has_to_wait(partial(keeper.import_from, stick))}
        known = plugged_in - waiting
        if abs(clock.now() - checked_at) >= BETWEEN_CHECKS:
            checked_at = clock.now()
            if not _tried(partial(keeper.check, at=checked_at)):
                rounds.hurry()
        if keeper.mirrors() and rounds.is_due(clock.now()):
            if _tried(partial(keeper.sync, gives_way=partial(_is_another_plugged_in, keeper, known))):
                rounds.succeeded(clock.now())
            else:
                rounds.failed(clock.now())
        stop.wait(LOOK_SECONDS)


class _GoingClock:
    """The time as far as it is known; a reading that stands still goes on by the machine's uptime.

    Whoever does not know the time must look for lists all the more: they may tell it.
    """

    def __init__(self, clock: TrustedClock) -> None:
        self._clock = clock
        self._began = (clock.read().at, clock.uptime())

    def now(self) -> datetime:
        reading, uptime = self._clock.read(), self._clock.uptime()
        if reading.trusted:
            self._began = (reading.at, uptime)
        at, since = self._began
        return at + timedelta(seconds=uptime - since)


def _has_to_wait(take: Callable[[], object]) -> bool:
    """Try to take up what a stick has; return whether somebody else would not give way, so that it is tried again."""
    try:
        take()
    except SyncRuns:
        return True
    except ApplianceError as error:
        _tell(error)
    return False


def _is_another_plugged_in(keeper: ListKeeper, known: set[Path]) -> bool:
    return bool(set(keeper.sticks()) - known)


def _tried(take: Callable[[], object]) -> bool:
    try:
        take()
    except ApplianceError as error:
        _tell(error)
        return False
    return True


def _tell(error: ApplianceError) -> None:
    warn(f"{error.sentence} [{error.reason}]")
