"""TrustedClock: what time it is, and whether that is known, for every process of an appliance."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.clock.judgement import OFFICER, Judged, Seen, anchored, judge, possibility
from appliance.clock.machine import Machine, ThisMachine
from appliance.clock.memory import LONGEST_SOURCE, EventKind, Floor, Memory, certain
from appliance.clock.memory_file import MemoryFile
from appliance.clock.reading import ClockState, Reading
from appliance.clock_config import SYSTEM, ClockConfig
from appliance.errors import ClockError, ClockNotKept, RuleViolation, SignedAhead, TimeBeforeFloor, TimeTooFarAhead

log = logging.getLogger(__name__)

LEDGER: Final = "ledger"
SIGNED: Final = "signed"
_TRY_AGAIN_AFTER_SECONDS: Final = 60.0
_TOLD: Final = frozenset({EventKind.FILE_DAMAGED, EventKind.JUMP_FOLLOWED, EventKind.JUMP_NOT_FOLLOWED})


class TrustedClock:
    """The clock of one appliance, over the file that its processes share. Safe for several threads.

    ``last_entry`` is when the ledger's last entry was recorded by a clock that was trusted. It is the floor where
    nothing is remembered; where something is, it counts no further than ``longest_gap_days`` beyond what was signed.
    ``machine`` is this one unless told. Never raises because of the file: where that cannot be written, this process
    goes on with what it knows and tries again every minute.
    """

    def __init__(
        self, path: Path, config: ClockConfig, *, machine: Machine | None = None, last_entry: datetime | None = None
    ) -> None:
        self._config = config
        self._machine = machine or ThisMachine()
        self._lock = threading.RLock()
        self._boot_id = self._machine.boot_id()
        self._file = MemoryFile(path, self._boot_id)
        self._failed_at: float | None = None
        self._noted: EventKind | None = None
        self._begin(last_entry)

    def now(self) -> datetime:
        """Return the best estimate of the time: aware, UTC."""
        return self.read().at

    def read(self) -> Reading:
        """Return what time it is, and whether that is known."""
        with self._lock:
            return self._judged().reading

    def saw_signed_time(self, at: datetime, source: str) -> None:
        """Take note that something was signed at this time (aware), which has therefore passed.

        ``source`` says what it was, in a word. Raises ``SignedAhead`` for a time ahead of a trusted clock by more than
        ``jump_seconds``, and ``ClockError`` for one that cannot be; then nothing is noted.
        """
        at = certain(at)
        with self._lock:
            judged = self._judged()
            if judged.reading.trusted and at > judged.reading.at + self._config.jump:
                msg = f"it was signed on {at:%Y-%m-%d %H:%M} UTC, which lies ahead of this device's clock"
                raise SignedAhead(msg)
            if _with_signed(judged.memory, at, source) is not judged.memory:
                self._keep(lambda memory: _with_signed(memory, at, source), self._look())

    def confirm(self, at: datetime, *, by: str, far_ahead: bool = False, lower: bool = False) -> Reading:
        """Take an officer's word that it is ``at`` (aware) now; from here on the uptime counts, until the next start.

        ``by`` is who says so; it is asked for and kept nowhere. ``far_ahead`` is for a time later than
        ``longest_gap_days`` after the floor. ``lower`` takes a wrong confirmation back: the floor falls to ``at``, or
        to the newest signed time where that is later.

        Raises TimeBeforeFloor, TimeTooFarAhead; ClockError where the time cannot be, or the configuration trusts the
        system's clock; ClockNotKept where it cannot be written for the other processes. Then nothing is changed.
        """
        if not by.strip():
            msg = "somebody has to confirm the time"
            raise RuleViolation(msg)
        if self._config.trust == SYSTEM and not lower:
            msg = "the configuration trusts the system's clock; set that clock"
            raise ClockError(msg)
        at = certain(at)
        with self._lock:
            seen, before = self._look(), self._judged().reading

            def confirmed(memory: Memory) -> Memory:
                memory = _lowered(memory, at, before.at) if lower else memory
                self._require_possible(at, memory, far_ahead=far_ahead or lower)
                memory = memory.noting(EventKind.CONFIRMED, before.at, at)
                return anchored(seen, memory, max(at, memory.floor.at), OFFICER)

            try:
                self._file.change(confirmed)
            except OSError as error:
                msg = f"the time cannot be kept for the station and the page: {error.strerror}"
                raise ClockNotKept(msg) from error
            log.warning("an officer confirmed the time")
            return self._judged().reading

    def memory(self) -> Memory:
        """Return what is remembered: floor, anchor and events."""
        with self._lock:
            return self._file.look()

    # --- inside ----------------------------------------------------------------------------------------------------

    def _begin(self, last_entry: datetime | None) -> None:
        seen, known = self._look(), self._file.known
        if self._file.lost is not None or self._with_entry(known, last_entry) is not known:
            self._keep(lambda memory: self._noting_loss(self._with_entry(memory, last_entry), seen), seen)

    def _with_entry(self, memory: Memory, last_entry: datetime | None) -> Memory:
        if last_entry is None:
            return memory
        bounded = memory.signed is not None and last_entry <= memory.signed + self._config.longest_gap
        return memory.raised(last_entry, LEDGER) if bounded or self._file.lost is not None else memory

    def _noting_loss(self, memory: Memory, seen: Seen) -> Memory:
        """Take down, once, that the file told nothing: the next one written tells again."""
        lost = self._file.lost
        return memory if lost in {None, self._noted} else memory.noting(lost, memory.floor.at, seen.wall)

    def _judged(self) -> Judged:
        memory = self._file.look()
        seen = self._look()
        judged = judge(seen, memory, self._config)
        if judged.memory is not memory or self._file.lost is not None or self._failed_at is not None:
            self._keep(lambda known: self._noting_loss(judge(seen, known, self._config).memory, seen), seen)
        return judged

    def _look(self) -> Seen:
        machine = self._machine
        is_anchored = self._file.known.anchor_in(self._boot_id, machine.boottime()) is not None
        clocks = () if is_anchored else machine.hardware_clocks()
        return Seen(machine.wall(), machine.boottime(), self._boot_id, machine.is_synchronised(), clocks)

    def _keep(self, how: Callable[[Memory], Memory], seen: Seen) -> None:
        """Change what is remembered, in the file where that can be done, else here; tell once that it cannot."""
        before = self._file.known.events
        if self._failed_at is not None and 0 <= seen.boottime - self._failed_at < _TRY_AGAIN_AFTER_SECONDS:
            self._file.change_here(how)
        else:
            self._write(how, seen)
        self._noted = self._file.lost
        for event in self._file.known.events:
            if event.kind in _TOLD and event not in before:
                log.warning("clock: %s, from %s to %s", event.kind, event.before, event.after)

    def _write(self, how: Callable[[Memory], Memory], seen: Seen) -> None:
        try:
            self._file.change(how)
        except OSError as error:
            if self._failed_at is None:
                log.warning("the clock's file cannot be written: %s", error.strerror)
            self._failed_at = seen.boottime
            self._file.change_here(how)
        else:
            self._failed_at = None

    def _require_possible(self, at: datetime, memory: Memory, *, far_ahead: bool) -> None:
        state = possibility(at, memory, self._config)
        if state is ClockState.BEHIND:
            msg = f"it is later than that: {memory.floor.at:%Y-%m-%d %H:%M} UTC has certainly passed"
            raise TimeBeforeFloor(msg)
        if state is ClockState.AHEAD and not far_ahead:
            days = self._config.longest_gap_days
            msg = f"that is more than {days} days after the last time that is certain, {memory.floor.at:%Y-%m-%d}"
            raise TimeTooFarAhead(msg)


def _with_signed(memory: Memory, at: datetime, source: str) -> Memory:
    if memory.signed is not None and at <= memory.signed:
        return memory
    word = "".join(letter for letter in source if letter.isprintable())[:LONGEST_SOURCE]
    return replace(memory.raised(at, word), signed=at)


def _lowered(memory: Memory, at: datetime, before: datetime) -> Memory:
    """Return the memory with a lower floor, though never below what was signed: nobody takes that back."""
    if at >= memory.floor.at:
        return memory
    floor = Floor(at, OFFICER)
    if memory.signed is not None and memory.signed > at:
        floor = Floor(memory.signed, SIGNED)
    lowered = memory.noting(EventKind.FLOOR_LOWERED, before, at)
    return replace(lowered, floor=floor, anchor=None, generation=memory.generation + 1)
