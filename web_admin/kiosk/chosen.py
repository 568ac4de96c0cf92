"""Which of several readers' displays a screen shows, and which readers are gone meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.config import Config
from appliance.kiosk.display import Display, DisplayState

ANSWER_STANDS_FOR = timedelta(seconds=2)
"""So long what another reader shows besides answers does not cover an answer on the screen that they share."""

_BETWEEN_ANSWERS = frozenset(
    {
        DisplayState.STARTING,
        DisplayState.LOCKED,
        DisplayState.READY,
        DisplayState.READING,
        DisplayState.NO_MEETING,
        DisplayState.READER_GONE,
    }
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The display that a screen shows, and the readers of which it says that they are gone while another serves."""

    display: Display | None
    gone: tuple[str, ...] = ()


def reader_names(config: Config) -> tuple[str, ...]:
    """Return what the configured readers are called: by their name, or by their place in the file."""
    return tuple(door.name for door in config.doors)


def of_all(displays: Sequence[Display], names: Sequence[str], *, at: datetime) -> Chosen:
    """Choose for the screen that all readers share: the newest, and an answer for two seconds at least.

    A reader that is gone is what is shown only where all of them are. Readers that are not configured any more do not
    count, where some are.
    """
    known = [display for display in displays if display.reader in names] or list(displays)
    serving = [display for display in known if display.state is not DisplayState.READER_GONE]
    answers = [one for one in serving if one.state not in _BETWEEN_ANSWERS and shown_for(one, at) < ANSWER_STANDS_FOR]
    display = max(answers or serving or known, key=lambda one: one.sequence, default=None)
    gone = tuple(one.reader for one in known if one not in serving) if serving else ()
    return Chosen(display, gone)


def of_one(displays: Sequence[Display], reader: str) -> Chosen:
    """Choose for the screen of one door."""
    return Chosen(next((display for display in displays if display.reader == reader), None))


def shown_for(display: Display, at: datetime) -> timedelta:
    """Return how long something has been shown, by its two clocks: see ``elapsed``."""
    return elapsed(display.at, display.age_seconds, at)


def elapsed(since: datetime, age_seconds: float, at: datetime) -> timedelta:
    """Return the time since something was posted, by whichever clock says that it is longer.

    The wall's may have been set back meanwhile, the steady one begins anew with the machine.
    """
    return max(at - since, timedelta(seconds=min(age_seconds, 86_400.0)))
