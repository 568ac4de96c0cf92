"""A card access number typed on a keypad: six digits, then Enter."""

import fcntl
import logging
import os
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum

from appliance.firmware_host.absence import Absence
from verifier.sdk import CanPassword
from verifier.sdk.errors import ReaderGone

log = logging.getLogger(__name__)

CAN_LENGTH = 6
FORGOTTEN_AFTER_S = 20.0

_INPUT_EVENT = struct.Struct("@llHHi")
"""struct input_event of the Linux kernel: seconds, microseconds, type, code, value."""
_EV_KEY, _PRESSED = 1, 1
_GRAB = 0x4004_4590
"""EVIOCGRAB: keys for us go nowhere else, such as to a console."""


class Key(Enum):
    """The keys that are no digit."""

    ENTER = "enter"
    ERASE = "erase"
    CLEAR = "clear"


KEY_CODES: dict[int, int | Key] = {
    **{code: digit for digit, code in enumerate((11, 2, 3, 4, 5, 6, 7, 8, 9, 10))},
    **{code: digit for digit, code in enumerate((82, 79, 80, 81, 75, 76, 77, 71, 72, 73))},
    28: Key.ENTER,
    96: Key.ENTER,
    14: Key.ERASE,
    111: Key.ERASE,
    1: Key.CLEAR,
    55: Key.CLEAR,
    83: Key.CLEAR,
}
"""Key codes of linux/input-event-codes.h: both rows of digits, Enter, Backspace and Delete, Esc, * and the point."""


class CanEntry:
    """The number as far as it was typed. Nobody but the chip ever sees its digits.

    =========  ==========================================================
    digit      appended; a seventh begins anew, since one was wrong
    ERASE      takes the last digit back
    CLEAR      forgets them all, as 20 seconds without a key do
    ENTER      with six digits: the password; with fewer: nothing, kept
    =========  ==========================================================
    """

    def __init__(self) -> None:
        self._digits = ""
        self._last_at = 0.0

    @property
    def length(self) -> int:
        """How many digits to show as dots."""
        return len(self._digits)

    def press(self, key: int | Key, at: float) -> CanPassword | None:
        """Take a key pressed ``at`` seconds of a steady clock; return the password when it is complete."""
        if at - self._last_at > FORGOTTEN_AFTER_S:
            self._digits = ""
        self._last_at = at
        if key is Key.ENTER:
            return self._finish()
        if key is Key.ERASE:
            self._digits = self._digits[:-1]
        elif key is Key.CLEAR or len(self._digits) == CAN_LENGTH:
            self._digits = ""
        if isinstance(key, int) and 0 <= key <= 9:
            self._digits += str(key)
        return None

    def _finish(self) -> CanPassword | None:
        if len(self._digits) < CAN_LENGTH:
            return None
        digits, self._digits = self._digits, ""
        return CanPassword(digits)


class Keypad:
    """A keypad or keyboard as the kernel shows it, ``/dev/input/event…``. Asked again and again, answers at once."""

    def __init__(self, device: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._device = device
        self._clock = clock
        self._entry = CanEntry()
        self._descriptor: int | None = None
        self._absence = Absence("the keypad is not there", clock)
        self._rest = b""

    @property
    def length(self) -> int:
        """How many digits to show as dots."""
        return self._entry.length

    def open(self) -> None:
        """Open the device for ourselves alone; raise ``ReaderGone`` when it is not there."""
        self.close()
        try:
            self._descriptor = os.open(self._device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise self._gone() from error
        with suppress(OSError):  # no event device: a test, or a keypad of another kind
            fcntl.ioctl(self._descriptor, _GRAB, 1)
        self._absence.ends()

    def poll(self) -> CanPassword | None:
        """Return a number that was completed, or ``None``; never waits.

        Raises:
            ReaderGone: the keypad is not there; it is looked for again every two seconds.
        """
        if self._descriptor is None:
            self._absence.require_a_look()
            self.open()
        data, password = self._rest + self._read(), None
        whole = len(data) - len(data) % _INPUT_EVENT.size
        self._rest = data[whole:]
        for _, _, kind, code, value in _INPUT_EVENT.iter_unpack(data[:whole]):
            if kind == _EV_KEY and value == _PRESSED and code in KEY_CODES:
                password = self._entry.press(KEY_CODES[code], self._clock()) or password
        return password

    def take_password(self) -> CanPassword | None:
        """Return the next number typed, or ``None``, also while there is no keypad: a ``PasswordSource``."""
        return self._absence.tolerated(self.poll, log)

    def close(self) -> None:
        """Close the device and forget what was typed; never raises."""
        descriptor, self._descriptor = self._descriptor, None
        self._entry, self._rest = CanEntry(), b""
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)

    def _read(self) -> bytes:
        if self._descriptor is None:
            return b""
        try:
            return os.read(self._descriptor, 64 * _INPUT_EVENT.size)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._gone() from error

    def _gone(self) -> ReaderGone:
        self.close()
        return self._absence.begins()
