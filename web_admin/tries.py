"""How often somebody may try: a password, a one-time code, a card's number; counted by the visitor's network.

A try counts from before it is looked at, so that many at one moment are no more than as many in a row; one that was
right, or that nobody could look at, is given back. While those under way could still use an allowance up, others wait
for them, so that a crowd of right passwords is refused to nobody. flask-limiter can do one or the other: it counts
every try, also the right ones, or counts after the view, and then forty at one moment are answered.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast

from flask import current_app, request
from werkzeug.exceptions import TooManyRequests

from web_admin.visitor import visitor_network

PASSWORDS: Final = "thechip-password-tries"
"""Where the application keeps the allowance of everything that checks a password or a one-time code."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many tries within so long."""

    most: int
    within: timedelta


@dataclass(slots=True)
class Try:
    """One try that is under way."""

    counts: bool = True

    def was_right(self) -> None:
        """Give it back: it counts no more."""
        self.counts = False


@dataclass(slots=True)
class _Network:
    counted: deque[float] = field(default_factory=deque)
    """When, in seconds of a steady clock, the oldest first."""
    under_way: int = 0


class Tries:
    """Counts in this process; a restart forgets. ``steady_clock`` gives seconds and is never set back."""

    def __init__(self, *allowances: Allowance, steady_clock: Callable[[], float] = time.monotonic) -> None:
        self._allowances = allowances
        self._longest = max(one.within.total_seconds() for one in allowances)
        self._clock = steady_clock
        self._networks: dict[str, _Network] = {}
        self._changed = threading.Condition()

    @contextmanager
    def one(self, network: str) -> Iterator[Try]:
        """Count a try of a network while it is looked at, and afterwards unless it was right.

        Waits for tries of the same network that are under way where they might be the last ones allowed. Raises
        TooManyRequests, with the time to wait, where no more are. A try that ends with an exception told nobody
        anything, and is given back.
        """
        one = Try()
        self._begin(network)
        try:
            yield one
        except BaseException:
            one.was_right()
            raise
        finally:
            self._end(network, counts=one.counts)

    def _begin(self, network: str) -> None:
        with self._changed:
            while True:
                self._forget_older()
                state = self._networks.setdefault(network, _Network())
                if (seconds := self._to_wait(state.counted)) > 0:
                    raise TooManyRequests(retry_after=math.ceil(seconds))
                if not self._could_be_too_many(state):
                    state.under_way += 1
                    return
                self._changed.wait()  # each one under way ends, whatever comes of it

    def _end(self, network: str, *, counts: bool) -> None:
        with self._changed:
            state = self._networks[network]
            state.under_way -= 1
            if counts:
                state.counted.append(self._clock())
            self._changed.notify_all()

    def _to_wait(self, counted: Sequence[float]) -> float:
        """Return after how many seconds one more is allowed; 0 where it is now."""
        now = self._clock()
        full = [one for one in self._allowances if len(counted) >= one.most]
        return max((counted[-one.most] + one.within.total_seconds() - now for one in full), default=0.0)

    def _could_be_too_many(self, state: _Network) -> bool:
        """Tell whether the tries under way, all of them wrong, would use an allowance up."""
        now = self._clock()
        return any(
            sum(at > now - one.within.total_seconds() for at in state.counted) + state.under_way >= one.most
            for one in self._allowances
        )

    def _forget_older(self) -> None:
        """Forget what no allowance asks for any more, and networks of which nothing is left."""
        oldest = self._clock() - self._longest
        for network, state in list(self._networks.items()):
            while state.counted and state.counted[0] <= oldest:
                state.counted.popleft()
            if not state.counted and not state.under_way:
                del self._networks[network]


@contextmanager
def one_password() -> Iterator[Try]:
    """Count a password or a one-time code that this visitor gives; raises TooManyRequests as ``Tries.one``."""
    with cast("Tries", current_app.extensions[PASSWORDS]).one(visitor_network()) as one:
        yield one


def counted(view: Callable[..., object], *allowances: Allowance) -> Callable[..., object]:
    """Return a view of which every form that is sent counts, whatever it is answered."""
    tries = Tries(*allowances)

    def view_of_few(**arguments: object) -> object:
        if request.method != "POST":
            return view(**arguments)
        with tries.one(visitor_network()):
            pass
        return view(**arguments)

    return view_of_few
