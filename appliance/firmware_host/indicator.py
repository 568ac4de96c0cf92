"""Light and sound: one pattern for each thing that the station says, never told apart by colour alone.

Somebody who sees no red or green reads the rhythm; somebody who looks at the card hears the answer. Every two states
differ in rhythm, and every two that sound differ in sound.
"""

import logging
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import gpiozero
from gpiozero.pins.mock import MockFactory, MockPWMPin

from appliance.kiosk.display import DisplayState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """So many seconds on, so many off; ``times`` is ``None`` for as long as the state lasts."""

    on_s: float
    off_s: float
    times: int | None = None


STEADY = Rhythm(1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Pattern:
    """The lamps that take part, how they blink, and what the buzzer says once."""

    lamps: tuple[str, ...]
    light: Rhythm
    sound: Rhythm | None = None


PATTERNS = {
    DisplayState.STARTING: Pattern(("green", "amber", "red"), Rhythm(0.1, 0.1)),
    DisplayState.READY: Pattern(("green",), Rhythm(0.05, 1.95)),
    DisplayState.READING: Pattern(("amber",), Rhythm(0.2, 0.2)),
    DisplayState.PRESENT: Pattern(("green",), STEADY, Rhythm(0.2, 0.1, 1)),
    DisplayState.ALREADY_PRESENT: Pattern(("green",), Rhythm(0.5, 0.5), Rhythm(0.1, 0.1, 2)),
    DisplayState.LATE: Pattern(("green", "amber"), Rhythm(0.9, 0.2), Rhythm(0.2, 0.1, 2)),
    DisplayState.VISITING: Pattern(("green",), Rhythm(0.3, 0.1), Rhythm(0.1, 0.1, 3)),
    DisplayState.ONCE_MORE: Pattern(("amber",), Rhythm(0.4, 0.4), Rhythm(0.3, 0.15, 2)),
    DisplayState.REFUSED: Pattern(("red",), Rhythm(0.15, 0.15), Rhythm(1.0, 0.1, 1)),
    DisplayState.SEE_OFFICER: Pattern(("red",), Rhythm(0.8, 0.4), Rhythm(0.3, 0.15, 3)),
    DisplayState.NO_MEETING: Pattern(("amber",), Rhythm(0.05, 2.95)),
    DisplayState.READER_GONE: Pattern(("red",), Rhythm(0.05, 0.95), Rhythm(0.05, 0.05, 5)),
}
"""What waits for people is silent; what answers them, or calls for help, sounds."""


class Indicator(Protocol):
    """Something that can show a state."""

    def show(self, state: DisplayState) -> None:
        """Show a state until the next call. Returns at once."""
        ...

    def close(self) -> None:
        """Switch everything off."""
        ...


class NullIndicator:
    """An indicator without lamps. It remembers what it was told, for stations without light and for tests."""

    def __init__(self) -> None:
        self.shown: DisplayState | None = None

    def show(self, state: DisplayState) -> None:
        """Remember the state."""
        self.shown = state

    def close(self) -> None:
        """Forget it."""
        self.shown = None


@dataclass(frozen=True, slots=True)
class IndicatorPins:
    """GPIO (BCM) numbers of the lamps and of an active buzzer."""

    green: int = 17
    amber: int = 27
    red: int = 22
    buzzer: int = 18


class GpioIndicator:
    """Three lamps and a buzzer on GPIO pins.

    Args:
        pins: where they are connected.
        factory: the gpiozero pin factory that drives them; see ``open_pin_factory``. Closed with the indicator.
    """

    def __init__(self, pins: IndicatorPins, factory: Any) -> None:
        with ExitStack() as opened:
            opened.callback(factory.close)
            self._lamps = {
                name: opened.enter_context(gpiozero.LED(pin, pin_factory=factory))
                for name, pin in (("green", pins.green), ("amber", pins.amber), ("red", pins.red))
            }
            self._buzzer = opened.enter_context(gpiozero.Buzzer(pins.buzzer, pin_factory=factory))
            self._opened = opened.pop_all()

    def show(self, state: DisplayState) -> None:
        """Show the state's pattern. The sound is given once, even where the same state is shown again."""
        pattern = PATTERNS[state]
        for name, lamp in self._lamps.items():
            if name not in pattern.lamps:
                lamp.off()
            elif pattern.light == STEADY:
                lamp.on()
            else:
                lamp.blink(pattern.light.on_s, pattern.light.off_s)
        if pattern.sound is None:
            self._buzzer.off()
        else:
            self._buzzer.beep(pattern.sound.on_s, pattern.sound.off_s, pattern.sound.times)

    def close(self) -> None:
        """Switch everything off and let go of the pins; calling it again does nothing."""
        self._opened.close()


def open_pin_factory(directory: Path) -> Any:
    """Return a factory for this board's pins, or one with pretended pins where there are none.

    ``directory`` takes the files that lgpio would otherwise leave in the working directory.
    """
    os.environ.setdefault("LG_WD", str(directory))
    try:
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - absent on machines without GPIO

        return LGPIOFactory()
    except (ImportError, OSError, gpiozero.GPIOZeroError) as error:
        log.warning("no GPIO on this machine (%s): lamps and buzzer are pretended", type(error).__name__)
        return MockFactory(pin_class=MockPWMPin)
