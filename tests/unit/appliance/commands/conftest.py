"""The command line over a state directory of its own, and rosters to be imported."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3] / "helpers"))

from command_line import CommandLine


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line over a state directory that ``init`` made."""
    line = CommandLine(tmp_path / "state", capsys)
    assert line("init", "--state", line.state, "--reader", "/dev/ttyUSB0").code == 0
    return line


@pytest.fixture
def roster(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "roster.csv"
        path.write_text(text, encoding="utf-8-sig")
        return path

    return write
