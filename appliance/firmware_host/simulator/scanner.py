"""A barcode scanner on a pseudo-terminal: what is scanned goes out as lines, as from the real ones."""

import os
import tty
from types import TracebackType
from typing import Self


class SimulatedScanner:
    """A scanner whose ``path`` a driver opens like that of a real one."""

    def __init__(self) -> None:
        self._device, self._driver_side = os.openpty()
        tty.setraw(self._driver_side)
        self.path = os.ttyname(self._driver_side)

    def scan(self, text: str) -> None:
        """Send each line of the text, ended by carriage return and line feed."""
        for line in text.splitlines():
            os.write(self._device, line.encode() + b"\r\n")

    def send(self, noise: bytes) -> None:
        """Send bytes as they are; waits while nobody reads them."""
        left = memoryview(noise)
        while left:
            left = left[os.write(self._device, left) :]

    def close(self) -> None:
        """Unplug it."""
        os.close(self._device)
        os.close(self._driver_side)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
