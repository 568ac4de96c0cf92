"""Two clocks for a link model: real time, which the station feels, and virtual time, which only adds up.

Both tell where time went. Virtual time makes a tap's budget exact and repeatable: nothing sleeps, and how often a card
asks for more time does not depend on the machine.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from threading import Lock


class Part(StrEnum):
    """Where time goes between the host and the chip."""

    AIR = "air"
    """Frames between reader and card, and the pauses that ISO/IEC 14443-3 asks for."""
    LINE = "line"
    """Bytes between host and reader, and what the adapter holds back."""
    READER = "reader"
    """The reader's own processor."""
    CHIP = "chip"
    """The card's chip, calculating."""


class LinkTime:
    """Adds up where time goes. Safe to use from several threads."""

    is_virtual = True

    def __init__(self) -> None:
        self._lock = Lock()
        self._spent = dict.fromkeys(Part, 0.0)

    def spend(self, part: Part, seconds: float) -> None:
        """Let so much time pass."""
        with self._lock:
            self._spent[part] += seconds

    def chip_calculates(self, seconds: float, since: float) -> float:
        """Let the chip calculate, which it began to do at ``since``; return what the reader has yet to wait for."""
        del since
        self.spend(Part.CHIP, seconds)
        return seconds

    def take(self) -> dict[Part, float]:
        """Return the seconds of each part since the last call."""
        with self._lock:
            spent, self._spent = self._spent, dict.fromkeys(Part, 0.0)
        return spent


class VirtualTime(LinkTime):
    """Time that passes without anybody waiting."""


class RealTime(LinkTime):
    """Time that passes: whoever spends it sleeps.

    A sleep is longer than asked for, and most frames are shorter than a sleep can be. So short times are owed until
    they are worth a sleep, and what a sleep took too long is taken off the next one.
    """

    is_virtual = False
    _WORTH_A_SLEEP_S = 0.000_3
    _GREATEST_CREDIT_S = 0.005
    """A machine that stood still for longer than this is not made up for."""

    def __init__(
        self, *, clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__()
        self._clock = clock
        self._sleep = sleep
        self._owed_s = 0.0

    def spend(self, part: Part, seconds: float) -> None:
        """Sleep, now or together with what comes next. Used by the reader's thread alone."""
        super().spend(part, seconds)
        self._owed_s += seconds
        if self._owed_s < self._WORTH_A_SLEEP_S:
            return
        began = self._clock()
        self._sleep(self._owed_s)
        self._owed_s = max(self._owed_s - (self._clock() - began), -self._GREATEST_CREDIT_S)

    def chip_calculates(self, seconds: float, since: float) -> float:
        """Sleep until the chip would be done; a virtual one that really took longer is not waited for any more."""
        super().spend(Part.CHIP, seconds)
        self._sleep(max(0.0, since + seconds - self._clock()))
        return 0.0
