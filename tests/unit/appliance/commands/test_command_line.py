"""``thechip-appliance`` from the outside: how it ends, and that no mistake of a user is a traceback."""

from pathlib import Path

import pytest
from command_line import CommandLine


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


def test_the_name_of_a_file_does_not_steer_the_terminal(run: CommandLine, tmp_path: Path) -> None:
    ended = run("ledger", "verify", "--config", tmp_path / "a\x1b[2J\nb")
    assert ended.code == 2
    assert "\x1b" not in ended.err
    assert ended.err.count("\n") == 1
