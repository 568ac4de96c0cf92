"""The password of the next tap, wherever it came from: scanner, keypad, or a roster line chosen by an officer.

A password lives as long as its tap, and a little while before it: who scans and then walks away leaves nothing behind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from verifier.sdk import Password

PasswordSource: TypeAlias = Callable[[], Password | None]
"""Asked again and again; answers at once, with a password if one was given since."""

SECONDS_TO_LIVE = 30.0
_MOST_WAITING = 32


@dataclass
class PasswordDesk:
    """Collects passwords and hands out the newest, once."""

    sources: Sequence[PasswordSource]
    clock: Callable[[], float]
    """Seconds of a clock that never jumps, such as ``time.monotonic``."""
    _password: Password | None = field(default=None, init=False, repr=False)
    _given_at: float = field(default=0.0, init=False)

    def offer(self, password: Password) -> None:
        """Keep this password for the next tap; it replaces an older one."""
        self._password, self._given_at = password, self.clock()

    def collect(self) -> None:
        """Take what every source has, of several the last, and forget what has waited too long."""
        for source in self.sources:
            for _ in range(_MOST_WAITING):
                password = source()
                if password is None:
                    break
                self.offer(password)
        if self._password is not None and self.clock() - self._given_at > SECONDS_TO_LIVE:
            self.forget()

    @property
    def is_waiting(self) -> bool:
        """Whether somebody gave a password that was not taken yet."""
        self.collect()
        return self._password is not None

    def take(self) -> Password | None:
        """Return the password that waits, and forget it."""
        self.collect()
        password = self._password
        self.forget()
        return password

    def forget(self) -> None:
        """Drop what waits: the tap is over, or the person left."""
        self._password = None
