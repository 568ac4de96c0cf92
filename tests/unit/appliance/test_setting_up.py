"""``thechip-appliance init`` on a directory that is there already: it is closed to others, or left as it was."""

import os
import stat
from pathlib import Path

import pytest

from appliance.__main__ import main


@pytest.fixture
def state(tmp_path: Path) -> Path:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(0o755)
    return state


def init(state: Path) -> int:
    return main(["init", "--state", str(state), "--reader", "/dev/ttyUSB0"])


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_empty_directory_is_closed_to_others(state):
    assert init(state) == 0
    assert mode_of(state) == 0o700
    assert (state / "appliance.toml").is_file()


def test_a_directory_that_is_closed_already_may_hold_something(state):
    state.chmod(0o700)
    (state / "trust").mkdir()
    assert init(state) == 0
    assert mode_of(state) == 0o700


def test_a_directory_in_use_is_not_closed_behind_anybodys_back(state, capsys):
    (state / "notes.txt").touch()
    assert init(state) == 2
    assert "is open to other users, and holds something: chmod 700" in capsys.readouterr().err
    assert (mode_of(state), [path.name for path in state.iterdir()]) == (0o755, ["notes.txt"])


def test_a_directory_of_another_user_is_left_alone(state, capsys, monkeypatch):
    somebody_else = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)
    assert init(state) == 2
    assert "belongs to another user: run init as that user" in capsys.readouterr().err
    assert (mode_of(state), list(state.iterdir())) == (0o755, [])
