"""``ledger verify``: a whole ledger, a changed one, and none."""

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import CommandLine

from appliance.meetings import MeetingKind


@pytest.fixture
def recorded(run: CommandLine) -> CommandLine:
    """An appliance that has recorded three check-ins."""
    services, at = run.services(), datetime.now(UTC)
    meeting = services.meetings.create(kind=MeetingKind.REGULAR, title="Mẫu", place="Mẫu", starts_at=at)
    services.meetings.open(meeting.id, at=at, officer="an")
    for name in ("Mẫu Thị Sen", "Mẫu Văn Tre", "Mẫu Thị Mai"):
        member = services.roster.add(name, "official")
        services.checkins.record_by_hand(member.id, reason="Quên thẻ", recorded_by="an", confirmed_by="bình", at=at)
    return run


def test_a_whole_ledger_is_found_whole(recorded: CommandLine) -> None:
    ended = recorded.on_config("ledger", "verify")
    assert ended.code == 0
    assert "entries, chained and signed" in ended.out
    fields = json.loads(recorded.on_config("ledger", "verify", "--json").out)
    assert list(fields) == ["ok", "entries", "erased", "first_bad", "reason"]
    assert (fields["ok"], fields["first_bad"], fields["reason"]) == (True, None, "intact")


def test_a_state_directory_means_the_configuration_in_it(recorded: CommandLine, tmp_path: Path) -> None:
    ended = recorded("ledger", "verify", "--state", recorded.state)
    assert (ended.code, ended.out) == (0, recorded.on_config("ledger", "verify").out)
    both = recorded.on_config("ledger", "verify", "--state", recorded.state)
    assert both.code == 2
    empty = recorded("ledger", "verify", "--state", tmp_path)
    assert empty.code == 2
    assert "appliance.toml cannot be read" in empty.err


@pytest.mark.parametrize(
    ("sql", "first_bad", "reason"),
    [
        ("UPDATE ledger_entries SET at = '2020-01-01T00:00:00+00:00' WHERE sequence = 2", 2, "altered"),
        ("UPDATE ledger_bodies SET sealed = x'00' WHERE sequence = 3", 3, "body-altered"),
        ("DELETE FROM ledger_bodies WHERE sequence = 2; DELETE FROM ledger_entries WHERE sequence = 2", 2, "removed"),
    ],
)
def test_a_ledger_changed_behind_our_back_is_found_and_the_entry_named(
    recorded: CommandLine, sql: str, first_bad: int, reason: str
) -> None:
    database = sqlite3.connect(recorded.state / "thechip.sqlite3")
    triggers = database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        database.execute(f"DROP TRIGGER {name}")
    database.executescript(sql)
    database.close()
    ended = recorded.on_config("ledger", "verify")
    assert ended.code == 1
    assert f"entry {first_bad}" in ended.out
    ended = recorded.on_config("ledger", "verify", "--json")
    fields = json.loads(ended.out)
    assert ended.code == 1
    assert (fields["ok"], fields["first_bad"], fields["reason"]) == (False, first_bad, reason)


@pytest.mark.parametrize("command", [["ledger", "verify"], ["roster", "list"]])
def test_looking_at_an_appliance_that_is_not_there_makes_none(run: CommandLine, command: list[str]) -> None:
    ended = run.on_config(*command)
    assert ended.code == 3
    assert "there is no store at" in ended.err
    assert {path.name for path in run.state.iterdir()} == {"appliance.toml", "trust"}


def test_a_ledger_is_verified_without_any_place_for_temporary_files(run: CommandLine) -> None:
    """nfcpy looks for a library by way of a compiler and a temporary file: a full disk has no room for either."""
    run.services().database.close()
    command = ["prlimit", "--fsize=0", sys.executable, "-m", "appliance", "ledger", "verify", "--config"]
    done = subprocess.run([*command, str(run.config)], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 3}
