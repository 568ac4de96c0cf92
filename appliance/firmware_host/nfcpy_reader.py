"""A PN532 on a serial line, driven by nfcpy: the one boundary where what other libraries raise becomes our own errors.

Of nfcpy only ``sense`` and ``exchange`` are used. Below them nfcpy, pyserial and termios raise what they please:
``termios.error`` (no ``OSError``) when the device vanishes, ``IndexError`` for a frame cut short, ``AssertionError``,
one ``TimeoutError`` for a silent card and for a silent reader alike. Nothing of that leaves this file.
"""

import errno
import logging
import os
import re
import struct
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

import nfc.clf
from nfc.clf import pn53x

from appliance.firmware_host.card_session import CardSession
from appliance.firmware_host.iso_dep import NoAnswer, UnreadableAnswer
from appliance.firmware_host.link import ReaderFacts
from appliance.firmware_host.nfcpy_pn532 import ExclusiveTty, RememberingChipset, open_device, restore_rate
from appliance.firmware_host.reader import CardInField
from verifier.sdk.errors import InvalidInput, ReaderError, ReaderFault, ReaderGone

log = logging.getLogger(__name__)

POLL_S = 0.02
_QUESTIONS = 20
_DEVICE_FILE = re.compile(r"/[A-Za-z0-9/._:+-]+")
"""nfcpy hands the path to a shell (``stty``)."""

_FAILURES = (
    OSError,
    termios.error,
    struct.error,
    pn53x.Chipset.Error,
    nfc.clf.Error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
)
"""Everything that nfcpy 1.0.4, pyserial and termios were seen or read to raise on a failing line."""

_CARD_STATUSES = frozenset((0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0B, 0x13))
"""Errors of the chip that come from the air: CRC, parity, collisions, framing, overflow (UM0701-02, 7.1)."""


_ABSENT = frozenset((errno.ENOENT, errno.ENXIO, errno.ENODEV))
_UNUSABLE = {
    errno.EWOULDBLOCK: "is used by another process",
    errno.EBUSY: "is used by another process",
    errno.EACCES: "may not be opened by this process",
    errno.EPERM: "may not be opened by this process",
}


