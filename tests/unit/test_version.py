"""The version is told to whoever asks, and costs those nothing who do not."""

import subprocess
import sys
from importlib.metadata import version

import pytest

import verifier
from verifier.cli import main


def test_the_package_tells_its_version() -> None:
    assert verifier.__version__ == version("thechip")
    with pytest.raises(AttributeError, match="__versoin__"):
        verifier.__versoin__  # type: ignore[attr-defined]  # noqa: B018 - the look-up is the test


def test_the_command_line_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_status:
        main(["--version"])
    assert exit_status.value.code == 0
    assert capsys.readouterr().out == f"thechip {version('thechip')}\n"


def test_who_does_not_ask_for_the_version_does_not_wait_for_it() -> None:
    program = "import sys; import verifier.sdk; print('importlib.metadata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
