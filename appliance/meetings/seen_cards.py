"""Cards that were counted at an event of which nothing is kept: known again, as long as this process lives.

Each number is hashed (HMAC-SHA256) under 32 random bytes that are made when the event's first card comes, are written
nowhere, and go with the next meeting. So a restart forgets: a card that was counted before it is counted again after
it. What counts twice is the price of keeping nothing; ``docs/meetings.md`` says so.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.roster.member_numbers import normal_number

_KEY_LENGTH = 32


@dataclass
class SeenCards:
    """The hashes of one meeting's cards, for any number of threads."""

    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)
    _uid: str = field(default="", init=False)
    _key: bytes = field(default=b"", init=False, repr=False)
    _hashes: set[bytes] = field(default_factory=set, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def add(self, uid: str, number: str) -> bool:
        """Remember a card of this meeting; False where it was there before. Another meeting's cards are forgotten."""
        with self._lock:
            if uid != self._uid:
                self._uid, self._key = uid, self.random(_KEY_LENGTH)
                self._hashes.clear()
            hashed = self._hash(number)
            is_new = hashed not in self._hashes
            self._hashes.add(hashed)
            return is_new

    def take_back(self, uid: str, number: str) -> None:
        """Forget one card: it could not be recorded."""
        with self._lock:
            if uid == self._uid:
                self._hashes.discard(self._hash(number))

    def forget(self) -> None:
        """Forget every card, and the key."""
        with self._lock:
            self._uid, self._key = "", b""
            self._hashes.clear()

    def _hash(self, number: str) -> bytes:
        return hmac.digest(self._key, normal_number(number).encode(), hashlib.sha256)
