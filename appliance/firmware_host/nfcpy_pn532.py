"""The parts of nfcpy's PN532 driver that this house extends, by subclassing; nothing of nfcpy is patched."""

import errno
import logging
import termios
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import serial
from nfc.clf import pn532, transport

log = logging.getLogger(__name__)

nfcpy_log = logging.getLogger("nfc")
nfcpy_log.setLevel(logging.CRITICAL)  # its errors reach us as exceptions; at DEBUG it writes every frame into the log

DRAIN_S = 0.05
_LOCKED_BY_A_CHILD_S = 0.5
"""A child that another thread just forked holds our lock until it becomes another program; nfcpy itself starts such."""
WRITE_TIMEOUT_S = 1.0
POWER_ON_RATE = 115_200
_RATES_LEFT_BEHIND = (921_600, 460_800, 230_400)
_TYPE_A, _IN_LIST_PASSIVE_TARGET, _FIELD_OFF = 0x00, 0x4A, 0x02
_WAKE_UP = bytes(10)
_BACK_TO_115200 = bytes.fromhex("0000ff03fdd410041800")
_CHANGED_RATE = bytes.fromhex("0000ff02fed5111a00")


_TIMEOUT: Final[property] = vars(serial.SerialBase)["timeout"]


class SteadyLine(serial.Serial):
    """A serial line that is set up once: pyserial makes all its settings anew whenever it is told a timeout.

    nfcpy tells it before each frame, mostly the same.
    """

    @property
    def timeout(self) -> float | None:
        """How long a read waits, in seconds; None is for ever."""
        return super().timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        if seconds != self.timeout:
            _TIMEOUT.__set__(self, seconds)


