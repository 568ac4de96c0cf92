"""Light and sound, on pretended pins."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from appliance.config import IndicatorConfig
from appliance.config.sound import SoundConfig
from appliance.firmware_host.indicator import (
    GpioIndicator,
    IndicatorPins,
    NullIndicator,
    Together,
    new_indicator,
    open_pin_factory,
)
from appliance.kiosk.display import DisplayState
from appliance.kiosk.looks import LOOKS

PINS = IndicatorPins()
PATIENCE_SECONDS = 20.0


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    made = MockFactory(pin_class=MockPWMPin)
    yield made
    made.close()


@pytest.fixture
def indicator(factory: MockFactory) -> Iterator[GpioIndicator]:
    made = GpioIndicator(PINS, factory)
    yield made
    made.close()


def pin(factory: MockFactory, number: int) -> MockPWMPin:
    return factory.pin(number)


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.01)


def changes(factory: MockFactory, number: int) -> list[bool]:
    """To what a pin was set since its states were cleared."""
    return [bool(seen.state) for seen in pin(factory, number).states][1:]


def test_lamps_follow_their_states_rhythm(indicator: GpioIndicator, factory: MockFactory) -> None:
    pin(factory, PINS.red).clear_states()
    indicator.show(DisplayState.READER_GONE)
    wait_until(lambda: len(changes(factory, PINS.red)) >= 4)
    assert changes(factory, PINS.red)[:4] == [True, False, True, False]
    assert not any(changes(factory, PINS.green) + changes(factory, PINS.amber))


def test_an_active_buzzer_beeps_the_rhythm_of_the_melody_once_and_is_silent(
    indicator: GpioIndicator, factory: MockFactory
) -> None:
    pin(factory, PINS.buzzer).clear_states()
    indicator.show(DisplayState.VISITING)
    wait_until(lambda: len(changes(factory, PINS.buzzer)) >= 6)
    indicator.show(DisplayState.READY)  # and is not cut off by the next invitation
    assert changes(factory, PINS.buzzer) == [True, False] * 3


def test_a_state_that_is_shown_again_is_not_sounded_again_until_another_came_between(
    indicator: GpioIndicator, factory: MockFactory
) -> None:
    indicator.show(DisplayState.PRESENT)
    wait_until(lambda: changes(factory, PINS.buzzer) == [True, False])
    indicator.show(DisplayState.PRESENT)
    indicator.show(DisplayState.READY)
    assert changes(factory, PINS.buzzer) == [True, False]
    indicator.show(DisplayState.PRESENT)
    wait_until(lambda: changes(factory, PINS.buzzer) == [True, False] * 2)


class HearingPin(MockPWMPin):
    """A pretended pin that remembers each frequency it was given."""

    heard: ClassVar[list[float | None]] = []

    def _set_frequency(self, value: float | None) -> None:
        self.heard.append(value)
        super()._set_frequency(value)


def test_a_passive_buzzer_plays_the_pitches_of_the_melody_and_is_silent() -> None:
    indicator = GpioIndicator(PINS, MockFactory(pin_class=HearingPin), "tonal-buzzer")
    HearingPin.heard.clear()
    indicator.show(DisplayState.ONCE_MORE)
    wait_until(lambda: len(HearingPin.heard) >= 6)
    indicator.close()
    played = [None if hertz is None else round(hertz) for hertz in HearingPin.heard[:6]]
    assert played == [880, None, 1175, 1175, 1175, None]


def test_the_melodies_lie_in_the_range_of_a_passive_buzzer(factory: MockFactory) -> None:
    indicator = GpioIndicator(PINS, factory, "tonal-buzzer")
    for look in LOOKS.values():
        for note in look.melody:
            if note.hertz:
                indicator._buzzer.play(note.hertz)  # raises beyond it
    indicator.close()


@pytest.mark.parametrize(
    ("sound", "expected"),
    [
        (SoundConfig(), gpiozero.Buzzer),
        (SoundConfig(kind="tonal-buzzer"), gpiozero.TonalBuzzer),
        (SoundConfig(kind="none"), type(None)),
        (SoundConfig(kind="speaker"), type(None)),
        (SoundConfig(volume=0), type(None)),
        (SoundConfig(kind="tonal-buzzer", volume=0), type(None)),
    ],
)
def test_a_door_has_the_buzzer_that_the_configuration_names_and_at_volume_0_none(
    tmp_path: Path, sound: SoundConfig, expected: type
) -> None:
    indicator = new_indicator(IndicatorConfig(kind="gpio"), sound, tmp_path)
    assert isinstance(indicator, Together)
    (lamps,) = indicator.parts
    assert isinstance(lamps, GpioIndicator)
    assert isinstance(lamps._buzzer, expected)
    indicator.show(DisplayState.REFUSED)
    indicator.close()


def test_a_door_without_lamps_and_loudspeaker_has_neither(tmp_path: Path) -> None:
    assert isinstance(new_indicator(IndicatorConfig(), SoundConfig(), tmp_path), NullIndicator)


@pytest.mark.parametrize("state", list(DisplayState))
def test_the_lamps_of_a_state_light_up_and_no_others(
    indicator: GpioIndicator, factory: MockFactory, state: DisplayState
) -> None:
    for number in (PINS.green, PINS.amber, PINS.red, PINS.buzzer):
        pin(factory, number).clear_states()
    indicator.show(state)
    for name, number in (("green", PINS.green), ("amber", PINS.amber), ("red", PINS.red)):
        if name in LOOKS[state].lamps:
            wait_until(lambda number=number: any(seen.state for seen in pin(factory, number).states))
        else:
            assert not any(seen.state for seen in pin(factory, number).states)


def test_a_present_member_sees_a_steady_green_light(indicator: GpioIndicator, factory: MockFactory) -> None:
    assert LOOKS[DisplayState.PRESENT].rhythm.is_steady
    indicator.show(DisplayState.READING)
    indicator.show(DisplayState.PRESENT)
    assert pin(factory, PINS.green).state
    assert not pin(factory, PINS.amber).state
    assert not pin(factory, PINS.red).state


def test_closing_switches_everything_off_and_leaves_the_pins_free(
    indicator: GpioIndicator, factory: MockFactory
) -> None:
    indicator.show(DisplayState.REFUSED)
    indicator.close()
    indicator.close()
    GpioIndicator(PINS, MockFactory(pin_class=MockPWMPin)).close()


def test_pins_given_twice_leave_nothing_open(factory: MockFactory) -> None:
    with pytest.raises(gpiozero.GPIOPinInUse):
        GpioIndicator(IndicatorPins(green=17, amber=17), factory)


def test_without_gpio_the_pins_are_pretended_and_nothing_global_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LG_WD", raising=False)
    before = gpiozero.Device.pin_factory
    made = open_pin_factory(tmp_path)
    assert os.environ["LG_WD"] == str(tmp_path)
    assert gpiozero.Device.pin_factory is before
    made.close()


def test_a_station_without_lamps_remembers_what_it_said() -> None:
    indicator = NullIndicator()
    indicator.show(DisplayState.LATE)
    assert indicator.shown is DisplayState.LATE
    indicator.close()
