"""``lists keep``: a service that keeps the lists fresh, from mirrors at its own minute and from a stick at once."""

import argparse
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import SystemRandom

from appliance.commands.console import EXIT_OK, open_services, stop_on_signals, warn
from appliance.errors import ApplianceError
from appliance.list_keeper import ListKeeper
from appliance.lists.schedule import Rounds
from appliance.services import Services

LOOK_SECONDS = 2.0
"""How often it is looked whether a stick was plugged in, or it is time."""


def keep(options: argparse.Namespace) -> int:
    """Run until told to stop."""
    stop = stop_on_signals()
    services = open_services(options)
    keep_fresh(services, ListKeeper(services), stop)
    return EXIT_OK


def keep_fresh(services: Services, keeper: ListKeeper, stop: threading.Event) -> None:
    """Look for lists until ``stop`` is set. Nothing that a source or a list does ends it."""
    rounds = Rounds(keeper.schedule, at=services.clock.read().at, random=SystemRandom())
    known: set[Path] = set()
    while not stop.is_set():
        plugged_in = set(keeper.sticks())
        for stick in sorted(plugged_in - known):
            _tried(partial(keeper.import_from, stick))
        known = plugged_in
        if not _tried(keeper.check):
            rounds.hurry()
        at = services.clock.read().at
        if keeper.mirrors() and rounds.is_due(at):
            if _tried(partial(keeper.sync, gives_way=partial(_is_another_plugged_in, keeper, known))):
                rounds.succeeded(services.clock.read().at)
            else:
                rounds.failed(services.clock.read().at)
        stop.wait(LOOK_SECONDS)


def _is_another_plugged_in(keeper: ListKeeper, known: set[Path]) -> bool:
    return bool(set(keeper.sticks()) - known)


def _tried(take: Callable[[], object]) -> bool:
    try:
        take()
    except ApplianceError as error:
        warn(f"{error.sentence} [{error.reason}]")
        return False
    return True
