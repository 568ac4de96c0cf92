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
from appliance.clock.memory import LONGEST_SOURCE, EventKind, Floor, Memory, TakenBack, certain
from appliance.clock.memory_file import MemoryFile
from appliance.clock.reading import ClockState, Reading
from appliance.config.clock import SYSTEM, ClockConfig
from appliance.errors import ClockError, ClockNotKept, RuleViolation, SignedAhead, TimeBeforeFloor, TimeTooFarAhead

log = logging.getLogger(__name__)

LEDGER: Final = "ledger"
SIGNED: Final = "signed"
_TRY_AGAIN_AFTER_SECONDS: Final = 60.0
_TOLD: Final = frozenset({EventKind.FILE_DAMAGED, EventKind.JUMP_FOLLOWED, EventKind.JUMP_NOT_FOLLOWED})


class TrustedClock:
    """The clock of one appliance, over the file that its processes share. Safe for several threads.

    ``last_entry`` is when the ledger's last entry was recorded by a clock that was trusted. It is the floor where
    nothing is remembered; where something is, it counts no further than ``longest_gap_days`` beyond what was signed or
    confirmed.
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

    def uptime(self) -> float:
        """Return the seconds since the machine started, which go on whatever is known of the time."""
        return self._machine.boottime()

    def saw_signed_time(self, at: datetime, source: str) -> None:
        """Take note that something was signed at this time (aware), which has therefore passed.

        ``source`` says what it was, in a word. A time that was taken back is believed only once it has passed by a
        clock that is trusted. Raises ``SignedAhead`` for a time ahead of a trusted clock by more than
        ``jump_seconds``, and ``ClockError`` for one that cannot be; then nothing is noted.
        """
        at = certain(at)
        with self._lock:
            judged = self._judged()
            if judged.reading.trusted and at > judged.reading.at + self._config.jump:
                msg = f"it was signed on {at:%Y-%m-%d %H:%M} UTC, which lies ahead of this device's clock"
                raise SignedAhead(msg)
            taken_back = judged.memory.taken_back
            if taken_back is not None and taken_back.has_signed(at) and not judged.reading.trusted:
                return
            if _with_signed(judged.memory, at, source) is not judged.memory:
                self._keep(lambda memory: _with_signed(memory, at, source), self._look())

    def confirm(
        self, at: datetime, *, by: str, far_ahead: bool = False, lower: bool = False, signed_too: bool = False
    ) -> Reading:
        """Take an officer's word that it is ``at`` (aware) now; from here on the uptime counts, until the next start.

        ``by`` is who says so; it is asked for and kept nowhere. ``far_ahead`` is for a time later than
        ``longest_gap_days`` after what was signed or confirmed. ``lower`` takes a wrong confirmation back: the floor
        falls to ``at``, or to the newest signed time where that is later. With ``signed_too`` what was signed later was
        wrong as well, and is taken back.

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
                memory = _lowered(memory, at, before.at, signed_too=signed_too) if lower else memory
                self._require_possible(at, memory, far_ahead=far_ahead or lower)
                memory = memory.noting(EventKind.CONFIRMED, before.at, at)
                known = max(at, memory.floor.at)
                return replace(anchored(seen, memory, known, OFFICER), confirmed=known)

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
        if self._file.lost is not None:
            return memory.raised(last_entry, LEDGER)
        taken_back = memory.taken_back is not None and memory.taken_back.has_entry(last_entry)
        bounded = memory.vouched is not None and last_entry <= memory.vouched + self._config.longest_gap
        return memory.raised(last_entry, LEDGER) if bounded and not taken_back else memory

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
            days, last = self._config.longest_gap_days, f"{memory.vouched:%Y-%m-%d}"
            msg = f"that is more than {days} days after the last time that was signed or confirmed, {last}"
            raise TimeTooFarAhead(msg)


def _with_signed(memory: Memory, at: datetime, source: str) -> Memory:
    if memory.signed is not None and at <= memory.signed:
        return memory
    word = "".join(letter for letter in source if letter.isprintable())[:LONGEST_SOURCE]
    return replace(memory.raised(at, word), signed=at)


def _lowered(memory: Memory, at: datetime, before: datetime, *, signed_too: bool) -> Memory:
    """Return the memory with a lower floor; below what was signed only where that was wrong, too."""
    if at >= memory.floor.at:
        return memory
    floor, signed = Floor(at, OFFICER), memory.signed
    taken_back = TakenBack(at, memory.floor.at)
    if signed is not None and signed > at:
        if signed_too:
            signed, taken_back = None, replace(taken_back, signed=signed)
        else:
            floor = Floor(signed, SIGNED)
    return replace(
        memory.noting(EventKind.FLOOR_LOWERED, before, at),
        floor=floor,
        signed=signed,
        confirmed=None,
        anchor=None,
        generation=memory.generation + 1,
        taken_back=taken_back,
    )
