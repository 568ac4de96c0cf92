"""Power cuts under the file system: ``scripts/cut-power`` in its short form; its long form is 1,000 points.

The appliance takes attendance in an emulated machine whose disk is recorded. Beside it, what the instrument itself is
made of is tried on small disks.
"""

import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "scripts" / "lib"
POINTS = 60
sys.path.append(str(LIBRARY))

from power_cut.errors import Failed  # noqa: E402 – scripts/lib is no package
from power_cut.parts import Parts  # noqa: E402 – scripts/lib is no package


@pytest.fixture
def parts() -> Parts:
    try:
        return Parts.find()
    except Failed as missing:
        pytest.skip(str(missing))  # for a machine where apt may not install qemu; under CI=true a skip is a failure


def cut_power(*more: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, str(LIBRARY / "power_cut"), *more]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("parts")
def test_no_power_cut_costs_anything_acknowledged_and_every_control_loses_something() -> None:
    seed = str(random.randrange(2**32))
    finished = cut_power(str(POINTS), "--controls", str(POINTS), "--taps", "48", "--seed", seed)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    told = re.findall(r"^(.*): (\d+) power cuts, (\d+) cost something", finished.stdout, re.MULTILINE)
    (shipped, *controls) = told
    assert shipped == ("as shipped", str(POINTS), "0")
    assert len(controls) == 4
    for name, points, lost in controls:
        assert points == str(POINTS)
        assert int(lost) > 0, name


def test_a_recording_that_is_not_there_is_a_sentence_and_no_success(tmp_path: Path) -> None:
    finished = cut_power("1", "--recording", str(tmp_path))
    assert finished.returncode == 1
    assert finished.stderr == f"FAILED: there is no recording in {tmp_path}\n"


def test_no_power_cuts_are_no_success() -> None:
    assert cut_power("0").returncode == 2
    assert cut_power("1", "--controls", "0").returncode == 2


def test_the_emulator_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(Failed):
        Parts.find()
