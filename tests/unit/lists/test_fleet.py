"""A small fleet's short month, as ``scripts/fleet`` plays it; and what it must not be blind for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NGINX = (Path("/usr/sbin"), ROOT / ".venv" / "debian" / "usr" / "sbin")

pytestmark = pytest.mark.skipif(
    not any(shutil.which("nginx", path=str(place)) for place in NGINX), reason="nginx is not there"
)


def fleet(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "lib" / "fleet"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.timeout(240)
def test_all_end_with_the_same_lists_however_they_came_by_them() -> None:
    finished = fleet("10", "--days", "4", "--issuers", "3", "--cards", "2000", "--changes", "20")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "\n10 appliances ended with " in finished.stdout
    told = {line.split(maxsplit=1)[0] for line in finished.stdout.splitlines() if line}
    assert told >= {"first", "changed", "unchanged", "return", "rotated", "stick"}


@pytest.mark.timeout(240)
def test_one_that_missed_the_other_keys_is_missed() -> None:
    finished = fleet("3", "--days", "1", "--issuers", "1", "--cards", "10", "--changes", "3", "--leave-behind", "2")
    assert finished.returncode == 1, finished.stdout
    assert "FAILED: the appliances did not end with the same lists" in finished.stdout
