"""The absence of a device that a door can serve without: told once, and looked for again every two seconds."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from verifier.sdk.errors import ReaderGone

_LOOK_AGAIN_AFTER_S: Final = 2.0
_Answer = TypeVar("_Answer")


class Absence:
    """Since when a device is not there.

    Args:
        sentence: what is said of it, such as "the keypad is not there".
        clock: seconds of a clock that never jumps.
    """

    def __init__(self, sentence: str, clock: Callable[[], float]) -> None:
        self._sentence = sentence
        self._clock = clock
        self._since: float | None = None

    def begins(self) -> ReaderGone:
        """Note that it is not there now, and return what is to be raised."""
        self._since = self._clock()
        return ReaderGone(self._sentence)

    def ends(self) -> None:
        """Note that it is there."""
        self._since = None

    def require_a_look(self) -> None:
        """Raise ``ReaderGone`` as long as it was looked for less than two seconds ago."""
        if self._since is not None and self._clock() - self._since < _LOOK_AGAIN_AFTER_S:
            raise ReaderGone(self._sentence)

    def tolerated(self, ask: Callable[[], _Answer], log: logging.Logger) -> _Answer | None:
        """Return what ``ask`` does, or ``None`` where it raises ``ReaderGone``, which is logged when it begins."""
        was_gone = self._since is not None
        try:
            return ask()
        except ReaderGone as error:
            if not was_gone:
                log.warning("%s", error.sentence)
            return None
