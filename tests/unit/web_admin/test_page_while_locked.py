"""The page after power-on, as real processes: its unit's command, the real station beside it, the real unlock."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from appliance.config import Config
from appliance.kiosk.looks import LOOKS
from appliance.kiosk.phrases import NOT_OPENED, REASONS, STATES, DisplayState
from appliance.services import Services

UNIT = Path(__file__).parents[3] / "images" / "overlay" / "etc" / "systemd" / "system" / "thechip-page.service"
PATIENCE_S = 60.0
OTHERS = (
    "/",
    "/login",
    "/meetings",
    "/lists",
    "/set-up",
    "/demo",
    "/touch/roster",
    "/kiosk/keypad",
    "/kiosk/1/can",
    "/kiosk/none",
    "/x",
)
SETTINGS = """
state_directory = "state"
run_directory = "{memory}"
allowed_hosts = ["chibo.lan", "127.0.0.1"]
[[readers]]
device = "/dev/thechip-none-1"
[[readers]]
device = "/dev/thechip-none-2"
name = "cua-sau"
[protection]
kind = "{kind}"
key_file = "{stick}/thechip.key"
[clock]
trust = "system"
"""


@dataclass
class Machine:
    """An appliance that was just switched on, its stick, and the processes that its units start."""

    folder: Path
    memory: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def config(self) -> Path:
        return self.folder / "appliance.toml"

    @property
    def stick(self) -> Path:
        return self.folder / "stick"

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8")

    def protected(self, kind: str) -> None:
        """Make an appliance under this protection, and switch it off."""
        self.stick.mkdir()
        (self.folder / "passphrase").write_text("sáu từ ngẫu nhiên\n", encoding="utf-8")
        self.config.write_text(SETTINGS.format(memory=self.memory, kind=kind, stick=self.stick))
        self.run("protect", "--passphrase-file", str(self.folder / "passphrase"))
        services = Services.open(Config.load(self.config))
        services.accounts.issue_setup_token(at=services.clock.now())
        services.database.close()
        for left in self.memory.iterdir():
            left.unlink()

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "appliance", *arguments, "--config", str(self.config)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_station(self) -> None:
        self._start([sys.executable, "-m", "appliance", "run", "--config", str(self.config)])

    def start_page(self) -> None:
        """Start what the unit starts, on a free port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        said = re.search(r"^ExecStart=/opt/thechip/bin/(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
        assert said is not None
        program, *arguments = said[1].split()
        bin_folder = Path(sys.executable).parent
        self._start([str(bin_folder / program), *arguments, f"--bind=127.0.0.1:{self.port}"])
        self.wait_until(lambda: self.status("/kiosk") != 0)

    def _start(self, command: list[str]) -> None:
        environment = os.environ | {"THECHIP_CONFIG": str(self.config)}
        with (self.folder / "said").open("ab") as log:
            self.processes.append(subprocess.Popen(command, env=environment, stderr=log))

    def wait_until(self, happened: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not happened():
            for process in self.processes:
                assert process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.05)

    def get(
        self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        with closing(connection):
            connection.request(method, path, body=body, headers={"Connection": "close"} | headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()

    def status(self, path: str) -> int:
        try:
            return self.get(path)[0].status
        except OSError:
            return 0

    def watch(self, path: str = "/kiosk/events") -> Iterator[dict[str, str]]:
        """What a screen is told, until its stream ends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("GET", path)
        with closing(connection), connection.getresponse() as answer:
            for line in answer:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    def descriptors(self) -> int:
        """How many files the page's one worker has open."""
        (master,) = self.processes
        workers = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text(encoding="ascii").split()
        return len(list(Path(f"/proc/{workers[0]}/fd").iterdir()))

    def wait_for_tries(self) -> None:
        """Let the page try a few times more whether the keys are open."""
        until = time.monotonic() + 4.0
        self.wait_until(lambda: time.monotonic() > until)

    def shows(self) -> str:
        """The state on a screen that has just been opened: each look at the stream would take one of its places."""
        found = re.search(r'data-state="([a-z-]+)"', self.get("/kiosk")[1])
        return found[1] if found else ""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="thechip-test-") as memory:
        machine = Machine(tmp_path, Path(memory))
        yield machine
        for process in machine.processes:
            process.terminate()
        for process in machine.processes:
            process.wait(timeout=20)
    assert "Traceback" not in machine.said


def test_after_power_on_the_kiosk_says_that_it_is_locked_and_goes_on_by_itself_once_unlocked(machine: Machine) -> None:
    machine.protected("passphrase")
    machine.start_station()
    machine.start_page()
    look, phrase, sentence = LOOKS[DisplayState.LOCKED], STATES[DisplayState.LOCKED], REASONS["locked"]
    for path in ("/kiosk", "/kiosk/cua-sau"):
        answer, page = machine.get(path)
        assert answer.status == 200
        assert f'data-state="locked" data-colour="{look.colour}"' in page
        assert '<use href="#shape-locked">' in page
        for said in (phrase.vi, phrase.en, sentence.vi, sentence.en):
            assert said in page
        assert "keypad" not in page
    streams = [machine.watch(path) for path in ("/kiosk/events", "/kiosk/1/events")]
    assert [next(stream)["state"] for stream in streams] == ["locked", "locked"]

    machine.run("unlock", "--passphrase-file", str(machine.folder / "passphrase"))
    assert [list(stream) for stream in streams] == [[], []], "the screens are sent to the page that took the place"
    machine.wait_until(lambda: machine.shows() == "reader-gone")
    answer, page = machine.get("/kiosk")
    assert "keypad" in page
    assert "data-closed" not in page
    assert machine.status("/login") == 200
    assert [process.poll() for process in machine.processes] == [None, None], "nobody started anything again"


def test_while_locked_nothing_but_the_kiosk_and_what_it_is_drawn_with_can_be_reached(machine: Machine) -> None:
    machine.protected("passphrase")
    machine.start_page()
    descriptors = machine.descriptors()
    for path in OTHERS:
        answer, page = machine.get(path)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5"), path
        assert REASONS["locked"].vi in page
        assert REASONS["locked"].en in page
        assert "script" not in page
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert machine.get("/kiosk/can", method="POST", body=b"digits=123456", **form)[0].status == 503
    octets = {"Content-Type": "application/octet-stream"}
    assert machine.get("/bundles", method="POST", body=b"x", **octets)[0].status == 503
    assert machine.get("/kiosk", **{"X-Forwarded-For": "192.0.2.7"})[0].status == 503, "from elsewhere, through a proxy"
    answer, page = machine.get("/kiosk", Host="evil.example")
    assert answer.status == 421
    assert "Máy không có địa chỉ này." in page
    answer, _ = machine.get("/kiosk", Host="chibo.lan")
    assert answer.status == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Set-Cookie"] is None
    assert machine.status("/static/css/kiosk.css") == 200
    assert machine.status("/static/../wsgi.py") == 503
    machine.wait_for_tries()
    assert machine.descriptors() <= descriptors + 1, "waiting costs none, however long it lasts"
    assert machine.said.count("[locked]") == 1, "each reason is told once"


def test_a_wrong_stick_is_told_and_the_right_one_opens_page_and_station(machine: Machine) -> None:
    machine.protected("key-file")
    key = machine.stick / "thechip.key"
    right = key.read_bytes()
    key.unlink()
    machine.start_station()
    machine.start_page()
    assert next(machine.watch())["detail_vi"] == REASONS["key-file-away"].vi
    assert REASONS["key-file-away"].vi in machine.get("/login")[1]
    key.write_bytes(b"00" * 32)
    machine.wait_until(lambda: REASONS["key-wrong-secret"].vi in machine.get("/login")[1])
    assert next(machine.watch())["state"] == "locked"
    key.write_bytes(right)
    machine.wait_until(lambda: machine.status("/login") == 200)
    machine.wait_until(lambda: machine.shows() == "reader-gone")


def test_a_protection_that_is_changed_while_the_page_waits_opens_it_and_nobody_starts_anything_again(
    machine: Machine,
) -> None:
    machine.protected("passphrase")
    machine.start_page()
    assert machine.shows() == "locked"
    machine.config.write_text(machine.config.read_text().replace('"passphrase"', '"none"'))
    machine.run("protect", "--old-passphrase-file", str(machine.folder / "passphrase"))
    machine.wait_until(lambda: machine.status("/login") == 200)
    assert [process.poll() for process in machine.processes] == [None]


def test_a_pipe_in_place_of_the_key_file_keeps_nobody_waiting(machine: Machine) -> None:
    machine.protected("key-file")
    key = machine.stick / "thechip.key"
    right = key.read_bytes()
    key.unlink()
    os.mkfifo(key)
    machine.start_station()
    machine.start_page()
    machine.wait_until(lambda: REASONS["key-file-unreadable"].vi in machine.get("/login")[1])
    machine.wait_until(lambda: machine.said.count("[key-file-unreadable]") == 2)
    key.unlink()
    key.write_bytes(right)
    machine.wait_until(lambda: machine.shows() == "reader-gone")


def test_keys_that_are_damaged_are_told_to_whoever_looks_after_the_machine_until_they_are_restored(
    machine: Machine,
) -> None:
    machine.protected("passphrase")
    file = machine.folder / "state" / "keys" / "appliance.protected"
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    machine.start_page()
    shown = next(machine.watch())
    assert (shown["state"], shown["vi"]) == ("see-officer", NOT_OPENED.vi)
    assert shown["detail_vi"] == REASONS["key-damaged"].vi
    assert machine.status("/login") == 503
    file.write_bytes(whole)
    machine.wait_until(lambda: machine.shows() == "locked")