class Pn532Reader:
    """A PN532 at a device file. Owned by one thread; opened again after any ``ReaderError``.

    Args:
        device: path of the serial device file, such as ``/dev/ttyUSB0``.
        name: how logs and the page call this reader.
        patience_s: how long the reader may take for each frame beyond what the card takes.
        greatest_divisor: 4 for up to 424 kbit/s, 1 for 106 kbit/s always.
        remember_registers: leave out host commands that would change nothing.
        clock: seconds of a clock that never jumps.
        pause: sleeps for so many seconds.

    Raises:
        InvalidInput: the path has characters that no device file has.
    """

    def __init__(
        self,
        device: str,
        *,
        name: str = "1",
        patience_s: float = 0.5,
        greatest_divisor: int = 4,
        remember_registers: bool = True,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _DEVICE_FILE.fullmatch(device):
            msg = "a reader's device is an absolute path of letters, digits and /._:+-"
            raise InvalidInput(msg)
        self._device_file = device
        self._name = name
        self._patience_s = patience_s
        self._greatest_divisor = greatest_divisor
        self._remember_registers = remember_registers
        self._clock = clock
        self._pause = pause
        self._antenna: _NfcpyAntenna | None = None

    @property
    def name(self) -> str:
        """How this reader is called."""
        return self._name

    def open(self) -> None:
        """Open the reader, in place of an earlier opening.

        Raises:
            ReaderGone: there is no such device file, or no PN532 answers behind it.
            ReaderFault: another process has it open, this one may not, or it answers nonsense.
        """
        self.close()
        with _opening(self._device_file):
            line = ExclusiveTty(self._device_file, self._patience_s)
        try:
            with _opening(self._device_file):
                device = open_device(line, remember_registers=self._remember_registers)
        except ReaderError:
            restore_rate(line)
            line.close()
            raise
        self._antenna = _NfcpyAntenna(line, device, self._device_file)

    def wait_for_card(self, timeout_s: float) -> CardInField | None:
        """Return the card of type A in the field, or ``None`` after ``timeout_s`` seconds; looks at least once.

        Raises:
            ReaderError: the reader failed or is not open.
        """
        antenna = self._opened()
        until = self._clock() + timeout_s
        while not antenna.sense():
            left = until - self._clock()
            if left <= 0:
                return None
            self._pause(min(left, POLL_S))
        return CardSession(antenna, clock=self._clock, pause=self._pause, greatest_divisor=self._greatest_divisor)

    def facts(self) -> ReaderFacts:
        """Ask the chip for its version, several times; raise ``ReaderError`` where it does not answer."""
        antenna = self._opened()
        chip, durations = "", []
        for _ in range(_QUESTIONS):
            began = self._clock()
            chip = antenna.chip()
            durations.append(self._clock() - began)
        return ReaderFacts(chip, self._device_file, antenna.line_bit_s, median(durations))

    def close(self) -> None:
        """Send the chip to sleep and close the line; never raises, and leaves no descriptor behind."""
        antenna, self._antenna = self._antenna, None
        if antenna is not None:
            antenna.close()

    def _opened(self) -> "_NfcpyAntenna":
        if self._antenna is None:
            msg = "the reader is not open"
            raise ReaderGone(msg)
        return self._antenna


class _NfcpyAntenna:
    """nfcpy's frontend for one opened device."""

    def __init__(self, line: ExclusiveTty, device: Any, device_file: str) -> None:
        self._line = line
        self._device_file = device_file
        self._frontend = nfc.clf.ContactlessFrontend()
        self._frontend.device = device

    def chip(self) -> str:
        """Ask the chip what it is (UM0701-02, 7.2.2)."""
        with self._translated():
            _, version, revision, _ = self._frontend.device.chipset.get_firmware_version()
        return f"PN532 version {version}.{revision}"

    @property
    def line_bit_s(self) -> int:
        return int(self._line.baudrate)

    def sense(self) -> bool:
        with self._translated():
            return self._frontend.sense(nfc.clf.RemoteTarget("106A")) is not None

    def is_alone(self) -> bool:
        chipset = self._frontend.device.chipset
        return not isinstance(chipset, RememberingChipset) or chipset.cards_found < 2

    def speaks_blocks(self) -> bool:
        target = self._frontend.target
        return bool(target is not None and target.sel_res and target.sel_res[0] & 0x20)

    def exchange(self, frame: bytes, timeout_s: float) -> bytes:
        with self._translated():
            try:
                answer = self._frontend.exchange(bytearray(frame), timeout_s)
            except nfc.clf.TimeoutError as error:
                if isinstance(error.__context__, OSError):
                    raise  # it is the reader that fell silent: nfcpy calls both by one name
                raise NoAnswer from error
            except nfc.clf.TransmissionError as error:
                if getattr(error.__context__, "errno", None) not in _CARD_STATUSES:
                    raise
                raise UnreadableAnswer from error
        if answer is None:
            raise NoAnswer
        return bytes(answer)

    def set_divisor(self, divisor: int) -> None:
        self._frontend.target.brty = f"{106 * divisor}A"

    def field_off(self) -> None:
        with self._translated():
            self._frontend.sense()

    def close(self) -> None:
        try:
            with suppress(ReaderError), self._translated():
                self._frontend.close()
        finally:
            self._line.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _FAILURES as error:
            log.info("reader: %s: %s", type(error).__name__, error)
            if not self._line.is_alive():
                msg = f"the reader {self._device_file} was unplugged or its line is dead"
                raise ReaderGone(msg) from error
            msg = f"the reader {self._device_file} does not answer, or answers what nobody asked"
            raise ReaderFault(msg) from error


@contextmanager
def _opening(device_file: str) -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        log.info("opening the reader: %s: %s", type(error).__name__, error)
        number = getattr(error, "errno", None) or 0
        if number in _UNUSABLE:
            msg = f"the reader {device_file} {_UNUSABLE[number]}"
            raise ReaderFault(msg) from error
        if number in _ABSENT and not Path(device_file).exists():
            msg = f"the reader {device_file} is not there ({os.strerror(number).lower()})"
        else:
            msg = f"nothing that answers as a reader is at {device_file}"
        raise ReaderGone(msg) from error
