"""``scripts/run`` looks at what it was told before it touches anything."""

import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [ROOT / "scripts" / "run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("port", ["abc", "0", "80a", "-1", "65536", "99999999999"])
def test_a_port_that_is_none_is_a_sentence(port: str) -> None:
    ended = run("--port", port)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"--port must be a number from 1 to 65535, not {port}\n"


def test_a_port_in_use_is_told_before_anything_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ended = run("--port", str(port))
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == f"port {port} is in use; choose another with --port\n"
