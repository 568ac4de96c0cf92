"""``thechip`` with input that somebody made to break it: an exit code and a sentence, in time and in bounds."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.cli import read_command

Run = Callable[..., object]
THECHIP = [sys.executable, "-m", "verifier.cli"]


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


@pytest.fixture
def evidence(stored: dict[str, bytes], tmp_path: Path) -> Path:
    path = tmp_path / "card.json"
    path.write_bytes(stored["genuine"])
    return path


@pytest.mark.parametrize("wait", ["nan", "inf", "-1", "1e300"])
@pytest.mark.parametrize("command", ["read", "emulate"])
def test_a_time_that_nobody_can_wait_is_wrong_usage(run: Run, command: str, wait: str) -> None:
    ran = run(command, f"--wait={wait}", *(["-o", "x"] if command == "read" else []), stdin="123456")
    assert ran.code == 2


@pytest.mark.parametrize("host", ["a" * 300, "..", "é" * 70, "a..b"])
@pytest.mark.parametrize("command", ["read", "emulate"])
def test_a_host_that_cannot_be_is_wrong_usage(run: Run, tmp_path: Path, command: str, host: str) -> None:
    output = ["-o", tmp_path / "x"] if command == "read" else []
    assert run(command, "--wait", "0", "--host", host, *output, stdin="123456").code == 2


def test_not_to_wait_at_all_finds_no_card(run: Run, free_port: Callable, tmp_path: Path) -> None:
    ran = run("read", "--wait", "0", "--port", free_port(), "-o", tmp_path / "x", stdin="123456")
    assert ran.code == 4
    assert "no card came" in ran.err


@pytest.mark.parametrize("option", ["-o", "--trace"])
def test_a_file_that_is_there_is_noticed_before_a_card_is_held_to_the_reader(
    run: Run, tmp_path: Path, option: str
) -> None:
    (tmp_path / "there").write_text("mine")
    other = ["-o", tmp_path / "x"] if option == "--trace" else []
    ran = run("read", option, tmp_path / "there", *other, "--wait", "3600", stdin="123456")
    assert ran.code == 5
    assert (tmp_path / "there").read_text() == "mine"


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf123456\r\n", b"123456\r\n"])
def test_a_password_file_may_come_from_windows(run: Run, free_port: Callable, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "can").write_bytes(content)
    ran = run("read", "--wait", "0", "--port", free_port(), "-o", tmp_path / "x", "--password-file", tmp_path / "can")
    assert ran.code == 4, ran.err


def test_without_any_standard_input_there_is_no_password(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *THECHIP, "read", "--port", "0", "--wait", "0", "-o", str(tmp_path / "x")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("way", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_output_changes_nothing_but_what_is_heard(way: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {way}', "sh", *THECHIP, "emulate", "--list"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("way", [">/dev/full", ">/dev/full 2>/dev/full"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_output_to_a_full_disk_is_an_unusable_file(way: str, form: list[str]) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {way}', "sh", *THECHIP, "emulate", "--list", *form],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 5
    assert "Traceback" not in done.stderr


def test_a_terminal_without_vietnamese_letters_is_no_reason_to_fail(
    trust: Path, evidence: Path, tmp_path: Path
) -> None:
    named = evidence.rename(tmp_path / "thẻ.json")
    done = subprocess.run(
        [*THECHIP, "verify", "--trust", str(trust), str(named)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode in {1, 3}, done.stderr
    assert "th\\u1ebb.json" in done.stdout


@pytest.mark.parametrize("broken", ["loop", "card.json/below"])
def test_a_path_that_leads_nowhere_does_not_keep_the_other_files_from_being_looked_at(
    run: Run, trust: Path, evidence: Path, tmp_path: Path, broken: str
) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    ran = run("verify", "--trust", trust, tmp_path / broken, evidence, "--json")
    assert next(line.get("outcome") or line["error"]["reason"] for line in ran.json) == "file-error"
    assert len(ran.json) == 2


@pytest.mark.parametrize("key", ["/dev/zero", "sparse"])
def test_a_key_without_end_takes_no_memory_without_end(
    trust: Path, evidence: Path, card_status: tuple, tmp_path: Path, key: str
) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    options = ["--trust", trust, *card_status[:2], "--card-status-key", tmp_path / key, evidence]
    done = subprocess.run(
        [*THECHIP, "verify", *map(str, options)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        preexec_fn=_limited,
    )
    assert done.returncode == 5, done.stderr


def test_a_pipe_is_no_card_status_list_and_nobody_waits_for_it(
    run: Run, trust: Path, evidence: Path, card_status: tuple, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    ran = run("verify", "--trust", trust, "--card-status", tmp_path / "pipe", *card_status[2:], evidence)
    assert ran.code == 5


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_only_a_regular_file_can_be_trusted(run: Run, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "root.cer"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    assert run("trust", "add", tmp_path / "store", path).code == 5


def test_a_root_that_a_file_holds_twice_is_added_once(run: Run, trust: Path, tmp_path: Path) -> None:
    root = next(iter(sorted(trust.glob("*.cer")))).read_bytes()
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_der_x509_certificate

    (tmp_path / "twice.pem").write_bytes(load_der_x509_certificate(root).public_bytes(Encoding.PEM) * 2)
    ran = run("trust", "add", tmp_path / "store", tmp_path / "twice.pem")
    assert ran.code == 0, ran.err
    assert len(list((tmp_path / "store").iterdir())) == 1


# --- a simulator that means harm -------------------------------------------------------------------------------------


def _frames_of(line: socket.socket) -> None:
    """Take one frame of the reader's."""
    length = int.from_bytes(line.recv(2))
    while length > 0:
        part = line.recv(length)
        if not part:
            raise ConnectionError
        length -= len(part)


