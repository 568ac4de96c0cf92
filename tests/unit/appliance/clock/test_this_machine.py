"""The machine that this runs on, whatever it tells and whatever it lacks."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from appliance.clock import TrustedClock
from appliance.clock.machine import ThisMachine
from appliance.config.clock import ClockConfig


def test_this_machine_tells_what_it_knows_and_fails_at_nothing():
    machine = ThisMachine()
    assert abs(machine.wall() - datetime.now(UTC)) < timedelta(seconds=5)
    assert machine.wall().tzinfo is UTC
    first = machine.boottime()
    time.sleep(0.01)
    assert first < machine.boottime() < first + 60
    assert machine.boot_id() == ThisMachine().boot_id()
    assert machine.is_synchronised() in {True, False}
    assert all(clock.tzinfo is UTC for clock in machine.hardware_clocks())


def test_that_a_time_server_keeps_the_clock_is_what_the_kernel_says():
    """Asked in another process, with the structure laid out as adjtimex(2) has it on 64 bits."""
    code = (
        "import ctypes; t = (ctypes.c_long * 64)();"
        "print(ctypes.CDLL(None).adjtimex(t), ctypes.cast(t, ctypes.POINTER(ctypes.c_int))[10])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    state, status = map(int, said)
    assert ThisMachine().is_synchronised() is (state in range(5))
    assert bool(status & 0x40) is (state == 5), "STA_UNSYNC"


def test_a_machine_without_these_files_has_no_battery_and_an_id_for_each_process(tmp_path):
    machine = ThisMachine(tmp_path / "boot_id", tmp_path / "rtc")
    assert machine.hardware_clocks() == ()
    assert machine.boot_id() == machine.boot_id() != ThisMachine(tmp_path / "boot_id", tmp_path / "rtc").boot_id()


def test_processes_that_cannot_tell_one_start_from_another_do_not_believe_each_others_anchor(tmp_path):
    class Unkept(ThisMachine):
        def is_synchronised(self) -> bool:
            return False

    def clock():
        machine = Unkept(tmp_path / "boot_id", tmp_path / "rtc")
        return TrustedClock(tmp_path / "clock.json", ClockConfig(), machine=machine)

    one, other = clock(), clock()
    one.confirm(datetime.now(UTC) + timedelta(hours=1), by="an")
    assert one.read().trusted
    assert not other.read().trusted
    other.confirm(datetime.now(UTC) + timedelta(hours=1), by="an")
    assert (one.read().trusted, other.read().trusted) == (True, True)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"1795953600\n", datetime(2026, 11, 29, 12, 0, tzinfo=UTC)),
        (b"0\n", datetime(1970, 1, 1, tzinfo=UTC)),
        (b"", None),
        (b"-5\n", None),
        (b"junk\n", None),
        (b"\xff\xff", None),
        (b"9" * 60, None),
        ("٣".encode(), None),
    ],
)
def test_every_clock_with_a_battery_is_read_and_what_is_no_time_is_none(tmp_path, content, expected):
    (tmp_path / "rtc0").mkdir()
    (tmp_path / "rtc0" / "since_epoch").write_bytes(content)
    (tmp_path / "rtc1").mkdir()
    (tmp_path / "rtc1" / "since_epoch").write_text("1795953605\n")
    (tmp_path / "rtc2").mkdir()
    second = datetime(2026, 11, 29, 12, 0, 5, tzinfo=UTC)
    clocks = ThisMachine(clocks=tmp_path).hardware_clocks()
    assert clocks == ((second,) if expected is None else (expected, second))
