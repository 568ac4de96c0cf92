"""A station whose keys are locked since power-on: every screen says so, and how to unlock it, until somebody does."""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import Final, TypeVar

from appliance.config import Config, IndicatorConfig
from appliance.errors import KeyFileError, KeyLocked, StorageError, WrongSecret
from appliance.firmware_host.indicator import new_indicator
from appliance.firmware_host.watchdog import Watchdog
from appliance.kiosk.board import Board
from appliance.kiosk.display import Display, DisplayState
from appliance.kiosk.phrases import phrase_for_state, sentence_for_reason

_logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_TRIES: Final = 1.0
_AFTER_A_WRONG_SECRET: Final = 5.0
"""Each try with another appliance's stick costs half a second of work and 64 MiB."""
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
    """Return what ``open_it`` opens, once the keys open; ``None`` where ``stop`` is set first.

    Until then, while nobody has unlocked them or another appliance's stick is plugged in, every door's screen and lamps
    say so. Other errors are raised.
    """
    said = ""
    with ExitStack() as lamps:
        while not stop.is_set():
            try:
                return open_it()
            except (KeyLocked, WrongSecret) as locked:
                if not said:
                    _light_up(config, lamps)
                if locked.sentence != said:
                    said = locked.sentence
                    _tell(locked, config, clock(), watchdog)
                    announce(f"{locked.sentence} [{locked.reason}]")
                pause = _AFTER_A_WRONG_SECRET if isinstance(locked, WrongSecret) else _SECONDS_BETWEEN_TRIES
            watchdog.feed()
            stop.wait(pause)
    return None


def _light_up(config: Config, lamps: ExitStack) -> None:
    """Show it by light; the pins are let go of before the station's own doors take them."""
    for door in config.doors:
        indicator = new_indicator(door.indicator or IndicatorConfig(), config.sound, config.run_directory)
        lamps.callback(indicator.close)
        indicator.show(DisplayState.LOCKED)


def _tell(locked: KeyFileError, config: Config, at: datetime, watchdog: Watchdog) -> None:
    _show(config, locked.reason, at)
    watchdog.ready()
    watchdog.status("locked")


def _show(config: Config, reason: str, at: datetime) -> None:
    phrase, sentence = phrase_for_state(DisplayState.LOCKED), sentence_for_reason(reason, DisplayState.LOCKED)
    try:
        board = Board(config.board_path).for_a_door()
        board.forget_displays()  # of a station that was killed: its silence would be shown instead
        for door in config.doors:
            board.post(
                Display(DisplayState.LOCKED, phrase.vi, phrase.en, at, door.name, None, sentence.vi, sentence.en)
            )
    except StorageError as error:
        _logger.warning("the screens cannot be told: %s", error.reason)
