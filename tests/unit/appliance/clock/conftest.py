"""A machine whose clocks a test sets, and the clocks of an appliance's processes on it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.clock import TrustedClock
from appliance.config.clock import ClockConfig

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@dataclass
class FakeMachine:
    """What ``Machine`` asks for, as a test sets it."""

    at: datetime = NOW
    uptime: float = 20.0
    boot: str = "boot-1"
    synchronised: bool = False
    clocks: tuple[datetime, ...] = ()
    asked_clocks: int = 0

    def wall(self) -> datetime:
        return self.at

    def boottime(self) -> float:
        return self.uptime

    def boot_id(self) -> str:
        return self.boot

    def is_synchronised(self) -> bool:
        return self.synchronised

    def hardware_clocks(self) -> tuple[datetime, ...]:
        self.asked_clocks += 1
        return self.clocks

    def passes(self, **time: float) -> None:
        """Let time pass on every clock of the machine."""
        passed = timedelta(**time)
        self.at += passed
        self.uptime += passed.total_seconds()
        self.clocks = tuple(clock + passed for clock in self.clocks)

    def restarts(self, *, at: datetime | None = None, synchronised: bool = False) -> None:
        """Start again, with the system's clock at another time perhaps."""
        self.boot, self.uptime, self.synchronised = f"{self.boot}'", 15.0, synchronised
        self.at = self.at if at is None else at


@dataclass
class Appliance:
    """A state directory and its machine. ``clock`` opens what one more process has."""

    state: Path
    machine: FakeMachine = field(default_factory=FakeMachine)
    config: ClockConfig = field(default_factory=ClockConfig)

    @property
    def file(self) -> Path:
        return self.state / "clock.json"

    def clock(self, **options: object) -> TrustedClock:
        return TrustedClock(self.file, self.config, machine=self.machine, **options)  # type: ignore[arg-type]

    def trusting_the_system(self) -> "Appliance":
        return replace(self, config=ClockConfig(trust="system"))


@pytest.fixture
def appliance(tmp_path: Path) -> Appliance:
    return Appliance(tmp_path)


@pytest.fixture
def used(appliance: Appliance) -> Appliance:
    """An appliance that knew the time once, by a time server, and has lists of that day."""
    appliance.machine.synchronised = True
    clock = appliance.clock()
    clock.saw_signed_time(NOW - timedelta(days=1), "lists")
    assert clock.read().trusted
    appliance.machine.passes(minutes=1)
    appliance.machine.restarts()
    return appliance


@pytest.fixture
def events() -> Callable[[TrustedClock], list[str]]:
    return lambda clock: [event.kind.value for event in clock.memory().events]
