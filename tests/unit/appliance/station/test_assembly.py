"""``thechip-appliance run`` as a process: a simulated PN532 and scanner on real lines, and signals that end it."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.clock.machine import ThisMachine
from appliance.config import Config, IndicatorConfig, KeypadConfig, ReaderConfig, ScannerConfig
from appliance.demo.cards import DemoCard
from appliance.demo.stage import Stage
from appliance.errors import ConfigError
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.firmware_host.simulator.scanner import SimulatedScanner
from appliance.kiosk.board import Display
from appliance.kiosk.display import DisplayState
from appliance.kiosk.phrases import REASONS
from appliance.services import Services
from appliance.station.assembly import open_station, write_ready_file
from appliance.station.door_in_words import door_in_words
from verifier.sdk.testing import VirtualChip

LISTS_ARE_MISSING = "Danh sách trên máy thiếu"
PATIENCE_S = 30.0
SOON_S = 8.0
"""How long a station may take to end once told."""


@dataclass
class RunningStation:
    """A state directory, the hardware that a child process is run on, and that process."""

    state: Path
    stage: Stage
    reader: SimulatedPn532
    scanner: SimulatedScanner
    device: str = ""
    trust: str = "system"
    process: subprocess.Popen[str] | None = field(default=None, init=False)

    @property
    def services(self) -> Services:
        return self.stage.services

    @property
    def genuine(self) -> DemoCard:
        return next(card for card in self.stage.cards if card.key == "genuine")

    @property
    def entries(self) -> int:
        verdict = self.services.ledger.verify()
        assert verdict.ok, verdict.sentence
        return verdict.entries

    def start(self) -> None:
        ready = self.state / "ready"
        config = self.state / "station.toml"
        config.write_text(
            f'state_directory = "."\nresult_seconds = 0.2\n[[readers]]\ndevice = "{self.device or self.reader.path}"\n'
            f'[scanner]\ndevice = "{self.scanner.path}"\n[clock]\ntrust = "{self.trust}"\n'
        )
        command = [sys.executable, "-m", "appliance", "run", "--config", config, "--ready-file", ready]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.wait_until(ready.exists)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> str:
        """Tell the station to stop; return what it said on standard error after it ended well and soon."""
        assert self.process is not None
        os.kill(self.process.pid, number)
        out, err = self.process.communicate(timeout=SOON_S)
        assert (self.process.returncode, out) == (0, "")
        assert "Traceback" not in err
        return err

    def wait_until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.process is None or self.process.poll() is None, "the station ended"
            assert time.monotonic() < until, f"still shown: {self.services.board.latest()}"
            time.sleep(0.02)

    def wait_for(self, state: DisplayState, *, after: int = 0) -> Display:
        """Wait until this is shown, by something posted after the display of that sequence; return it."""
        found: list[Display] = []

        def is_shown() -> bool:
            shown = self.services.board.latest()
            if shown is not None and shown.state is state and shown.sequence > after:
                found.append(shown)
            return bool(found)

        self.wait_until(is_shown)
        return found[0]

    def hold(self, chip: VirtualChip | None = None) -> None:
        data = self.genuine.chip
        assert data is not None
        self.scanner.scan(self.genuine.scanned)
        self.reader.field.place(chip or VirtualChip(data))


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    with ExitStack() as stack:
        state = tmp_path / "state"
        running = RunningStation(
            state,
            Stage.set_up(state, at=datetime.now(UTC), open_meeting=True),
            stack.enter_context(SimulatedPn532()),
            stack.enter_context(SimulatedScanner()),
        )
        stack.callback(running.services.database.close)
        try:
            yield running
        finally:
            if running.process is not None:
                running.process.kill()
                running.process.communicate()


def test_a_tap_is_recorded_and_the_station_ends_on_sigterm(station: RunningStation) -> None:
    before = station.entries
    station.start()
    station.wait_for(DisplayState.READY)
    station.hold()
    station.wait_for(DisplayState.PRESENT)
    assert station.entries == before + 1
    station.reader.field.remove()
    station.wait_for(DisplayState.READY)
    said = station.stop()
    assert station.services.board.latest() is None
    assert said == (
        f"thechip-appliance: door 1: reader {station.reader.path}, scanner {station.scanner.path}\n"
        f"thechip-appliance: profile party-card, 2 issuers, 2 CRLs, "
        f"card status list 1 of {datetime.now(UTC):%Y-%m-%d}, 0 days old\n"
    )


def test_a_card_left_on_the_reader_does_not_keep_the_station_from_ending(station: RunningStation) -> None:
    station.start()
    station.wait_for(DisplayState.READY)
    station.hold()
    station.wait_for(DisplayState.PRESENT)
    station.stop(signal.SIGINT)


def test_a_card_without_a_scanned_code_does_not_keep_the_station_from_ending(station: RunningStation) -> None:
    data = station.genuine.chip
    assert data is not None
    station.start()
    station.wait_for(DisplayState.READY)
    station.reader.field.place(VirtualChip(data))
    station.wait_for(DisplayState.READING)
    station.stop()


@pytest.mark.parametrize(("at_command", "recorded"), [(2, 0), (12, 0), (13, 1)])
def test_a_tap_during_which_the_station_is_stopped_is_recorded_whole_or_not_at_all(
    station: RunningStation, at_command: int, recorded: int
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    commands: list[int] = []

    def dawdle(number: int, _command: bytes, response: bytes) -> bytes:
        commands.append(number)
        if number == at_command:
            reached.set()
            go_on.wait(5)
        return response

    before = station.entries
    data = station.genuine.chip
    assert data is not None
    chip = VirtualChip(data, tamper=dawdle)
    station.start()
    station.wait_for(DisplayState.READY)
    station.hold(chip)
    assert reached.wait(PATIENCE_S)
    threading.Timer(0.3, go_on.set).start()
    station.stop()
    assert station.entries == before + recorded
    assert commands == list(range(1, at_command + 1))


def test_an_absent_reader_is_told_and_looked_for_again(station: RunningStation) -> None:
    station.reader.unplug()
    station.start()
    assert station.wait_for(DisplayState.READER_GONE).detail_vi == "Kiểm tra dây cắm đầu đọc."
    station.reader.plug_in()
    station.wait_for(DisplayState.READY)
    station.stop()


def test_a_reader_that_never_comes_does_not_keep_the_station_from_ending(station: RunningStation) -> None:
    station.device = str(station.state / "no-such-device")
    station.start()
    station.wait_for(DisplayState.READER_GONE)
    time.sleep(2.0)
    said = station.stop()
    complaint = (
        f"the reader {station.device} is not there (no such file or directory); it is looked for again and again"
    )
    assert said.count("is not there") == said.count(complaint) == 1


# --- lists that are missing or damaged -----------------------------------------------------------------------------


def test_without_lists_the_station_lives_lets_nobody_pass_and_takes_them_up_when_they_come(
    station: RunningStation,
) -> None:
    state, elsewhere = station.state, station.state.parent / "elsewhere"
    elsewhere.mkdir()
    for name in ("trust", "card-status.list", "card-status.key"):
        (state / name).rename(elsewhere / name)
    before = station.entries
    station.start()
    shown = station.wait_for(DisplayState.SEE_OFFICER)
    assert shown.detail_vi.startswith(LISTS_ARE_MISSING)
    station.hold()
    shown = station.wait_for(DisplayState.SEE_OFFICER, after=shown.sequence)
    assert shown.detail_vi.startswith(LISTS_ARE_MISSING)
    assert shown.name is None
    station.reader.field.remove()
    assert station.entries == before
    for name in ("trust", "card-status.key", "card-status.list"):
        (elsewhere / name).rename(state / name)
    station.wait_for(DisplayState.READY)
    station.hold()
    station.wait_for(DisplayState.PRESENT)
    said = station.stop()
    assert "profile party-card, 0 issuers, 0 CRLs, no card status list\n" in said


def test_a_damaged_card_status_list_is_told_and_no_card_passes_by_it(station: RunningStation) -> None:
    status = station.state / "card-status.list"
    encoded = status.read_bytes()
    status.write_bytes(encoded[:-1] + bytes([encoded[-1] ^ 1]))
    before = station.entries
    station.start()
    shown = station.wait_for(DisplayState.SEE_OFFICER)
    assert shown.detail_vi.startswith(LISTS_ARE_MISSING)
    station.hold()
    station.wait_for(DisplayState.SEE_OFFICER, after=shown.sequence)
    assert station.entries == before
    said = station.stop()
    assert "no card status list, refused: card-status.list: the card status list is not signed by" in said


def test_a_damaged_list_that_replaces_a_good_one_is_told_while_cards_still_pass(station: RunningStation) -> None:
    station.start()
    assert station.wait_for(DisplayState.READY).detail_vi == ""
    (station.state / "card-status.list").write_bytes(b"half a list")
    station.wait_until(lambda: "bị lỗi" in station.wait_for(DisplayState.READY).detail_vi)
    station.hold()
    station.wait_for(DisplayState.PRESENT)
    assert "a list was refused: " in station.stop()


def test_before_the_meeting_the_kiosk_says_that_lists_are_missing(station: RunningStation) -> None:
    meeting = station.services.meetings.current()
    assert meeting is not None
    station.services.meetings.close(meeting.id, at=datetime.now(UTC), officer="an")
    (station.state / "card-status.list").unlink()
    station.start()
    assert station.wait_for(DisplayState.NO_MEETING).detail_vi.startswith(LISTS_ARE_MISSING)
    station.stop()


# --- a screen that another process holds ----------------------------------------------------------------------------


def test_a_station_starts_while_another_process_holds_the_board(
    station: RunningStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station.services.board._file, "_waits_for_s", 2 * PATIENCE_S)  # as patient as can be
    config = replace(station.services.config, readers=(ReaderConfig(station.reader.path),))
    services = replace(station.services, config=config)
    services.board.post(Display(DisplayState.PRESENT, "Có mặt", "Present", datetime.now(UTC), name="Mẫu Thị Sen"))
    holder = sqlite3.connect(config.board_path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    gives_up = threading.Timer(PATIENCE_S, holder.rollback)
    gives_up.start()
    with open_station(services, clock=lambda: datetime.now(UTC)):
        assert holder.in_transaction, "it waited until the board was let go"
        gives_up.cancel()
        gives_up.join()
        holder.rollback()
        holder.close()
        assert services.board.latest() is not None, "it could not be taken off"
    assert services.board.latest() is None, "a station that ends in order takes it off"


# --- what the log says of the doors -----------------------------------------------------------------------------------


def test_every_door_is_named_with_what_belongs_to_it() -> None:
    config = Config(
        state_directory=Path("state"),
        run_directory=Path("run"),
        readers=(
            ReaderConfig(usb="1a86:7523"),
            ReaderConfig("ACS", kind="pcsc", name="cua-sau", scanner=ScannerConfig("/dev/ttyACM1")),
        ),
        scanner=ScannerConfig("/dev/ttyACM0"),
        keypad=KeypadConfig("/dev/input/event1"),
        indicator=IndicatorConfig("gpio"),
    )
    assert [door_in_words(door) for door in config.doors] == [
        "door 1: reader USB adapter 1a86:7523, scanner /dev/ttyACM0, keypad /dev/input/event1, lamps by gpio",
        "door cua-sau: reader PC/SC ACS, scanner /dev/ttyACM1",
    ]


# --- settings that only the machine knows to be wrong ---------------------------------------------------------------


def test_a_station_with_two_doors_at_one_reader_does_not_start(station: RunningStation) -> None:
    config, links = station.state / "station.toml", [station.state / "by-id", station.state / "by-path"]
    for link in links:
        link.symlink_to(station.reader.path)
    readers = "".join(f'[[readers]]\ndevice = "{link}"\n' for link in links)
    config.write_text(f'state_directory = "."\n{readers}[clock]\ntrust = "system"\n')
    command = [sys.executable, "-m", "appliance", "run", "--config", config]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    one, other = links
    share = f"share one device: {one} and {other} are both {Path(station.reader.path).resolve()}"
    assert ended.stderr == f"thechip-appliance: the reader of door 1 and the reader of door 2 {share} [config-error]\n"


# --- a clock that nobody keeps -------------------------------------------------------------------------------------


def test_a_station_that_checks_its_clock_waits_for_an_officer_unless_this_machine_knows_the_time(
    station: RunningStation,
) -> None:
    station.trust = "checked"
    known = ThisMachine().is_synchronised() or bool(ThisMachine().hardware_clocks())
    station.start()
    shown = station.wait_for(DisplayState.READY if known else DisplayState.SEE_OFFICER)
    assert shown.detail_vi == ("" if known else REASONS["clock-not-trusted"].vi)
    confirm = [sys.executable, "-m", "appliance", "clock", "confirm", "--config", station.state / "station.toml"]
    said = subprocess.run(confirm, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"Confirmed: it is {datetime.now(ZoneInfo('Asia/Ho_Chi_Minh')):%Y-%m-%d} ")
    station.wait_for(DisplayState.READY)
    station.hold()
    station.wait_for(DisplayState.PRESENT)
    station.stop()


def test_a_ready_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ready file"):
        write_ready_file(tmp_path / "no-such-folder" / "ready")
