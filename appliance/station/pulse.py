"""The pulse: every door's loop beats, and the watchdog is fed by the beats of all, never by a timer."""

import time
from collections.abc import Callable, Iterable
from threading import Lock

from appliance.firmware_host.watchdog import Watchdog


class Pulse:
    """Feeds the watchdog whenever each door has beaten since it was fed last.

    A door whose driver hangs stops it so: the service manager then starts the station again, and so does whoever asks
    ``silent`` and ends the process.
    """

    def __init__(
        self, doors: Iterable[str], watchdog: Watchdog, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._watchdog = watchdog
        self._lock = Lock()
        self._beaten_at = dict.fromkeys(doors, clock())
        self._missing = set(self._beaten_at)

    def beat(self, door: str) -> None:
        """Say that a door's loop turns, or that its card still answers. Cheap enough for every turn."""
        with self._lock:
            self._beaten_at[door] = self._clock()
            self._missing.discard(door)
            if not self._missing:
                self._missing.update(self._beaten_at)
                self._watchdog.feed()

    def begin_anew(self) -> None:
        """Count every door as alive now: the whole process was stopped for a while, this watch included."""
        with self._lock:
            self._beaten_at = {door: max(at, self._clock()) for door, at in self._beaten_at.items()}

    def silent(self, longer_than_s: float) -> str | None:
        """Return the door that has not beaten for longest, if it is longer than that."""
        with self._lock:
            door, at = min(self._beaten_at.items(), key=lambda item: item[1])
            return door if self._clock() - at > longer_than_s else None

    def ended(self, door: str) -> None:
        """Say that a door's loop came to its end: nothing is expected of it any more."""
        with self._lock:
            self._beaten_at[door] = float("inf")
            self._missing.discard(door)
