"""Telling systemd that the station is up and its loop turns (sd_notify(3)).

The watchdog is fed by the loop that owns the reader, never by a timer: a loop that hangs must be noticed.
"""

import logging
import socket
import time
from collections.abc import Callable
from contextlib import suppress

log = logging.getLogger(__name__)


class Watchdog:
    """The notification socket of the service manager; does nothing without one.

    Args:
        address: the value of ``NOTIFY_SOCKET``, or ``None``; a leading ``@`` means the abstract name space.
        interval_s: how often a fed watchdog is passed on at most.
        clock: seconds of a clock that never jumps.
    """

    def __init__(
        self, address: str | None = None, *, interval_s: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        self._interval = interval_s
        self._clock = clock
        self._fed_at: float | None = None
        self._socket: socket.socket | None = None

    def ready(self) -> None:
        """Say that the station serves cards."""
        self._notify("READY=1")

    def feed(self) -> None:
        """Say that the loop turns. Cheap enough for every turn."""
        now = self._clock()
        if self._fed_at is None or now - self._fed_at >= self._interval:
            self._fed_at = now
            self._notify("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Set the line that ``systemctl status`` shows: a state, never a person."""
        self._notify(f"STATUS={text.splitlines()[0] if text else ''}")

    def stopping(self) -> None:
        """Say that the station is on its way out, and close the socket."""
        self._notify("STOPPING=1")
        self.close()

    def close(self) -> None:
        """Close the socket; later calls open it again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _notify(self, line: str) -> None:
        if not self._address:
            return
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
        try:
            self._socket.sendto(line.encode(), self._address)
        except OSError as error:  # a manager that does not listen must not stop the station
            log.warning("the service manager cannot be told %s: %s", line.partition("=")[0], error.strerror)
            with suppress(OSError):
                self.close()
