"""``roster import`` and ``roster list``: what is taken, what is refused, and what a console gets to see."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import ROSTER, CommandLine, Ended


def test_a_roster_is_imported_and_listed(run: CommandLine, roster: Callable[[str], Path]) -> None:
    ended = run.on_config("roster", "import", roster(ROSTER))
    assert ended == Ended(0, "2 members added: 1 with a number, 1 with a card access number.\n", "")
    listed = run.on_config("roster", "list").out.splitlines()
    assert [line.split() for line in listed] == [
        ["No.", "name", "class", "status"],
        ["1", "Mẫu", "Thị", "Sen", "official", "active"],
        ["2", "Mẫu", "Văn", "Ổi", "probationary", "active", "no", "number"],
        ["2", "members"],
    ]
    first, second = json.loads(run.on_config("roster", "list", "--json").out)
    assert first == {
        "id": 1,
        "name": "Mẫu Thị Sen",
        "class": "official",
        "status": "active",
        "has_number": True,
        "has_password": True,
    }
    assert second["class"] == "probationary"


def test_a_dry_run_changes_nothing(run: CommandLine, roster: Callable[[str], Path]) -> None:
    ended = run.on_config("roster", "import", roster(ROSTER), "--dry-run")
    assert ended.code == 0
    assert "2 members would be added; nothing was changed" in ended.out
    assert json.loads(run.on_config("roster", "list", "--json").out) == []


def test_a_faulty_roster_is_refused_as_a_whole_and_each_fault_named_without_persons(
    run: CommandLine, roster: Callable[[str], Path]
) -> None:
    file = roster(ROSTER + "Bí Mật;danh dự;B/2;98\n;dự bị;;\n")
    ended = run.on_config("--verbose", "roster", "import", file)
    assert ended.code == 1
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert [line.split(":")[1].strip() for line in lines[:4]] == [
        "line 4, column B (class)",
        "line 4, column C (number)",
        "line 4, column D (can)",
        "line 5, column A (name)",
    ]
    assert lines[-1].endswith("4 faults in the file; nothing was imported [faulty-roster-file]")
    assert "Bí" not in ended.err
    assert "98" not in ended.err
    assert not (run.state / "thechip.sqlite3").exists()


def test_many_faults_are_counted_and_not_all_printed(run: CommandLine, roster: Callable[[str], Path]) -> None:
    ended = run.on_config("roster", "import", roster("name;class\n" + "A;\n" * 150))
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 102
    assert "and 200 more" in ended.err


def test_a_roster_file_that_is_not_there_is_a_sentence(run: CommandLine, tmp_path: Path) -> None:
    ended = run.on_config("roster", "import", tmp_path / "none.csv")
    assert ended.code == 1
    assert "the file cannot be read: No such file or directory [faulty-roster-file]" in ended.err


def _as_process(run: CommandLine, **settings: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "appliance", "roster", "list", "--config", run.config]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **settings)  # type: ignore[call-overload] # by name


def test_names_are_printed_on_a_console_without_vietnamese_letters(
    run: CommandLine, roster: Callable[[str], Path]
) -> None:
    run.on_config("roster", "import", roster(ROSTER))
    process = _as_process(run, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "Sen" in out


def test_a_reader_of_the_output_that_went_away_is_no_traceback(run: CommandLine, roster: Callable[[str], Path]) -> None:
    run.on_config("roster", "import", roster(ROSTER))
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = _as_process(run, stdout=write_end)
    os.close(write_end)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (3, "")


def test_a_probationary_member_becomes_official_and_another_leaves(
    run: CommandLine, roster: Callable[[str], Path]
) -> None:
    run.on_config("roster", "import", roster(ROSTER))
    changed = run.on_config("roster", "change", "2", "--class", "official", "--status", "away")
    assert changed == Ended(0, "Member 2 is official, away.\n", "")
    ended = run.on_config("roster", "leave", "1")
    assert (ended.code, ended.out, "a script says --yes" in ended.err) == (2, "member 1  Mẫu Thị Sen\n", True)
    assert run.on_config("roster", "leave", "1", "--yes").code == 0
    (left,) = json.loads(run.on_config("roster", "list", "--json").out)
    assert (left["id"], left["class"], left["status"]) == (2, "official", "away")


def test_a_change_of_nothing_or_of_nobody_is_refused(run: CommandLine, roster: Callable[[str], Path]) -> None:
    run.on_config("roster", "import", roster(ROSTER))
    assert "--class, --status" in run.on_config("roster", "change", "2").err
    for nobody in (("change", "7", "--class", "official"), ("leave", "7"), ("return", "7")):
        ended = run.on_config("roster", *nobody)
        assert (ended.code, "no member 7" in ended.err) == (3, True)


def test_who_left_comes_back_under_the_same_number(
    run: CommandLine, roster: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run.on_config("roster", "import", roster(ROSTER))
    assert "member 1 is on the roster" in run.on_config("roster", "return", "1", "--yes").err
    run.on_config("roster", "leave", "1", "--yes")
    monkeypatch.setattr("sys.stdin", io.StringIO("079;184\n"))
    assert "letters A to Z" in run.on_config("roster", "return", "1", "--yes", "--number").err
    ended = run.on_config("roster", "return", "1", "--yes")
    assert ended.code == 0
    assert "Member 1 is on the roster again, official, active. Their card is not" in ended.out
    run.on_config("roster", "leave", "1", "--yes")
    monkeypatch.setattr("sys.stdin", io.StringIO("b1 23\n"))
    ended = run.on_config("roster", "return", "1", "--yes", "--number")
    assert ended.out.endswith("Member 1 is on the roster again, official, active.\n")
    first, _ = json.loads(run.on_config("roster", "list", "--json").out)
    assert (first["id"], first["name"], first["has_number"]) == (1, "Mẫu Thị Sen", True)
