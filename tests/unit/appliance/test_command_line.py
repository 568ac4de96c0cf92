"""``thechip-appliance`` from the outside: what it prints, how it ends, and that no mistake of a user is a traceback."""

import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.__main__ import main
from appliance.config import Config
from appliance.meetings import MeetingKind
from appliance.services import Services

ROSTER = "họ tên;diện;số thẻ;CAN\nMẫu Thị Sen;chính thức;A1;700001\nMẫu Văn Ổi;dự bị;;\n"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass
class CommandLine:
    state: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.state / "appliance.toml"

    def __call__(self, *arguments: str | Path) -> Ended:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse
            code = int(ended.code or 0)
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ended(code, captured.out, captured.err)

    def on_config(self, *arguments: str | Path) -> Ended:
        return self(*arguments, "--config", self.config)

    def services(self) -> Services:
        return Services.open(Config.load(self.config))


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line over a state directory that ``init`` made."""
    line = CommandLine(tmp_path / "state", capsys)
    assert line("init", "--state", line.state, "--reader", "/dev/ttyUSB0").code == 0
    return line


@pytest.fixture
def roster(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "roster.csv"
        path.write_text(text, encoding="utf-8-sig")
        return path

    return write


# --- usage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run"], ["ledger"], ["roster"], ["roster", "import"]])
def test_wrong_usage_is_explained(run: CommandLine, arguments: list[str]) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert "usage: thechip-appliance" in ended.err


COMMANDS = [["run"], ["setup-link"], ["ledger", "verify"], ["roster", "list"]]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_configuration_is_a_sentence(run: CommandLine, command: list[str], tmp_path: Path) -> None:
    ended = run(*command, "--config", tmp_path / "none.toml")
    assert ended.code == 2
    assert ended.err.startswith("thechip-appliance: the configuration file")
    assert ended.err.endswith("[config-error]\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sesion_seconds = 3", "nearest known one is 'session_seconds'"),
        ("session_seconds = 'long'", "session_seconds must be a number"),
        ("time_zone = 'Asia/Hanoi'", "no time zone that this machine knows"),
        ("= 3", "is not TOML"),
    ],
)
def test_a_setting_that_cannot_be_is_named(run: CommandLine, line: str, said: str) -> None:
    run.config.write_text(f'{line}\nstate_directory = "."\n')
    ended = run.on_config("run")
    assert ended.code == 2
    assert said in ended.err


def test_run_without_a_reader_says_what_to_write(run: CommandLine) -> None:
    run.config.write_text('state_directory = "."\n')
    ended = run.on_config("run")
    assert ended.code == 2
    assert "must name a reader: a table [[readers]]" in ended.err


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('profile = "bus-ticket"\n[[readers]]\ndevice = "/dev/a"\n', "no card profile 'bus-ticket'; known are"),
        ('[[readers]]\ndevice = "ttyUSB0"\n', "a reader's device is an absolute path"),
    ],
)
def test_run_with_a_profile_or_device_that_cannot_be_is_a_mistake_of_usage(
    run: CommandLine, setting: str, said: str
) -> None:
    run.config.write_text(f'state_directory = "."\n{setting}')
    ended = run.on_config("run")
    assert ended.code == 2
    assert said in ended.err


# --- the state directory -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["state_directory", "run_directory"])
def test_a_directory_that_cannot_be_made_is_a_sentence(run: CommandLine, setting: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    other = 'state_directory = "."\n' if setting == "run_directory" else ""
    run.config.write_text(f'{other}{setting} = "{tmp_path}/file/below"\n[[readers]]\ndevice = "/dev/a"\n')
    ended = run.on_config("run")
    assert ended.code == 3
    assert "cannot be made: Not a directory" in ended.err


def test_a_store_that_is_none_is_a_sentence(run: CommandLine) -> None:
    (run.state / "thechip.sqlite3").write_text("a shopping list, and no store\n" * 50)
    for command in COMMANDS:
        ended = run.on_config(*command)
        assert ended.code == 3
        assert "not a store of this program" in ended.err


def test_a_key_that_others_may_read_stops_everything(run: CommandLine) -> None:
    assert run.on_config("setup-link").code == 0
    (run.state / "keys" / "appliance" / "roster.key").chmod(0o644)
    for command in COMMANDS:
        ended = run.on_config(*command)
        assert ended.code == 3
        assert "others may read the key file roster.key; its mode must be 0600 [key-exposed]" in ended.err


# --- init ----------------------------------------------------------------------------------------------------------


def test_init_writes_what_run_understands(run: CommandLine) -> None:
    config = Config.load(run.config)
    assert [(reader.kind, reader.device) for reader in config.readers] == [("pn532-hsu", "/dev/ttyUSB0")]
    assert config.state_directory == run.state
    assert config.trust_directory.is_dir()
    assert run.state.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("reader", "table"),
    [
        ("/dev/ttyAMA0", {"kind": "pn532-hsu", "device": "/dev/ttyAMA0"}),
        ("usb:1a86:7523", {"kind": "pn532-hsu", "usb": "1a86:7523"}),
        ("pcsc", {"kind": "pcsc"}),
        ("pcsc:ACR1252", {"kind": "pcsc", "device": "ACR1252"}),
    ],
)
def test_init_takes_every_way_to_a_reader(run: CommandLine, tmp_path: Path, reader: str, table: dict[str, str]) -> None:
    assert run("init", "--state", tmp_path / "new", "--reader", reader).code == 0
    file = tmp_path / "new" / "appliance.toml"
    assert tomllib.loads(file.read_text())["readers"] == [table]
    assert Config.load(file).readers[0].kind == table["kind"]


def test_init_leads_to_signed_lists_and_names_the_trial_without_them_last(run: CommandLine, tmp_path: Path) -> None:
    said = run("init", "--state", tmp_path / "new", "--reader", "/dev/ttyUSB0").out
    steps = ("lists pin 1.root.json", "lists import PATH", "lists sync", "For a trial without a publisher")
    assert [said.index(step) for step in steps] == sorted(said.index(step) for step in steps)


def test_init_does_not_overwrite(run: CommandLine) -> None:
    before = run.config.read_bytes()
    ended = run("init", "--state", run.state, "--reader", "/dev/ttyS1")
    assert ended.code == 2
    assert "is there already; it is not overwritten" in ended.err
    assert run.config.read_bytes() == before


@pytest.mark.parametrize("device", ['/dev/tty"USB0', "ttyUSB0", "", "/dev/tty\nUSB0", '/dev/x"\nprofile = "icao-mrtd'])
def test_init_refuses_what_is_no_device_file_and_writes_nothing(run: CommandLine, device: str, tmp_path: Path) -> None:
    ended = run("init", "--state", tmp_path / "other", "--reader", device)
    assert ended.code == 2
    assert ("a reader's device is an absolute path" if device else "readers.device is empty") in ended.err
    assert not (tmp_path / "other").exists()


def test_init_where_nothing_can_be_written_is_a_sentence(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for state in (tmp_path / "file" / "below", tmp_path / "file"):
        ended = run("init", "--state", state, "--reader", "/dev/ttyUSB0")
        assert ended.code == 2
        assert "[config-error]" in ended.err


# --- setup-link ----------------------------------------------------------------------------------------------------


def test_setup_link_is_given_until_there_is_an_administrator(run: CommandLine) -> None:
    first, second = (run.on_config("setup-link", "--address", "http://box:8080") for _ in range(2))
    assert first.code == second.code == 0
    assert "http://box:8080/setup/" in first.out
    assert first.out != second.out
    code = second.out.partition("/setup/")[2].split()[0]
    run.services().accounts.set_up(
        code, username="an", display_name="Mẫu Thị An", password_hash="x", at=datetime.now(UTC)
    )
    assert run.on_config("setup-link").out == "The page is at http://127.0.0.1:8080/\n"


# --- ledger verify -------------------------------------------------------------------------------------------------


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


# --- roster --------------------------------------------------------------------------------------------------------


def test_a_roster_is_imported_and_listed(run: CommandLine, roster: Callable[[str], Path]) -> None:
    ended = run.on_config("roster", "import", roster(ROSTER))
    assert ended == Ended(0, "2 members added: 1 with a number, 1 with a card access number.\n", "")
    listed = run.on_config("roster", "list").out.splitlines()
    assert [line.split() for line in listed] == [
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


def test_the_configuration_that_init_writes_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "appliance.md").read_text(encoding="utf-8")
    block = text.partition("```toml\n")[2].partition("```")[0]
    assert tomllib.loads(block)["readers"] == [{"kind": "pn532-hsu", "device": "/dev/ttyUSB0"}]
    for command in ("init", "setup-link", "roster import", "roster list", "run --config", "ledger verify"):
        assert f"thechip-appliance {command}" in text


# --- as a process --------------------------------------------------------------------------------------------------


def _as_process(run: CommandLine, **settings: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "appliance", "roster", "list", "--config", run.config]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **settings)  # type: ignore[call-overload]


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


def test_a_ledger_is_verified_without_any_place_for_temporary_files(run: CommandLine) -> None:
    """nfcpy looks for a library by way of a compiler and a temporary file: a full disk has no room for either."""
    run.services().database.close()
    command = ["prlimit", "--fsize=0", sys.executable, "-m", "appliance", "ledger", "verify", "--config"]
    done = subprocess.run([*command, str(run.config)], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 3}


def test_the_name_of_a_file_does_not_steer_the_terminal(run: CommandLine, tmp_path: Path) -> None:
    ended = run("ledger", "verify", "--config", tmp_path / "a\x1b[2J\nb")
    assert ended.code == 2
    assert "\x1b" not in ended.err
    assert ended.err.count("\n") == 1
