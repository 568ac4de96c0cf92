"""The demo as a program: what it prints, when it fails, and that it never touches somebody's state directory."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.__main__ import main
from appliance.demo import simulation, stage
from appliance.demo.cards import DemoCard, tray
from appliance.demo.pki import DemoPki
from appliance.demo.stage import Stage
from appliance.kiosk.board import Board

KEYS = ["card", "outcome", "reason", "decision", "elapsed_ms", "apdus", "bytes", "as_expected"]
CARDS = {
    "genuine": ("PASSED", "present", "present"),
    "again": ("PASSED", "already-present", "already-present"),
    "older": ("PASSED", "present", "present"),
    "late": ("PASSED", "present-late", "present-late"),
    "visiting": ("PASSED", "not-on-roster", "visiting"),
    "chosen": ("PASSED", "present", "present"),
    "by-hand": ("NOT_PERFORMED", "recorded-by-hand", "recorded-by-hand"),
    "revoked": ("FAILED", "card-revoked", "refused"),
    "signer-revoked": ("FAILED", "signer-revoked", "refused"),
    "unknown-issuer": ("FAILED", "issuer-unknown", "refused"),
    "foreign-issuer": ("FAILED", "issuing-state-not-accepted", "refused"),
    "altered": ("FAILED", "data-group-altered", "refused"),
    "clone": ("FAILED", "chip-not-authentic", "refused"),
    "bare-clone": ("FAILED", "data-group-withheld", "refused"),
    "expired": ("FAILED", "document-expired", "refused"),
    "malformed": ("FAILED", "sod-malformed", "refused"),
    "wrong-can": ("NOT_PERFORMED", "access-denied", "try-again"),
    "taken-away": ("NOT_PERFORMED", "card-removed", "try-again"),
}


def few_cards(choose: Callable[[list[DemoCard]], list[DemoCard]]) -> Callable[[DemoPki], list[DemoCard]]:
    return lambda pki: choose(tray(pki))


def test_every_card_is_tapped_once_and_treated_as_it_must_be() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", "appliance", "demo", "--headless", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    *taps, last = [json.loads(line) for line in ended.stdout.splitlines()]
    assert all(list(tap) == KEYS for tap in taps)
    assert {tap["card"]: (tap["outcome"], tap["reason"], tap["decision"]) for tap in taps} == CARDS
    assert all(tap["as_expected"] for tap in taps)
    assert all((tap["apdus"] > 0) == (tap["card"] != "by-hand") for tap in taps)
    assert last == {
        "summary": {"cards": len(CARDS), "as_expected": len(CARDS), "ledger_entries": 16, "ledger_ok": True}
    }


def test_no_person_is_in_the_output_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stage, "tray", few_cards(lambda cards: cards[:1]))
    assert main(["demo", "--headless", "--json"]) == 0
    assert "Mẫu" not in capsys.readouterr().out


def test_a_card_treated_otherwise_than_it_must_be_fails_the_demo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def expecting_wrongly(cards: list[DemoCard]) -> list[DemoCard]:
        return [cards[0], replace(cards[1], reason="present")]

    monkeypatch.setattr(stage, "tray", few_cards(expecting_wrongly))
    assert main(["demo", "--headless", "--json"]) == 1
    *taps, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [tap["as_expected"] for tap in taps] == [True, False]
    assert last["summary"] == {"cards": 2, "as_expected": 1, "ledger_entries": 2, "ledger_ok": True}
    assert main(["demo", "--headless"]) == 1
    text = capsys.readouterr().out
    assert "✗ (must be already-present, present)" in text
    assert "1 of 2 as they must be" in text


def test_a_station_that_does_not_answer_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stage, "tray", few_cards(lambda cards: cards[:1]))
    monkeypatch.setattr(simulation, "_PATIENCE_SECONDS", 0.001)
    assert main(["demo", "--headless"]) == 3
    assert "[demo-stuck]" in capsys.readouterr().err


# --- the state directory -------------------------------------------------------------------------------------------


def test_a_directory_that_holds_anything_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = tmp_path / "appliance.toml"
    theirs.write_text("somebody's settings")
    for how in ([], ["--headless"]):
        assert main(["demo", "--state", str(tmp_path), *how]) == 2
        assert "is not empty; the demo plays in an empty one only [config-error]" in capsys.readouterr().err
    assert theirs.read_text() == "somebody's settings"
    assert list(tmp_path.iterdir()) == [theirs]


def test_a_directory_that_cannot_be_made_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    for state in ("file", "file/below"):
        assert main(["demo", "--headless", "--state", str(tmp_path / state)]) == 2
        assert "cannot be " in capsys.readouterr().err


def test_the_stage_is_set_in_an_empty_directory(tmp_path: Path) -> None:
    made = Stage.set_up(tmp_path / "deep" / "down", at=datetime.now(UTC), open_meeting=False)
    assert len(made.services.roster.members()) == 24
    assert made.services.meetings.current() is None
    assert [card.key for card in made.services.board.tray()] == list(CARDS)


# --- for the page --------------------------------------------------------------------------------------------------


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo as ``scripts/run`` starts it, which serves."""
    ready = tmp_path / "ready"
    command = [sys.executable, "-m", "appliance", "demo", "--state", tmp_path / "state", "--ready-file", ready]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(ready.exists, process)
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while not happened():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_for_the_page_serves_until_it_is_told_to_stop(
    demo: subprocess.Popen[str], number: signal.Signals
) -> None:
    os.kill(demo.pid, number)
    out, err = demo.communicate(timeout=20)
    assert (demo.returncode, out, err) == (0, "", "")


def test_a_tray_that_is_lost_with_its_board_is_laid_out_again(tmp_path: Path, demo: subprocess.Popen[str]) -> None:
    path = tmp_path / "state" / "run" / "board.sqlite3"
    path.unlink()
    wait_until(lambda: path.exists() and len(Board(path).tray()) == len(CARDS), demo)
