"""What a chip does against guessing: it slows down, and where it is told to, it locks."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from verifier.iso7816.status import StatusWord
from verifier.sdk.testing.card_side.refusal import Refusal, require


class PasswordGuard:
    """Counts wrong passwords in a row, by password. Survives a power cycle, as on a real chip.

    ``limit`` is how many wrong ones are allowed before a password is blocked (6983), or ``None`` to slow down only,
    as travel documents do.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._wrong: Counter[str] = Counter()

    @property
    def delay_s(self) -> float:
        """Seconds that a real chip would now let pass before it answers: 0, 1, 2, 4, 8 and no more."""
        wrong = max(self._wrong.values(), default=0)
        return float(1 << min(wrong, 4) - 1) if wrong else 0.0

    def tries_left(self, password: str) -> int | None:
        """Return how many more wrong ones are allowed, or ``None`` where there is no limit or none was wrong."""
        if self._limit is None or not self._wrong[password]:
            return None
        return max(self._limit - self._wrong[password], 0)

    @contextmanager
    def attempt(self, password: str, *, decides: bool = True) -> Iterator[None]:
        """Watch one try: 6300 counts as wrong; success, where this step ``decides``, clears the count.

        Refuses with 6983 where no try is left.
        """
        require(self.tries_left(password) != 0, StatusWord.AUTHENTICATION_METHOD_BLOCKED)
        try:
            yield
        except Refusal as refusal:
            self._wrong[password] += refusal.status == StatusWord.AUTHENTICATION_FAILED
            raise
        if decides:
            self._wrong[password] = 0
