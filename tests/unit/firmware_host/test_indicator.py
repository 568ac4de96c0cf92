"""Light and sound, on pretended pins."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from appliance.firmware_host.indicator import (
    PATTERNS,
    STEADY,
    GpioIndicator,
    IndicatorPins,
    NullIndicator,
    open_pin_factory,
)
from appliance.kiosk.display import DisplayState

PINS = IndicatorPins()


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


def test_every_display_of_the_station_has_a_pattern() -> None:
    assert {state.value for state in DisplayState} == {state.value for state in PATTERNS}


def test_no_two_states_are_told_apart_by_colour_alone() -> None:
    for (_, first), (_, second) in itertools.combinations(PATTERNS.items(), 2):
        assert first.light != second.light
        assert first.sound is None or first.sound != second.sound


def test_each_answer_to_a_person_sounds() -> None:
    silent = {state for state, pattern in PATTERNS.items() if pattern.sound is None}
    assert silent == {
        DisplayState.STARTING,
        DisplayState.READY,
        DisplayState.READING,
        DisplayState.NO_MEETING,
    }


def pin(factory: MockFactory, number: int) -> MockPWMPin:
    return factory.pin(number)


@pytest.mark.parametrize("state", list(DisplayState))
def test_the_lamps_of_a_state_light_up_and_no_others(
    indicator: GpioIndicator, factory: MockFactory, state: DisplayState
) -> None:
    for number in (PINS.green, PINS.amber, PINS.red, PINS.buzzer):
        pin(factory, number).clear_states()
    indicator.show(state)
    pattern = PATTERNS[state]
    for name, number in (("green", PINS.green), ("amber", PINS.amber), ("red", PINS.red)):
        if name not in pattern.lamps:
            assert not any(seen.state for seen in pin(factory, number).states)
    indicator.close()


def test_a_present_member_sees_a_steady_green_light(indicator: GpioIndicator, factory: MockFactory) -> None:
    assert PATTERNS[DisplayState.PRESENT].light == STEADY
    indicator.show(DisplayState.READING)
    indicator.show(DisplayState.PRESENT)
    assert pin(factory, PINS.green).state
    assert not pin(factory, PINS.amber).state
    assert not pin(factory, PINS.red).state


def test_closing_switches_everything_off_and_leaves_the_pins_free(
    indicator: GpioIndicator, factory: MockFactory
) -> None:
    indicator.show("refused")
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
