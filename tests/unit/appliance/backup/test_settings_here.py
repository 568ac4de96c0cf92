"""Settings of one machine on another: each that needs a look is said in a sentence, and nothing is half done."""

import json
import os
from pathlib import Path

import pytest

from appliance.__main__ import main
from appliance.backup.settings_here import settings_to_look_at

PASSPHRASE = "sáu từ chọn ngẫu nhiên cho thẻ"
PLACES = """
run_directory = "{nowhere}/run"
allowed_hosts = ["127.0.0.1", "hoi-truong.example"]

[[readers]]
name = "trái"
device = "{nowhere}/ttyUSB7"
[readers.scanner]
device = "{nowhere}/ttyACM7"

[keypad]
device = "{nowhere}/event7"

[sound]
kind = "speaker"
voice = "recorded"
folder = "{nowhere}/voice"

[protection]
kind = "key-file"
key_file = "{nowhere}/stick/thechip.key"
"""


@pytest.fixture
def settings(tmp_path):
    """Write settings into a state directory that is another machine's now, and return what is said of them."""

    def settings(more: str) -> tuple[str, ...]:
        state = tmp_path / "here"
        state.mkdir(exist_ok=True)
        (state / "appliance.toml").write_text(f'state_directory = "."\n{more}', encoding="utf-8")
        return settings_to_look_at(state / "appliance.toml")

    return settings


def test_settings_that_say_nothing_of_a_machine_need_no_look(settings):
    assert settings("") == ()


def test_each_place_that_is_not_here_is_named_with_its_setting(settings, tmp_path):
    nowhere = tmp_path / "a-file"
    nowhere.touch()
    said = settings(PLACES.format(nowhere=nowhere))
    keys = [sentence.partition(": ")[0] for sentence in said]
    assert keys == [
        "run_directory",
        "protection.key_file",
        "allowed_hosts",
        "readers, door trái",
        "readers, door trái",
        "keypad.device",
        *(["sound.kind"] if "sound.kind" in keys else []),  # where aplay is not installed
        "sound.folder",
    ]
    assert "hoi-truong.example: is this machine reached by that?" in said[2]
    assert "127.0.0.1" not in said[2]
    assert f"device: there is no {nowhere}/ttyUSB7 here" in said[3]


def test_a_run_directory_that_is_to_be_made_in_a_folder_of_ours_needs_no_look(settings, tmp_path):
    assert settings(f'run_directory = "{tmp_path}/new/run"') == ()


def test_a_run_directory_in_a_folder_of_somebody_else_is_named(settings, tmp_path, monkeypatch):
    (tmp_path / "theirs").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert settings(f'run_directory = "{tmp_path}/theirs/run"') == ()
    (tmp_path / "theirs").chmod(0o500)
    (said,) = settings(f'run_directory = "{tmp_path}/theirs/run"')
    assert "is not there, and cannot be written by the owner of" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('time_zone = "Sao_Hoa/Thung_lung"', "is no time zone that this machine knows"),
        ("doors = 2", "unknown key 'doors'"),
        ('profile = "the-dang-vien-2"', "there is no card profile"),
        ('[indicator]\nkind = "gpio"', "GPIO"),
    ],
)
def test_what_is_refused_or_unknown_here_is_said_in_its_own_words(settings, more, said, monkeypatch, tmp_path):
    monkeypatch.setattr("appliance.backup.settings_here._DEVICES", tmp_path / "no-devices")
    (only,) = settings(more)
    assert said in only


def test_a_path_that_no_file_system_takes_is_no_trouble(settings):
    assert settings(f'[keypad]\ndevice = "/{"x" * 300}"')[0].startswith("keypad.device: there is no /xxx")


def test_settings_that_are_refused_here_are_restored_all_the_same_and_can_be_put_right(appliance, tmp_path, capsys):
    """Were they not, nobody could change them: they lie inside a file that only this command opens."""
    with appliance.settings.open("a", encoding="utf-8") as settings:
        settings.write("\n[retention]\nmeetings_months = 12\n")
    backup = appliance.back_up(tmp_path / "a.backup").path
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE, encoding="utf-8")
    appliance.settings.write_text(appliance.settings.read_text(encoding="utf-8").replace("= 12\n", "= -3\n"))
    refused = appliance.back_up(tmp_path / "b.backup").path
    secret = ["--passphrase-file", str(passphrase)]
    for file, is_fit in ((backup, True), (refused, False)):
        state = tmp_path / f"new-{is_fit}"
        assert main(["restore", str(file), "--state", str(state), *secret]) == 0
        said = capsys.readouterr().err
        assert ("look at a setting: " in said) is not is_fit
        assert (main(["roster", "list", "--json", "--state", str(state)]) == 0) is is_fit
        capsys.readouterr()
    assert main(["backup", "check", str(refused), *secret]) == 0
    assert "its settings are refused here" in capsys.readouterr().err
    restored = tmp_path / "new-False" / "appliance.toml"
    restored.write_text(restored.read_text(encoding="utf-8").replace("= -3\n", "= 3\n"), encoding="utf-8")
    assert main(["roster", "list", "--json", "--state", str(restored.parent)]) == 0
    assert [member["name"] for member in json.loads(capsys.readouterr().out)] == appliance.names()


def test_a_sentence_steers_no_terminal(appliance, tmp_path, capsys):
    with appliance.settings.open("a", encoding="utf-8") as settings:
        settings.write('\n[keypad]\ndevice = "/dev/\\u001b[2J"\n')
    backup = appliance.back_up(tmp_path / "a.backup").path
    passphrase: Path = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE, encoding="utf-8")
    assert main(["restore", str(backup), "--state", str(tmp_path / "new"), "--passphrase-file", str(passphrase)]) == 0
    said = capsys.readouterr().err
    assert "keypad.device: there is no /dev/" in said
    assert "\x1b" not in said
