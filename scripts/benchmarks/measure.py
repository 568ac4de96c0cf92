"""Timing on a noisy machine: repetitions interleaved, minima and medians, and what a run really calls."""

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``ours`` and ``against`` are in ``unit``; the ratio is what counts."""

    name: str
    ours: float
    unit: str
    against: float | None = None
    what: str = ""
    """What ``against`` is."""
    details: Mapping[str, float | int | str] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """``ours`` to ``against``."""
        return None if not self.against else self.ours / self.against


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of one call: the least, and the middle one."""

    least: float
    median: float


def interleaved(functions: Mapping[str, Callable[[], object]], repetitions: int, *, batch: int = 1) -> dict[str, Timed]:
    """Call each function in turn, again and again, so that a slow moment hurts all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(repetitions):
        for name, function in functions.items():
            started = time.perf_counter()
            for _ in range(batch):
                function()
            seconds[name].append((time.perf_counter() - started) / batch)
    return {name: Timed(min(values), statistics.median(values)) for name, values in seconds.items()}


def calls_of(run: Callable[[], object], names: Mapping[str, str]) -> Counter[str]:
    """Run once and count the built-in functions that were called, by the label that ``names`` gives their name."""
    counted: Counter[str] = Counter()

    def profile(_frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and function.__name__ in names:
            counted[names[function.__name__]] += 1

    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    return counted


def replay(counted: Mapping[str, int], operations: Mapping[str, Callable[[], object]]) -> Callable[[], None]:
    """Return a function that does each counted operation as often as it was counted, and nothing else."""
    sequence = [operations[label] for label, count in counted.items() for _ in range(count)]

    def run() -> None:
        for operation in sequence:
            operation()

    return run