def _half_a_frame(line: socket.socket) -> None:
    line.sendall(b"\x00\x05\x3b")


def _huge_length(line: socket.socket) -> None:
    line.sendall(b"\xff\xff" + bytes(100))


def _half_a_length(line: socket.socket) -> None:
    line.sendall(b"\x00")


def _huge_answer_to_reset(line: socket.socket) -> None:
    line.sendall(b"\xff\xff" + bytes(0xFFFF))


def _nothing(_: socket.socket) -> None:
    return


def _leaves_inside_a_command(line: socket.socket) -> None:
    line.sendall(b"\x00\x05\x3b\x80\x80\x01\x01")
    for _ in range(3):
        _frames_of(line)
    line.sendall(b"\x01\x00\x90")


def _answers_with_control_bytes(line: socket.socket) -> None:
    line.sendall(b"\x00\x05\x3b\x80\x80\x01\x01")
    for code in range(200):
        line.sendall(b"\x00\x01" + bytes([code]))


@pytest.mark.parametrize(
    "attack",
    [
        _half_a_frame,
        _huge_length,
        _half_a_length,
        _huge_answer_to_reset,
        _nothing,
        _leaves_inside_a_command,
        _answers_with_control_bytes,
    ],
)
def test_a_simulator_that_breaks_its_frames_and_hangs_up_is_a_card_in_trouble(
    run: Run, free_port: Callable, tmp_path: Path, attack: Callable[[socket.socket], None]
) -> None:
    port = free_port()

    def play() -> None:
        with _connected(port) as line, contextlib.suppress(OSError):
            attack(line)

    thread = threading.Thread(target=play)
    thread.start()
    ran = run("read", "--port", port, "-o", tmp_path / "x", stdin="123456")
    thread.join()
    assert ran.code == 4, ran.err


def test_a_card_that_answers_each_command_just_in_time_is_not_listened_to_for_ever(
    run: Run, free_port: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that says it is a megabyte and comes byte by byte."""
    monkeypatch.setattr(read_command, "SESSION_SECONDS", 1.0)
    port = free_port()

    def play() -> None:
        with _connected(port) as line:
            try:
                _frames_of(line)
                _frames_of(line)
                line.sendall(b"\x00\x05\x3b\x80\x80\x01\x01")
                _frames_of(line)
                line.sendall(b"\x00\x07\x31\x83\x0f\xff\x00\x90\x00")
                while True:
                    _frames_of(line)
                    time.sleep(0.05)
                    line.sendall(b"\x00\x03A\x90\x00")
            except OSError:
                return

    thread = threading.Thread(target=play)
    thread.start()
    ran = run("read", "--port", port, "-o", tmp_path / "x", stdin="123456")
    thread.join()
    assert ran.code == 4


def _connected(port: int) -> socket.socket:
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except OSError:
            time.sleep(0.02)
    raise AssertionError
