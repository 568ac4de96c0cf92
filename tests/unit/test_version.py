"""The version is told to whoever asks, and costs those nothing who do not."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import verifier
from verifier.cardstatus import delta, layout
from verifier.cli import main
from verifier.evidence import file_format
from verifier.reading import card_types
from verifier.transport import trace


def test_the_package_tells_its_version() -> None:
    assert verifier.__version__ == version("thechip")
    with pytest.raises(AttributeError, match="__versoin__"):
        verifier.__versoin__  # type: ignore[attr-defined]  # noqa: B018 - the look-up is the test


def test_the_command_line_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"thechip {version('thechip')}\n"


def test_who_does_not_ask_for_the_version_does_not_wait_for_it() -> None:
    program = "import sys; import verifier.sdk; print('importlib.metadata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_page_tells_the_versions_of_the_files_as_they_are_written() -> None:
    page = (Path(__file__).parents[2] / "docs" / "versions.md").read_text(encoding="utf-8")
    told = [int(number) for number in re.findall(r"^\| .* \| ([0-9]+) \| .* \|$", page, re.MULTILINE)]
    assert told == [file_format.VERSION, layout.VERSION, delta.VERSION, trace.VERSION, card_types._VERSION]
