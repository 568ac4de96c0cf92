"""Years of meetings behind an appliance are nothing to an evening; ``scripts/backlog`` has ten, of 5,000 members.

Nothing is timed here: what is judged are the steps that SQLite makes, with the years and without them.
"""

import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "scripts" / "lib"))

from backlog import __main__ as script
from backlog.filled import EXCUSED_SHARE, Past, config_of, fill

from appliance.minutes.attendance import AttendanceService
from appliance.services import Services

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
MEMBERS, MEETINGS = 120, 36


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("backlog")
    fill(state, Past(MEMBERS, MEETINGS, seed=3, at=AT), lambda _: None)
    return state


def run(monkeypatch: pytest.MonkeyPatch, state: Path, *more: str) -> int:
    options = ["--years", "3", "--members", str(MEMBERS), "--taps", "5", "--times", "1", "--state", str(state)]
    monkeypatch.setattr(sys, "argv", ["backlog", *options, *more])
    return script.main()


def test_a_filled_store_is_what_the_services_would_have_made(filled: Path) -> None:
    services = Services.open(config_of(filled))
    try:
        verdict = services.ledger.verify()
        assert (verdict.ok, verdict.entries) == (True, MEETINGS * (MEMBERS + 2)), verdict.sentence
        held = services.meetings.all()
        assert [f"{meeting.starts_at:%Y-%m}" for meeting in (held[-1], held[0])] == ["2023-01", "2025-12"]
        attendance = AttendanceService(services.database, services.ledger).attendance_of(held[0].id)
        assert (len(attendance.rows), attendance.was_changed) == (MEMBERS, False)
        assert 0 < attendance.figures.absent_with_reason < MEMBERS * EXCUSED_SHARE * 3
        assert attendance.figures.absent_without_reason == 0
    finally:
        services.database.close()


@pytest.mark.timeout(300)
def test_with_three_years_behind_it_nothing_visits_more_than_it_must(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, tmp_path) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    for what in ("a tap", "a meeting closed", "station or page started", "ledger verify", "a backup", "a member"):
        assert f"\n{what}" in said


@pytest.mark.timeout(300)
def test_a_list_that_is_sought_through_the_whole_ledger_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, meetings in (("old", MEETINGS), ("young", 1)):
        fill(tmp_path / name, Past(MEMBERS, meetings, seed=3, at=AT), lambda _: None)
        (tmp_path / name / "filled").touch()
        with closing(sqlite3.connect(tmp_path / name / "thechip.sqlite3")) as store:
            store.execute("DROP INDEX ix_ledger_entries_meeting_id")
    assert run(monkeypatch, tmp_path) == 1
    assert "visits more than it must: " in (told := capsys.readouterr().err)
    assert "the list of a meeting" in told
