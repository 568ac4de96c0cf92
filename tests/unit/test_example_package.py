"""The example package under ``docs/examples`` installs, is found by its entry point, and passes its own tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "union-card"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the package is installed beside ours."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", folder]
    environment = {**os.environ, "PIP_CONSTRAINT": str(ROOT / "constraints.txt")}
    command = [sys.executable, "-m", "pip", "install", *options, EXAMPLE]
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


def test_it_passes_its_own_tests(installed: dict[str, str], tmp_path: Path) -> None:
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, EXAMPLE / "tests"]
    done = subprocess.run(tests, cwd=tmp_path, env=installed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_program_finds_the_profile_by_its_name(installed: dict[str, str]) -> None:
    listing = "from verifier.sdk import load_profile; print(load_profile('union-card').title)"
    shown = subprocess.run([sys.executable, "-c", listing], env=installed, capture_output=True, text=True, check=True)
    assert shown.stdout == "Utopian lighthouse keeper's card\n"
