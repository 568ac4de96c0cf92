"""For each door a program as somebody outside would write it: it runs, and its types hold under ``mypy --strict``."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from verifier import sdk

ROOT = Path(__file__).parents[2]
SAMPLES = {sample.stem: sample for sample in sorted((ROOT / "tests" / "vectors" / "door_samples").glob("*.py"))}
CONFIGURATION = """
[mypy]
strict = true
warn_unreachable = true
follow_imports = silent
[mypy-asn1crypto.*,smartcard.*]
ignore_missing_imports = true
"""


def test_there_is_a_sample_for_each_door() -> None:
    folder = Path(sdk.__file__).parent
    doors = {door.stem for door in folder.glob("*.py")} - {"__init__", "inspection"} | {"testing"}
    assert set(SAMPLES) == doors


@pytest.mark.parametrize("door", SAMPLES)
def test_the_sample_runs(door: str) -> None:
    runpy.run_path(str(SAMPLES[door]), run_name="sample")


@pytest.mark.parametrize("door", SAMPLES)
def test_the_sample_knows_nothing_but_doors(door: str) -> None:
    lines = SAMPLES[door].read_text(encoding="utf-8").splitlines()
    imports = [line.split()[1] for line in lines if line.startswith(("from verifier", "import verifier"))]
    assert imports
    assert [name for name in imports if not name.startswith("verifier.sdk")] == []


def test_the_types_of_all_samples_hold(tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text(CONFIGURATION, encoding="utf-8")
    programs = []
    for door, sample in SAMPLES.items():
        programs.append(tmp_path / f"sample_of_{door}.py")
        programs[-1].write_text(sample.read_text(encoding="utf-8"), encoding="utf-8")
    command = ["-m", "mypy", "--config-file", tmp_path / "mypy.ini", "--cache-dir", tmp_path / "cache", *programs]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
