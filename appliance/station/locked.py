"""A station whose keys are locked since power-on: it sends everybody to the officer until somebody unlocks them."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from appliance.config import Config
from appliance.errors import KeyLocked, StorageError
from appliance.firmware_host.watchdog import Watchdog
from appliance.kiosk.board import Board
from appliance.kiosk.display import Display, DisplayState
from appliance.kiosk.phrases import phrase_for_state, sentence_for_reason

_logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_TRIES: Final = 1.0
_Opened = TypeVar("_Opened")


def once_unlocked(
    open_it: Callable[[], _Opened],
    config: Config,
    *,
    clock: Callable[[], datetime],
    stop: threading.Event,
    announce: Callable[[str], None],
    watchdog: Watchdog,
) -> _Opened | None:
    """Return what ``open_it`` opens, once it does not raise KeyLocked any more; ``None`` where ``stop`` is set first.

    Until then every reader's screen says "see the officer". Other errors are raised.
    """
    said = ""
    while not stop.is_set():
        try:
            return open_it()
        except KeyLocked as locked:
            if locked.sentence != said:
                said = locked.sentence
                _show(config, locked.reason, clock())
                watchdog.ready()
                watchdog.status("locked")
                announce(f"{locked.sentence} [{locked.reason}]")
        watchdog.feed()
        stop.wait(_SECONDS_BETWEEN_TRIES)
    return None


def _show(config: Config, reason: str, at: datetime) -> None:
    phrase = phrase_for_state(DisplayState.SEE_OFFICER)
    sentence = sentence_for_reason(reason, DisplayState.SEE_OFFICER)
    readers = [reader.name or str(number) for number, reader in enumerate(config.readers, start=1)]
    try:
        board = Board(config.board_path)
        board.forget_displays()  # of a station that was killed: its silence would be shown instead
        for reader in readers:
            board.post(
                Display(DisplayState.SEE_OFFICER, phrase.vi, phrase.en, at, reader, None, sentence.vi, sentence.en)
            )
    except StorageError as error:
        _logger.warning("the screens cannot be told: %s", error.reason)
