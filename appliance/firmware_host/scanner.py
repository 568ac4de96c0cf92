"""A barcode or MRZ scanner on a serial line."""

import logging
import termios
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import serial

from appliance.firmware_host.absence import Absence
from appliance.firmware_host.scans import LineAssembler, ScanInterpreter, Scanned, ScannedIdentifier, ScannedPassword
from verifier.sdk import Password
from verifier.sdk.errors import ReaderGone

__all__ = ["ScannedIdentifier", "ScannedPassword", "Scanner"]

log = logging.getLogger(__name__)

_CHUNK = 4096


class Scanner:
    """Asked again and again, answers at once; opens its device by itself, and again when it comes back.

    Args:
        device: path of the serial device file, or a pyserial URL such as ``loop://``.
        baud_rate: bit/s.
        clock: seconds of a clock that never jumps.
    """

    def __init__(self, device: str, baud_rate: int = 9600, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._device = device
        self._baud_rate = baud_rate
        self._clock = clock
        self._line: serial.SerialBase | None = None
        self._absence = Absence("the scanner is not there", clock)
        self._assembler = LineAssembler()
        self._interpreter = ScanInterpreter()
        self._waiting: deque[Scanned] = deque(maxlen=8)

    def open(self) -> None:
        """Open the device, exclusively; raise ``ReaderGone`` when it is not there or open elsewhere."""
        self.close()
        try:
            if "://" in self._device:
                self._line = serial.serial_for_url(self._device, self._baud_rate, timeout=0)
            else:
                self._line = serial.Serial(self._device, self._baud_rate, timeout=0, exclusive=True)
        except (OSError, termios.error, ValueError) as error:
            raise self._gone() from error
        self._absence.ends()

    def poll(self) -> Scanned | None:
        """Return the next scan that is complete, or ``None``; never waits.

        Raises:
            ReaderGone: the scanner is not there; it is looked for again every two seconds.
        """
        if self._line is None:
            self._absence.require_a_look()
            self.open()
        now = self._clock()
        for line in self._assembler.feed(self._read()):
            scanned = self._interpreter.take(line, now)
            if scanned is not None:
                self._waiting.append(scanned)
        return self._waiting.popleft() if self._waiting else None

    def take_password(self) -> Password | None:
        """Return the next scanned password, or ``None``, also while there is no scanner: a ``PasswordSource``."""
        scanned = self._absence.tolerated(self.poll, log)
        return scanned.password if isinstance(scanned, ScannedPassword) else None

    def close(self) -> None:
        """Close the device and forget what was scanned; never raises."""
        line, self._line = self._line, None
        self._assembler.clear()
        self._waiting.clear()
        if line is not None:
            with suppress(OSError, termios.error):
                line.close()

    def _read(self) -> bytes:
        line = self._line
        try:
            return bytes(line.read(_CHUNK)) if line is not None else b""
        except (OSError, termios.error, TypeError) as error:
            raise self._gone() from error

    def _gone(self) -> ReaderGone:
        self.close()
        return self._absence.begins()
