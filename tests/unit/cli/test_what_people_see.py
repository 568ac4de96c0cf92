"""What a person sees: on a terminal of 80 columns, a narrow one, a dumb one, without colours, without rich."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from verifier.sdk.testing import VirtualChip
from verifier.sdk.testing.misbehaving import Scene

THECHIP = [sys.executable, "-m", "verifier.cli"]
HEARING_CTRL_C = ["env", "--default-signal=INT"]
"""Whoever is started in the background by a shell is deaf to it, and so are its children."""
WITHOUT_RICH = [
    sys.executable,
    "-c",
    "import sys; sys.modules['rich'] = None; from verifier.cli import main; sys.exit(main(sys.argv[1:]))",
]
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
STEPS = (
    "Looking how the card is opened",
    "Opening the card",
    "Reading",
    "Asking the chip to prove itself",
    "Verifying what was read",
)


class Screen:
    """A command on a pseudo-terminal, and what it wrote there."""

    def __init__(self, command: list[str], columns: int = 80, **environment: str) -> None:
        self._master, slave = pty.openpty()
        environment = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONUTF8": "1", **environment}
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "CI"}}
        subprocess.run(["stty", "cols", str(columns), "rows", "40"], stdin=slave, check=True)
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=kept | environment
        )
        os.close(slave)
        self.raw = ""

    def read_until(self, wanted: str) -> None:
        until = time.monotonic() + 30
        while wanted not in self.raw:
            assert time.monotonic() < until, self.raw
            self._read()

    def finish(self) -> int:
        while self._read():
            pass
        os.close(self._master)
        return self.process.wait(30)

    def _read(self) -> bool:
        try:
            some = os.read(self._master, 4096)
        except OSError:  # nobody writes any more
            return False
        self.raw += some.decode(errors="replace").replace("\r\n", "\n")
        return bool(some)

    @property
    def lines(self) -> list[str]:
        return [line.rpartition("\r")[2] for line in ESCAPE.sub("", self.raw).split("\n")]


@pytest.fixture
def inspecting(free_port: Callable, trust: Path, card_in: Callable, tmp_path: Path) -> Callable[..., Screen]:
    """Read and verify a card of the catalogue; return the screen afterwards."""
    (tmp_path / "can").write_text("123456")

    def inspecting(
        card: str = "genuine", *more: str, columns: int = 80, thechip: list[str] = THECHIP, **environment: str
    ) -> Screen:
        port = free_port()
        options = ["read", "--port", str(port), "--password-file", str(tmp_path / "can"), "--trust", str(trust), *more]
        with card_in(port, card):
            screen = Screen([*thechip, *options], columns, **environment)
            screen.finish()
        return screen

    return inspecting


def test_the_steps_move_and_the_report_begins_with_its_sentence(inspecting: Callable) -> None:
    screen = inspecting("clone-without-the-key")
    shown = "\n".join(screen.lines)
    for step in STEPS:
        assert f"✓ {step}" in shown
    sentence = screen.lines.index("The chip does not hold the key that the issuer signed for it: it is a copy.")
    assert screen.lines[sentence - 1] == ""
    assert screen.lines[sentence + 1].startswith("FAILED (chip-not-authentic), profile party-card, as of ")
    assert screen.raw.count("\x1b[?25l") == screen.raw.count("\x1b[?25h"), "the cursor is shown again"
    assert screen.process.returncode == 1


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_no_line_is_longer_than_the_terminal_is_wide(inspecting: Callable, columns: int) -> None:
    screen = inspecting("genuine", "--assumptions", columns=columns)
    report = screen.lines[screen.lines.index("") :]
    assert max(len(line) for line in report) <= columns
    assert any("A0000002471001" in line for line in report)


def test_without_colours_there_are_none(inspecting: Callable) -> None:
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", inspecting("expired", NO_COLOR="1").raw)


@pytest.mark.parametrize("how", ["dumb", "without rich"])
def test_a_terminal_that_cannot_move_gets_plain_lines(inspecting: Callable, how: str) -> None:
    screen = inspecting(TERM="dumb") if how == "dumb" else inspecting(thechip=WITHOUT_RICH)
    assert "\x1b" not in screen.raw
    for step in STEPS:
        assert f"{step} …" in screen.lines


def test_a_terminal_without_unicode_gets_ascii(inspecting: Callable) -> None:
    screen = inspecting("removed", LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert screen.raw.isascii()
    assert "+ Opening the card" in "\n".join(screen.lines)
    assert "x Reading" in "\n".join(screen.lines)
    assert screen.process.returncode == 4


def test_nobody_is_named_in_the_steps(inspecting: Callable) -> None:
    assert "MAU" not in inspecting().raw
    assert "Holder: MAU" in inspecting("genuine", "--show-holder").raw


def test_ctrl_c_at_a_terminal_shows_the_cursor_again(free_port: Callable, tmp_path: Path) -> None:
    (tmp_path / "can").write_text("123456")
    options = ["--port", str(free_port()), "--password-file", str(tmp_path / "can"), "-o", str(tmp_path / "e")]
    screen = Screen([*HEARING_CTRL_C, *THECHIP, "read", *options])
    screen.read_until("Waiting for a card")
    screen.process.send_signal(signal.SIGINT)
    assert screen.finish() == 130
    assert screen.raw.rindex("\x1b[?25h") > screen.raw.rindex("\x1b[?25l")
    assert "Traceback" not in screen.raw


def test_a_program_gets_the_same_in_one_object(
    run: Callable, free_port: Callable, trust: Path, card_in: Callable, tmp_path: Path
) -> None:
    port = free_port()
    with card_in(port):
        evidence = tmp_path / "card.json"
        ran = run("read", "--port", port, "--trust", trust, "--evidence", evidence, "--json", stdin="123456")
    assert ran.code == 3
    [facts] = ran.json
    assert facts["reason"] == "card-status-list-missing"
    assert facts["reading"]["files"] == ["EF.CardAccess", "EF.SOD", "DG1", "DG14"]
    assert facts["output"] == str(evidence)
    assert len(facts["assumptions"]) > 3
    assert "MAU" not in ran.out
    assert ran.err == ""


def test_a_purpose_says_how_much_is_read(
    run: Callable, free_port: Callable, card_in: Callable, scene: Scene, tmp_path: Path
) -> None:
    port, data = free_port(), scene.chip_data(options=replace(scene.options, data_groups=(2, 11)))
    read = {}
    for purpose in ("attendance", "identity-check", "full"):
        options = ("--port", port, "--purpose", purpose, "--evidence", tmp_path / purpose)
        with card_in(port, VirtualChip(data, random=scene.random)):
            ran = run("read", *options, "--json", stdin="123456")
        read[purpose] = {"DG2", "DG11"} & set(ran.json[0]["files"])
    assert read == {"attendance": set(), "identity-check": {"DG2"}, "full": {"DG2", "DG11"}}
    assert run("read", "--purpose", "curiosity", "--evidence", tmp_path / "x", stdin="123456").code == 2


def test_a_reading_of_which_nothing_would_come_is_refused(run: Callable) -> None:
    ran = run("read", "--port", "0", stdin="123456")
    assert (ran.code, "--trust FOLDER" in ran.err, "--evidence FILE" in ran.err) == (2, True, True)


def test_an_address_belongs_to_virtual_cards(run: Callable, tmp_path: Path) -> None:
    assert run("read", "--reader", "ACS", "--port", "1", "-o", tmp_path / "e", stdin="123456").code == 2
