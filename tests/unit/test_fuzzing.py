"""The fuzzer finds what it is meant to find, and a short run of it finds nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUZZING = ROOT / "scripts" / "lib" / "fuzzing"


def test_a_short_run_finds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, FUZZING, "20", "--corpus", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    replayed = [line.split() for line in done.stdout.splitlines() if "inputs replayed" in line]
    assert len(replayed) >= 35
    assert all(int(words[1]) > 0 for words in replayed), "a target without a seed"


@pytest.mark.parametrize(
    ("target", "finding"),
    [
        ("lambda data: data[99]", "IndexError"),
        ("lambda data: deep(150)", "RecursionError"),
        ("lambda data: bytearray(80 << 20) and None", "LimitError: 80 MB"),
        ("lambda data: busy(0.7)", "LimitError: 0.7"),
        ("lambda data: (_ for _ in ()).throw(MalformedData(''))", "LimitError: an error without a usable sentence"),
    ],
)
def test_each_limit_bites(target: str, finding: str) -> None:
    code = "from limits import within_all; from verifier.errors import MalformedData\n"
    code += "import time\ndef busy(seconds):\n  end = time.process_time() + seconds\n"
    code += "  while time.process_time() < end: pass\n"
    code += "def deep(levels):\n  return levels and deep(levels - 1)\n"
    code += f"within_all({target}, b'x')"
    done = subprocess.run([sys.executable, "-c", code], cwd=FUZZING, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert finding in done.stderr.splitlines()[-1]


def test_what_the_limits_allow_passes() -> None:
    code = "from limits import within_all; from targets import TARGETS; within_all(TARGETS['tlv'], b'0' * 65536)"
    done = subprocess.run([sys.executable, "-c", code], cwd=FUZZING, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