class ExclusiveTty(transport.TTY):  # type: ignore[misc] # nfcpy has no types
    """nfcpy's serial line, which only one process may open, which always closes, and whose writes end.

    Args:
        port: the device file.
        patience_s: how long to wait for the reader's frames at least; nfcpy's own 0.1 s is little on a busy machine.
    """

    def __init__(self, port: str, patience_s: float) -> None:
        self._patience_ms = patience_s * 1000
        self.tty: serial.Serial | None = None
        self._has_failed = False
        super().__init__(port)

    def open(self, port: str, baudrate: int = POWER_ON_RATE) -> None:
        """Open the device file; raise ``SerialException`` when it is absent, or open elsewhere."""
        self.close()
        self._has_failed = False
        until = time.monotonic() + _LOCKED_BY_A_CHILD_S
        while True:
            try:
                self.tty = SteadyLine(port, baudrate, timeout=0.05, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
            except serial.SerialException as error:
                if error.errno != errno.EWOULDBLOCK or time.monotonic() > until:
                    raise
                time.sleep(0.005)
            else:
                return

    def read(self, timeout: float) -> Any:
        """Wait ``timeout`` milliseconds for a frame, or longer where patience is."""
        with self._noticing_failure():
            return super().read(max(timeout, self._patience_ms))

    def write(self, frame: bytes | bytearray) -> None:
        """Send a frame."""
        with self._noticing_failure():
            super().write(frame)

    @contextmanager
    def _noticing_failure(self) -> Iterator[None]:
        """Remember that the line itself failed: for a moment while it hangs up, its settings can still be asked."""
        try:
            yield
        except (serial.SerialException, termios.error):  # a silent reader is a plain OSError
            self._has_failed = True
            raise

    def close(self) -> None:
        """Close the descriptor, also when the device has vanished. What was written last is given time to leave."""
        line: serial.Serial | None = self.tty
        self.tty = None
        if line is None:
            return
        try:
            until = time.monotonic() + DRAIN_S
            while line.out_waiting and time.monotonic() < until:
                time.sleep(0.001)
            if line.out_waiting:
                line.reset_output_buffer()  # or the kernel waits half a minute for a dead line
        except (OSError, termios.error) as error:
            log.debug("the line was dead already: %s", error)
        finally:
            line.close()

    def is_alive(self) -> bool:
        """Whether the device behind the descriptor still exists."""
        line = self.tty
        if line is None or line.fd is None or self._has_failed:
            return False
        try:
            termios.tcgetattr(line.fd)
        except (OSError, termios.error):
            return False
        return True


class RememberingChipset(pn532.Chipset):  # type: ignore[misc] # nfcpy has no types
    """A chipset that does not ask again what it knows: one host command for each frame on the air instead of four.

    nfcpy reads and writes the same three registers and sets the same timeout before each frame. What was read or
    written is remembered until the chip does anything that may change it by itself, or anything fails.
    """

    _REMEMBERED = frozenset((0x6302, 0x6303, 0x6305))
    """CIU_TxMode, CIU_RxMode, CIU_TxAuto."""
    _HARMLESS = frozenset((0x06, 0x08, 0x32, 0x42))
    """ReadRegister, WriteRegister, RFConfiguration, InCommunicateThru."""

    def __init__(self, line: ExclusiveTty, logger: logging.Logger) -> None:
        self._registers: dict[int, int] = {}
        self._timing = b""
        self.cards_found = 0
        """How many cards of type A the last search found: two at most."""
        super().__init__(line, logger)

    def _forget(self) -> None:
        self._registers.clear()
        self._timing = b""

    def command(self, cmd_code: int, cmd_data: bytes | bytearray, timeout: float) -> Any:
        """Send a host command; forget everything when it fails or may change what is remembered."""
        completed = False
        try:
            answer = super().command(cmd_code, cmd_data, timeout)
            completed = cmd_code in self._HARMLESS
            return answer
        finally:
            if not completed:
                self._forget()

    def in_list_passive_target(self, max_tg: int, brty: int, initiator_data: bytes) -> Any:
        """Look for a target; of type A for two, so that ``cards_found`` says how many lie there.

        nfcpy asks for one, whatever it is told, and the chip then picks one of two cards and says nothing of the other.
        A card that lies there alone is selected anew, after a reset: looking for a second one may have put it to sleep.
        """
        if brty != _TYPE_A or initiator_data:
            return super().in_list_passive_target(max_tg, brty, initiator_data)
        found = self.command(_IN_LIST_PASSIVE_TARGET, bytearray([2, _TYPE_A]), timeout=1.0)
        self.cards_found = found[0] if found else 0
        if self.cards_found != 1:
            return found[2:] if self.cards_found else None
        self.rf_configuration(0x01, bytearray([_FIELD_OFF]))
        return super().in_list_passive_target(1, brty, initiator_data)

    def rf_configuration(self, cfg_item: int, cfg_data: bytes | bytearray) -> None:
        """Set antenna, timing or analog settings; the timing (item 2) only when it changes."""
        if cfg_item != 0x02:
            self._forget()
            super().rf_configuration(cfg_item, cfg_data)
        elif bytes(cfg_data) != self._timing:
            super().rf_configuration(cfg_item, cfg_data)
            self._timing = bytes(cfg_data)

    def in_communicate_thru(self, data: bytes, timeout: float) -> Any:
        """Send a frame to the card and return its answer; forget everything when there is none."""
        completed = False
        try:
            answer = super().in_communicate_thru(data, timeout)
            completed = True
            return answer
        finally:
            if not completed:
                self._forget()

    def _read_register(self, data: bytes) -> Any:
        addresses = [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]
        if all(address in self._registers for address in addresses):
            return bytearray(self._registers[address] for address in addresses)
        values = super()._read_register(data)
        self._registers.update(pair for pair in zip(addresses, values, strict=False) if pair[0] in self._REMEMBERED)
        return values

    def _write_register(self, data: bytes) -> None:
        pairs = [(int.from_bytes(data[at : at + 2]), data[at + 2]) for at in range(0, len(data), 3)]
        if all(self._registers.get(address) == value for address, value in pairs):
            return
        super()._write_register(data)
        self._registers.update(pair for pair in pairs if pair[0] in self._REMEMBERED)


def open_device(line: ExclusiveTty, *, remember_registers: bool = True) -> Any:
    """Return nfcpy's device for the PN532 on this line; raise whatever nfcpy raises.

    A reader whose last user was killed still listens at that user's speed and would stay deaf until it is unplugged:
    it is called back to 115,200 bit/s, and asked once more.
    """
    try:
        device = _initialise(line)
    except OSError:
        if not (line.is_alive() and _call_back(line)):
            raise
        device = _initialise(line)
    return pn532.Device(RememberingChipset(line, nfcpy_log), nfcpy_log) if remember_registers else device


def restore_rate(line: ExclusiveTty) -> None:
    """Bring a reader that was opened halfway back to 115,200 bit/s, so that the next opening finds it."""
    with suppress(OSError, termios.error, LookupError):
        if line.is_alive() and line.baudrate != POWER_ON_RATE:
            line.write(pn532.Chipset.ACK)  # cancels what runs
            _ask_for_power_on_rate(line)


def _ask_for_power_on_rate(line: ExclusiveTty) -> bool:
    line.write(_WAKE_UP + _BACK_TO_115200)
    if line.read(100) == pn532.Chipset.ACK and line.read(100) == _CHANGED_RATE:
        line.write(pn532.Chipset.ACK)
        return True
    return False


def _initialise(line: ExclusiveTty) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # init() leaves /proc/device-tree/model open on a Pi
        return pn532.init(line)


def _call_back(line: ExclusiveTty) -> bool:
    port = line.port
    for rate in _RATES_LEFT_BEHIND:
        line.open(port, rate)
        with suppress(OSError, LookupError):  # silence, or noise: not this rate
            if _ask_for_power_on_rate(line):
                return True
    return False
