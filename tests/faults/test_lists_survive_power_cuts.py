"""Power cuts and ``kill -9`` at every step of taking up lists; ``scripts/cut-lists`` does it a thousand times."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

CUTS = 100
KILLS = 50
SCRIPT = Path(__file__).parents[2] / "scripts" / "lib" / "lists_power_cut"


def cut(cuts: int, kills: int, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, str(SCRIPT), str(cuts), "--kills", str(kills), *more]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@pytest.mark.timeout(240)
def test_the_old_lists_or_the_new_ones_are_in_use_whole_wherever_it_is_cut_off() -> None:
    finished = cut(CUTS, KILLS, "--seed", str(random.randrange(2**32)))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert f"{CUTS} power cuts and {KILLS} kills" in finished.stdout


@pytest.mark.timeout(240)
@pytest.mark.parametrize("left_out", ["contents", "part-names", "set-names", "switch"])
def test_whatever_is_not_forced_out_is_missed(left_out: str) -> None:
    finished = cut(1000, 0, "--seed", "1", "--without", left_out)
    assert finished.returncode == 1, finished.stdout
    assert "FAILED" in finished.stderr
