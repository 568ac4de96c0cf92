"""What the service manager hears."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.firmware_host.watchdog import Watchdog


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        yield listening


def test_ready_food_status_and_farewell_are_heard(manager: socket.socket) -> None:
    watchdog = Watchdog(manager.getsockname(), clock=lambda: 5.0)
    watchdog.ready()
    watchdog.feed()
    watchdog.status("serving\nnever a second line")
    watchdog.stopping()
    assert [manager.recv(100) for _ in range(4)] == [b"READY=1", b"WATCHDOG=1", b"STATUS=serving", b"STOPPING=1"]


def test_it_is_fed_at_most_once_in_each_interval(manager: socket.socket) -> None:
    now = 0.0
    watchdog = Watchdog(manager.getsockname(), interval_s=1.0, clock=lambda: now)
    for now in (0.0, 0.1, 0.9, 1.0, 1.5, 2.0):  # noqa: B007 - the clock reads it
        watchdog.feed()
    watchdog.stopping()
    heard = [manager.recv(100) for _ in range(4)]
    assert heard == [b"WATCHDOG=1"] * 3 + [b"STOPPING=1"]


def test_an_abstract_name_begins_with_a_commercial_at() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("")
        listening.settimeout(10)
        watchdog = Watchdog("@" + listening.getsockname()[1:].decode())
        watchdog.ready()
        assert listening.recv(100) == b"READY=1"
        watchdog.close()


def test_without_a_manager_nothing_happens() -> None:
    watchdog = Watchdog(None)
    watchdog.ready()
    watchdog.feed()
    watchdog.stopping()


def test_a_manager_that_died_does_not_stop_the_station(tmp_path: Path) -> None:
    watchdog = Watchdog(str(tmp_path / "nobody"))
    watchdog.ready()
    watchdog.feed()
    watchdog.close()
