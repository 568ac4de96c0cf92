"""Taking up lists while pages are answered: one thread at a time, and what it tells meanwhile and afterwards."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from appliance.errors import ApplianceError
from appliance.lists.history import Outcome
from appliance.lists.sources.source import Source
from appliance.lists.sync import Progress, Synced

TELL_EVERY_SECONDS: Final = 1.0
"""How often pages are told how much came; each time costs them a look at everything."""

Take = Callable[[Progress], Synced]


@dataclass(frozen=True, slots=True)
class Failure:
    """What a source did wrong: its name for people who know no paths, and a reason code."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of the last try. ``reason`` is the code of what ended it, empty where it went well."""

    at: datetime
    outcome: Outcome
    source: str = ""
    received: int = 0
    reason: str = ""
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What is under way, and what was before it. ``step`` rises whenever there is something new to be told."""

    step: int = 0
    is_running: bool = False
    source: str = ""
    received: int = 0
    last: Done | None = None


class Background:
    """Runs one try at a time.

    Args:
        clock: the time (aware, UTC).
        failures_since: what sources did wrong since a time, the latest first; asked where none could be used.
        steady: seconds of a clock that never jumps.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        failures_since: Callable[[datetime], tuple[Failure, ...]],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._failures_since = failures_since
        self._steady = steady
        self._lock = threading.Lock()
        self._told_at = -float("inf")
        self._work = Work()

    @property
    def work(self) -> Work:
        """How things stand."""
        return self._work

    def start(self, take: Take) -> bool:
        """Begin; return whether that was possible, which it is not while an earlier try runs."""
        with self._lock:
            if self._work.is_running:
                return False
            self._work = Work(step=self._work.step + 1, is_running=True)
            self._told_at = -float("inf")
        # a server that stops does not wait: a try that is cut off leaves the old lists, and the next one goes on
        threading.Thread(target=self._run, args=(take, self._clock()), name="lists", daemon=True).start()
        return True

    def _run(self, take: Take, began: datetime) -> None:
        done = Done(began, Outcome.FAILED, reason=ApplianceError.reason)
        try:
            done = self._of(take(self._tell), began)
        except ApplianceError as error:
            done = Done(self._clock(), Outcome.FAILED, reason=error.reason, failures=self._failures_since(began))
        finally:  # whatever happened, somebody may try again
            with self._lock:
                self._work = Work(step=self._work.step + 1, last=done)

    def _of(self, synced: Synced, began: datetime) -> Done:
        return Done(
            at=max(self._clock(), began),
            outcome=synced.outcome,
            source=synced.source.named,
            received=synced.received,
            failures=tuple(Failure(source.named, error.reason) for source, error in synced.failures),
        )

    def _tell(self, source: Source, received: int) -> None:
        now = self._steady()
        with self._lock:
            is_news = source.named != self._work.source or now - self._told_at >= TELL_EVERY_SECONDS
            if is_news:
                self._told_at = now
                self._work = replace(self._work, step=self._work.step + 1, source=source.named, received=received)
