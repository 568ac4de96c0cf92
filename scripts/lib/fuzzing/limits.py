"""What no input may do: raise anything but a ``VerifierError``, take long, take much memory, or nest deeply."""

import sys
import time
import traceback
import tracemalloc
from collections.abc import Callable

from verifier.errors import VerifierError

MAX_LENGTH = 1 << 16
"""Bytes of an input: 64 KiB."""
MAX_SECONDS = 0.5
MAX_MEMORY = 64 << 20
MAX_LEVELS = 100


class LimitError(Exception):
    """An input does what none may."""


def within_levels(target: Callable[[bytes], object], data: bytes) -> None:
    """Run a target with as many levels of calls as there may be; let ``VerifierError`` pass for an answer."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(_depth() + MAX_LEVELS)
    try:
        target(data)
    except VerifierError as error:
        _require_sentence(error)
    finally:
        sys.setrecursionlimit(before)


def within_all(target: Callable[[bytes], object], data: bytes) -> float:
    """Run a target under every limit; return the seconds of processor time. Raises ``LimitError``."""
    seconds = min(_timed(target, data) for _ in range(2))
    if seconds > MAX_SECONDS:
        seconds = min(_timed(target, data) for _ in range(5))  # a busy machine slows some of them, not all
    if seconds > MAX_SECONDS:
        msg = f"{seconds:.2f} s for {len(data)} bytes"
        raise LimitError(msg)
    tracemalloc.start()
    try:
        within_levels(target, data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    if peak > MAX_MEMORY:
        msg = f"{peak >> 20} MB of memory for {len(data)} bytes"
        raise LimitError(msg)
    return seconds


def _timed(target: Callable[[bytes], object], data: bytes) -> float:
    started = time.process_time()
    within_levels(target, data)
    return time.process_time() - started


def _require_sentence(error: VerifierError) -> None:
    if not error.reason or not error.sentence or len(error.sentence) > 1000:
        msg = f"an error without a usable sentence: {error!r}"
        raise LimitError(msg)


def _depth() -> int:
    return sum(1 for _ in traceback.walk_stack(None))
