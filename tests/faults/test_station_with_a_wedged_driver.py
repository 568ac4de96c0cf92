"""A driver that hangs, and a fault of our own: nobody waits for ever, and nothing that was recorded is lost."""

import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest

from appliance.checkin.service import CheckInService, Decision
from appliance.config import ReaderConfig
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import running
from appliance.demo.stage import Stage
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.kiosk.display import DisplayState
from appliance.services import Services
from appliance.station import assembly
from appliance.station import station as station_module
from appliance.station.station import DoorEnded, DoorWedged
from verifier.sdk import CanPassword
from verifier.sdk.testing import VirtualChip

PATIENCE_S = 30.0


def genuine(stage: Stage) -> DemoCard:
    return next(card for card in stage.cards if card.key == "genuine")


class Hung:
    """A reader whose driver never comes back."""

    name = "2"

    def __init__(self, let_go: threading.Event) -> None:
        self._let_go = let_go

    def open(self) -> None:
        self._let_go.wait(PATIENCE_S)

    def wait_for_card(self, timeout_s: float) -> None:
        return None

    def close(self) -> None:
        """It does nothing."""


def test_a_driver_that_hangs_ends_the_station_while_the_other_door_still_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station_module, "_ENDING_SECONDS", 0.1)
    stage = Stage.set_up(tmp_path, at=datetime.now(UTC), open_meeting=True)
    let_go, ended = threading.Event(), queue.SimpleQueue[Exception]()
    original = station_module.Station.run

    def run(station: Any, stop: threading.Event) -> None:
        try:
            original(station, stop)
        except (DoorWedged, DoorEnded) as error:
            ended.put(error)

    monkeypatch.setattr(station_module.Station, "run", run)
    monkeypatch.setattr(assembly, "new_reader", with_a_hung_second(let_go))
    try:
        with running(stage, result_seconds=0.0, doors=2) as simulation:
            simulation.station.silent_after_s = 3.0
            assert simulation.tap(genuine(stage)).decision is Decision.PRESENT
            error = ended.get(timeout=PATIENCE_S)
            assert isinstance(error, DoorWedged)
            assert "reader 2 hangs" in error.sentence
    finally:
        let_go.set()
    assert stage.services.ledger.verify().entries == 2


def with_a_hung_second(let_go: threading.Event) -> Callable[..., Any]:
    genuine_reader = assembly.new_reader
    return lambda config, *, name: Hung(let_go) if name == "2" else genuine_reader(config, name=name)


def test_a_loop_that_ends_by_itself_ends_the_station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.station.door.Door.run", lambda *_: None)
    stage = Stage.set_up(tmp_path, at=datetime.now(UTC), open_meeting=True)
    left: list[int] = []

    def leave(code: int) -> NoReturn:
        left.append(code)
        raise SystemExit(code)

    said: list[str] = []
    with ExitStack() as stack:
        reader = stack.enter_context(SimulatedPn532())
        services = with_reader(stage, reader.path)
        with pytest.raises(SystemExit):
            assembly.run_station(
                services,
                clock=lambda: datetime.now(UTC),
                stop=threading.Event(),
                ready_file=None,
                announce=said.append,
                leave=leave,
            )
    assert left == [3]
    assert said[-1] == "the loop of reader 1 ended by itself; the station starts again [door-ended]"


def with_reader(stage: Stage, path: str) -> Services:
    return replace(stage.services, config=replace(stage.services.config, readers=(ReaderConfig(path),)))


