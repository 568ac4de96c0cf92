"""The chip's own processor: it computes while the card keeps the reader waiting."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor


class Worker:
    """One thread that computes answers, one after another; ends with ``close``."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="simulated-chip")

    def start(self, compute: Callable[[], bytes]) -> "Computation":
        """Begin to compute; what still runs for a card that left comes first."""
        return Computation(self._executor.submit(compute))

    def close(self) -> None:
        """Wait for what runs, and end the thread."""
        self._executor.shutdown(wait=True, cancel_futures=True)


class Computation:
    """An answer that is being computed."""

    def __init__(self, future: "Future[bytes]") -> None:
        self._future = future

    def is_done_within(self, seconds: float) -> bool:
        """Wait that long at most."""
        try:
            self._future.exception(seconds)
        except (TimeoutError, CancelledError):
            return False
        return True

    def result(self) -> bytes | BaseException:
        """Return the answer, or what the chip raised over it."""
        return self._future.exception() or self._future.result()
