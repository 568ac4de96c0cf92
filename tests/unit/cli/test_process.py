"""``thechip`` as a process: Ctrl-C, a reader of the output that leaves, hostile text, help."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.cli import build_parser
from verifier.cli.output import one_line, printable

THECHIP = [sys.executable, "-m", "verifier.cli"]
HEARING_CTRL_C = ["env", "--default-signal=INT"]
"""Whoever is started in the background by a shell is deaf to it, and so are its children."""


def test_ctrl_c_ends_it_without_a_traceback(free_port: Callable, tmp_path: Path) -> None:
    command = [*HEARING_CTRL_C, *THECHIP, "read", "--port", str(free_port()), "-o", str(tmp_path / "e")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reading:
        assert reading.stdin is not None
        assert reading.stderr is not None
        reading.stdin.write("123456\n")
        reading.stdin.close()
        assert reading.stderr.readline().startswith("Waiting for a card")
        reading.send_signal(signal.SIGINT)
        assert reading.wait(20) == 130
        assert reading.stderr.read().strip() == ""


def test_an_output_that_nobody_reads_ends_it_quietly(trust: Path) -> None:
    with subprocess.Popen(
        [*THECHIP, "emulate", "--list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert listing.wait(20) == 141
        assert listing.stderr.read() == ""


def test_text_from_others_does_not_steer_the_terminal() -> None:
    assert printable("C=VN\x1b[31m\x07, O=Mẫu\u202egnuhc\n") == "C=VN\ufffd[31m\ufffd, O=Mẫu\ufffdgnuhc\n"


@pytest.mark.parametrize("command", ["read", "readers", "verify", "inspect", "trust", "emulate"])
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as leaving:
        build_parser().parse_args([command, "--help"])
    assert leaving.value.code == 0
    assert f"thechip {command}" in capsys.readouterr().out


def test_text_from_others_writes_no_line_of_its_own() -> None:
    assert one_line("card\nPASSED\u2028PASSED\r\x85") == "card\ufffdPASSED\ufffdPASSED\ufffd\ufffd"


@pytest.mark.parametrize("arguments", [["--version"], ["emulate", "--list"], ["emulate", "--list", "--json"]])
def test_an_output_that_is_full_ends_it_without_a_traceback(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([*THECHIP, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 5
    assert "Traceback" not in ran.stderr
