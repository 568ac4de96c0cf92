"""The station: one or more doors, each a thread that owns its reader, and one watch over them all.

A driver that hangs cannot be cured from outside its thread; leaving the process can. So a door that gives no sign of
life ends the station, the service manager starts it again, and the meeting goes on: nothing was kept in memory only.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from appliance.errors import ApplianceError
from appliance.firmware_host.watchdog import Watchdog
from appliance.lists.shared import SharedLists
from appliance.station.door import Door
from appliance.station.pulse import Pulse

log = logging.getLogger(__name__)

SILENT_AFTER_SECONDS = 30.0
"""More than any reader takes that still works: a card's waiting time is 5 s at most, an opening less than 20 s."""
_LOOK_SECONDS = 0.5
_STOPPED_SECONDS = 2.0
_ENDING_SECONDS = 15.0


class DoorWedged(ApplianceError):
    """A reader's driver hangs: only a new process helps."""

    reason = "door-wedged"


class DoorEnded(ApplianceError):
    """A door's loop ended by itself: a fault of this program, and a new process helps."""

    reason = "door-ended"


@dataclass
class Station:
    """The doors of one appliance over its lists. ``silent_after_s`` is how long a door may give no sign of life."""

    doors: Sequence[Door]
    lists: SharedLists
    watchdog: Watchdog
    silent_after_s: float = SILENT_AFTER_SECONDS
    _threads: dict[str, threading.Thread] = field(default_factory=dict, init=False)

    def run(self, stop: threading.Event) -> None:
        """Serve every door until ``stop`` is set. Raises ``DoorWedged`` and ``DoorEnded``: leave the process then."""
        pulse = Pulse([door.reader.name for door in self.doors], self.watchdog)
        with self._open(pulse, stop):
            looked = time.monotonic()
            while not stop.wait(_LOOK_SECONDS):
                if time.monotonic() - looked > _STOPPED_SECONDS:
                    pulse.begin_anew()  # not one door was stopped, but this process, or the whole machine
                looked = time.monotonic()
                self._require_life(pulse)

    @contextmanager
    def _open(self, pulse: Pulse, stop: threading.Event) -> Iterator[None]:
        for door in self.doors:
            name = door.reader.name
            door.beat = partial(pulse.beat, name)
            # daemons: a driver that hangs must not keep the process from ending
            self._threads[name] = threading.Thread(target=door.run, args=(stop,), name=f"door {name}", daemon=True)
        for thread in self._threads.values():
            thread.start()
        yield
        for name, thread in self._threads.items():
            thread.join(_ENDING_SECONDS)
            if thread.is_alive():
                raise _wedged(name)

    def _require_life(self, pulse: Pulse) -> None:
        for name, thread in self._threads.items():
            if not thread.is_alive():
                msg = f"the loop of reader {name} ended by itself; the station starts again"
                raise DoorEnded(msg)
        silent = pulse.silent(self.silent_after_s)
        if silent is not None:
            raise _wedged(silent)


def _wedged(name: str) -> DoorWedged:
    return DoorWedged(f"the driver of reader {name} hangs; the station starts again")
