"""The chip's own processor: it computes while the card keeps the reader waiting."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Computed:
    """A response, and how long in virtual time the chip is not done with it yet."""

    response: bytes = field(repr=False)
    seconds_left: float = 0.0


class Worker:
    """One thread that computes answers, one after another; ends with ``close``.

    Args:
        is_virtual: whether a chip takes as long as it says, rather than as long as this machine needs.
    """

    def __init__(self, *, is_virtual: bool = False) -> None:
        self._is_virtual = is_virtual
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="simulated-chip")

    def start(self, compute: Callable[[], Computed]) -> "Computation":
        """Begin to compute; what still runs for a card that left comes first."""
        return Computation(self._executor.submit(compute), is_virtual=self._is_virtual)

    def close(self) -> None:
        """Wait for what runs, and end the thread."""
        self._executor.shutdown(wait=True, cancel_futures=True)


class Computation:
    """An answer that is being computed."""

    def __init__(self, future: "Future[Computed]", *, is_virtual: bool) -> None:
        self._future = future
        self._is_virtual = is_virtual
        self._passed_s = 0.0

    def is_done_within(self, seconds: float) -> bool:
        """Wait that long at most; in virtual time, let that much of it pass."""
        try:
            failure = self._future.exception(None if self._is_virtual else seconds)
        except (TimeoutError, CancelledError):
            return False
        if failure is not None or not self._is_virtual:
            return True
        left_s = self._future.result().seconds_left - self._passed_s
        self._passed_s += min(seconds, left_s)
        return left_s <= seconds

    def result(self) -> bytes | BaseException:
        """Return the answer, or what the chip raised over it."""
        return self._future.exception() or self._future.result().response
