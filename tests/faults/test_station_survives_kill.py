"""``kill -9`` of the whole station, reader and all, at random instants; ``scripts/kill-station`` does it 200 times."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 20
SCRIPT = Path(__file__).parents[2] / "scripts" / "lib" / "kill_station.py"


@pytest.mark.timeout(240)
def test_no_acknowledged_check_in_is_lost_and_the_next_card_is_served() -> None:
    arguments = [sys.executable, str(SCRIPT), str(KILLS), "--seed", str(random.randrange(2**32))]
    finished = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert f"{KILLS} kills" in finished.stdout
