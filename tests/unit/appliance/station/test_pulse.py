"""The watchdog is fed by the loops of all doors, and a door that hangs is noticed."""

from appliance.station.pulse import Pulse


class Fed:
    def __init__(self) -> None:
        self.times = 0

    def feed(self) -> None:
        self.times += 1


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_loop_that_hangs_keeps_the_watchdog_hungry():
    fed = Fed()
    pulse = Pulse(["1", "2"], fed)
    for _ in range(5):
        pulse.beat("1")
    assert fed.times == 0
    pulse.beat("2")
    assert fed.times == 1
    pulse.beat("2")
    assert fed.times == 1
    pulse.beat("1")
    assert fed.times == 2


def test_the_door_that_is_silent_for_longest_is_named():
    clock = Clock()
    pulse = Pulse(["1", "2"], Fed(), clock=clock)
    clock.now = 30.0
    pulse.beat("1")
    assert pulse.silent(30.0) is None
    clock.now = 30.1
    assert pulse.silent(30.0) == "2"
    pulse.beat("2")
    assert pulse.silent(30.0) is None
    clock.now = 61.0
    assert pulse.silent(30.0) == "1"


def test_after_the_whole_process_was_stopped_every_door_counts_as_alive():
    clock = Clock()
    pulse = Pulse(["1", "2"], Fed(), clock=clock)
    clock.now = 300.0
    assert pulse.silent(30.0) is not None
    pulse.begin_anew()
    assert pulse.silent(30.0) is None
    clock.now = 330.1
    assert pulse.silent(30.0) is not None
