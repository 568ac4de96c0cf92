"""One station for each state directory, and a demo that empties its own directory only."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.__main__ import main
from appliance.demo import stage
from appliance.demo.cards import tray
from appliance.demo.simulation import running
from appliance.demo.stage import Stage
from appliance.errors import StationRuns, StorageUnreachable
from appliance.station.station import Station
from appliance.storage.station_lock import LOCK_FILE, only_station

HOLD = """
import sys, pathlib
from appliance.storage.station_lock import only_station
with only_station(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def few_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "tray", lambda pki: tray(pki)[:1])


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()}


def test_a_second_station_is_told_which_process_serves_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        said = rf"another station serves this directory \(process {holder.pid}\)"
        with pytest.raises(StationRuns, match=said), only_station(tmp_path):
            pytest.fail("two stations")
        holder.kill()
    with only_station(tmp_path):
        assert (tmp_path / LOCK_FILE).read_text() == f"{os.getpid()}\n"


def test_run_and_demo_end_with_3_where_another_station_serves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], few_cards: None
) -> None:
    state = tmp_path / "state"
    assert main(["demo", "--headless", "--state", str(state)]) == 0
    config = state / "appliance.toml"
    config.write_text(config.read_text() + '[[readers]]\ndevice = "/dev/none"\n')
    before = contents(state / "keys")
    with only_station(state):
        for command in (
            ["run", "--config", str(config)],
            ["demo", "--state", str(state), "--fresh"],
            ["demo", "--state", str(state), "--fresh", "--headless"],
        ):
            assert main(command) == 3
            said = capsys.readouterr().err
            assert f"another station serves this directory (process {os.getpid()}) [station-runs]" in said
    assert contents(state / "keys") == before


def test_a_lock_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnreachable, match="cannot be made"), only_station(tmp_path / "file"):
        pytest.fail("no lock")


# --- a fresh demo --------------------------------------------------------------------------------------------------


def test_a_fresh_demo_forgets_the_demo_before_it(tmp_path: Path, few_cards: None) -> None:
    state = tmp_path / "state"
    keys = []
    for _ in range(2):
        assert main(["demo", "--headless", "--state", str(state), "--fresh"]) == 0
        keys.append((state / "keys" / "appliance" / "roster.key").read_bytes())
    assert keys[0] != keys[1]


@pytest.mark.parametrize("how", ["settings", "stranger", "no settings"])
def test_a_fresh_demo_leaves_alone_what_no_demo_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], few_cards: None, how: str
) -> None:
    if how == "settings":
        assert main(["init", "--state", str(tmp_path), "--reader", "/dev/ttyUSB0"]) == 0
    else:
        assert main(["demo", "--headless", "--state", str(tmp_path)]) == 0
        (tmp_path / "photographs").mkdir()
        if how == "no settings":
            (tmp_path / "appliance.toml").unlink()
    before = contents(tmp_path)
    assert main(["demo", "--state", str(tmp_path), "--fresh"]) == 2
    assert "it is left as it is [config-error]" in capsys.readouterr().err
    assert contents(tmp_path) == before


# --- a station that dies -------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_demo_whose_station_dies_ends_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], few_cards: None
) -> None:
    def die(station: Station, stop: threading.Event) -> None:
        raise MemoryError

    monkeypatch.setattr(Station, "run", die)
    assert main(["demo", "--state", str(tmp_path / "state")]) == 3
    assert "the demo's station ended by itself; see above [station-ended]" in capsys.readouterr().err


# --- a card that comes late ----------------------------------------------------------------------------------------


def test_the_late_card_is_recorded_late_at_the_time_on_the_wall_and_others_in_any_order_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Stage.set_up(tmp_path / "state", at=datetime.now(UTC), open_meeting=True)
    cards = {card.key: card for card in made.cards}
    with running(made, result_seconds=0.0) as simulation:
        decisions = [simulation.tap(cards[key]).decision.value for key in ("late", "genuine", "by-hand")]
    assert decisions == ["present-late", "present", "recorded-by-hand"]
    meeting = made.services.meetings.current()
    assert meeting is not None
    entries = [made.services.ledger.entry(sequence) for sequence in range(1, made.services.ledger.verify().entries + 1)]
    times = [entry.at for entry in entries]
    assert times == sorted(times)
    assert times[-1] <= datetime.now(UTC)