def test_a_fault_of_ours_in_a_tap_is_answered_and_the_next_card_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage.set_up(tmp_path, at=datetime.now(UTC), open_meeting=True)
    admit = CheckInService.admit
    faults = iter([True])

    def admit_badly(self: CheckInService, *arguments: Any, **more: Any) -> Any:
        if next(faults, False):
            raise KeyError(genuine(stage).member.person.display_name)
        return admit(self, *arguments, **more)

    monkeypatch.setattr(CheckInService, "admit", admit_badly)
    with running(stage, result_seconds=0.0) as simulation:
        result = simulation.tap(genuine(stage))
        assert (result.decision, result.reason) == (Decision.SEE_OFFICER, "internal-error")
        assert "a fault of this program: KeyError at " in caplog.text
        assert "Sen" not in caplog.text
        assert simulation.tap(genuine(stage)).decision is Decision.PRESENT


# --- under a service manager ----------------------------------------------------------------------------------------


class Manager:
    """What systemd does for a unit of Type=notify with a watchdog and Restart=always, as far as we need it here."""

    def __init__(self, folder: Path, config: Path) -> None:
        self._address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._address)
        self._socket.settimeout(PATIENCE_S)
        self._command = [sys.executable, "-m", "appliance", "run", "--config", str(config)]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "NOTIFY_SOCKET": self._address}
        self.process = subprocess.Popen(self._command, env=environment, stderr=subprocess.DEVNULL)
        self.wait_for(b"READY=1")

    def wait_for(self, line: bytes) -> None:
        while self._socket.recv(200) != line:
            continue

    def is_fed_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                if self._socket.recv(200) == b"WATCHDOG=1":
                    return True
            except TimeoutError:
                break
        return False

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        self.end()
        self._socket.close()


def test_a_station_killed_in_a_meeting_comes_back_to_the_same_meeting(tmp_path: Path) -> None:
    state = tmp_path / "state"
    stage = Stage.set_up(state, at=datetime.now(UTC), open_meeting=True)
    board, card = stage.services.board, genuine(stage)
    with ExitStack() as stack:
        reader = stack.enter_context(SimulatedPn532())
        config = state / "station.toml"
        config.write_text(
            f'state_directory = "."\nresult_seconds = 0.1\n[[readers]]\ndevice = "{reader.path}"\n'
            '[clock]\ntrust = "system"\n'
        )
        manager = Manager(tmp_path, config)
        stack.callback(manager.close)
        (line,) = stage.services.roster.search(card.member.person.display_name)
        stage.services.roster.set_password(line.id, CanPassword(card.member.can))
        for decision in (DisplayState.PRESENT, DisplayState.ALREADY_PRESENT):
            manager.start()
            assert manager.is_fed_within(PATIENCE_S)
            board.request("choose-member", {"member": str(line.id)})
            assert card.chip is not None
            reader.field.place(VirtualChip(card.chip))
            until = time.monotonic() + PATIENCE_S
            while (shown := board.latest()) is None or shown.state is not decision:
                assert time.monotonic() < until, shown
                time.sleep(0.02)
            manager.end()
            reader.field.remove()
    assert stage.services.ledger.verify().entries == 2


HANGS = """
import sys, threading
from functools import partial
from datetime import UTC, datetime
from pathlib import Path
from appliance.config import Config
from appliance.services import Services
from appliance.station import assembly, station

class Hung:
    name = "1"
    def open(self): threading.Event().wait()
    def close(self): threading.Event().wait()

assembly.new_reader = lambda config, *, name: Hung()
assembly.Station = partial(station.Station, silent_after_s=1.0)
services = Services.open(Config.load(Path(sys.argv[1])))
assembly.run_station(
    services, clock=lambda: datetime.now(UTC), stop=threading.Event(), ready_file=None, announce=print
)
"""


def test_the_process_is_left_although_its_driver_can_be_neither_opened_nor_closed(tmp_path: Path) -> None:
    config = tmp_path / "appliance.toml"
    config.write_text('state_directory = "state"\n[[readers]]\ndevice = "/dev/none"\n[clock]\ntrust = "system"\n')
    command = [sys.executable, "-u", "-c", HANGS, str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 3, done.stderr
    assert done.stdout.splitlines()[-1] == "the driver of reader 1 hangs; the station starts again [door-wedged]"
