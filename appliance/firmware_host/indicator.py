"""Light and sound on GPIO pins: lamps by rhythm as well as by colour, a buzzer by rhythm or by pitch.

What a state looks and sounds like stands in ``appliance/kiosk/looks.py``, for these and for the page.
"""

import logging
import math
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol

import gpiozero
from gpiozero.pins.mock import MockFactory, MockPWMPin

from appliance.config import IndicatorConfig
from appliance.config.sound import BUZZER, NONE, TONAL_BUZZER, SoundConfig
from appliance.firmware_host.sound import Speaker, SpeakerOfADoor
from appliance.kiosk.display import DisplayState
from appliance.kiosk.looks import LOOKS, TICK_S, Note, beeps_of

log = logging.getLogger(__name__)


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
    """Three lamps and perhaps a buzzer on GPIO pins.

    Args:
        pins: where they are connected.
        factory: the gpiozero pin factory that drives them; see ``open_pin_factory``. Closed with the indicator.
        sound: ``buzzer`` for an active buzzer, which knows one pitch, ``tonal-buzzer`` for a passive one; else none.
    """

    def __init__(self, pins: IndicatorPins, factory: Any, sound: str = BUZZER) -> None:
        with ExitStack() as opened:
            opened.callback(factory.close)
            self._lamps = {
                name: opened.enter_context(gpiozero.LED(pin, pin_factory=factory))
                for name, pin in (("green", pins.green), ("amber", pins.amber), ("red", pins.red))
            }
            buzzer = _BUZZERS.get(sound)
            self._buzzer = None if buzzer is None else opened.enter_context(buzzer(pins.buzzer, factory))
            self._opened = opened.pop_all()
        for device in (*self._lamps.values(), *([self._buzzer] if self._buzzer else [])):
            device.source_delay = TICK_S
        self._last: DisplayState | None = None

    def show(self, state: DisplayState) -> None:
        """Show the state's rhythm, and sound its melody once, even where the same state is shown again."""
        look = LOOKS[state]
        for name, lamp in self._lamps.items():
            lamp.source = None
            if name not in look.lamps:
                lamp.off()
            elif look.rhythm.is_steady:
                lamp.on()
            else:
                lamp.source = cycle([mark == "x" for mark in look.rhythm.marks])
        if self._buzzer is not None and look.melody and state is not self._last:
            self._buzzer.source = None
            self._buzzer.source = _values_of(look.melody, self._buzzer)
        self._last = state

    def close(self) -> None:
        """Switch everything off and let go of the pins; calling it again does nothing."""
        self._opened.close()


def _active_buzzer(pin: int, factory: Any) -> gpiozero.Buzzer:
    return gpiozero.Buzzer(pin, pin_factory=factory)


def _passive_buzzer(pin: int, factory: Any) -> gpiozero.TonalBuzzer:
    return gpiozero.TonalBuzzer(pin, mid_tone=_MIDDLE_TONE, octaves=_OCTAVES, pin_factory=factory)


_MIDDLE_TONE, _OCTAVES = gpiozero.tones.Tone("C6"), 1
"""The range of the melodies, which is also where small buzzers are loud: 523 to 2093 Hz."""
_BUZZERS: Mapping[str, Callable[[int, Any], gpiozero.Buzzer | gpiozero.TonalBuzzer]] = {
    BUZZER: _active_buzzer,
    TONAL_BUZZER: _passive_buzzer,
}


def _values_of(melody: tuple[Note, ...], buzzer: gpiozero.Buzzer | gpiozero.TonalBuzzer) -> list[float | bool | None]:
    """What gpiozero sets a buzzer to, tick by tick, and silence at the end."""
    if isinstance(buzzer, gpiozero.TonalBuzzer):
        notes = [value for note in melody for value in [_value_of(note)] * note.ticks]
        return [*notes, None]
    beeps = [is_on for is_on, ticks in beeps_of(melody) for _ in range(ticks)]
    return [*beeps, False]


def _value_of(note: Note) -> float | None:
    return math.log2(note.hertz / _MIDDLE_TONE.frequency) / _OCTAVES if note.hertz else None


@dataclass(frozen=True, slots=True)
class Together:
    """Several indicators as one: lamps here, a loudspeaker there."""

    parts: tuple[Indicator, ...]

    def show(self, state: DisplayState) -> None:
        """Show the state on each."""
        for part in self.parts:
            part.show(state)

    def close(self) -> None:
        """Close each."""
        with ExitStack() as stack:
            for part in self.parts:
                stack.callback(part.close)


def new_indicator(
    config: IndicatorConfig, sound: SoundConfig, run_directory: Path, speaker: Speaker | None = None
) -> Indicator:
    """Return what one door shows and sounds with. ``speaker`` is the station's own, and is not closed with it."""
    parts: list[Indicator] = []
    if config.kind != "none":
        pins = IndicatorPins(config.green_pin, config.amber_pin, config.red_pin, config.buzzer_pin)
        is_quiet = sound.volume == 0
        parts.append(GpioIndicator(pins, open_pin_factory(run_directory), NONE if is_quiet else sound.kind))
    if speaker is not None:
        parts.append(SpeakerOfADoor(speaker))
    return Together(tuple(parts)) if parts else NullIndicator()


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
