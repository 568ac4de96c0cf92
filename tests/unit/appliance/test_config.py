import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from appliance.config import Config, IndicatorConfig, ReaderConfig, ScannerConfig
from appliance.config.devices import KeypadConfig
from appliance.errors import ConfigError

EXAMPLE = Path(__file__).parents[3] / "docs" / "appliance.toml.example"


def load(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "appliance.toml"
    path.write_text(text, encoding="utf-8")
    return Config.load(path)


def test_the_example_is_the_default_where_it_is_not_commented_out():
    assert Config.load(EXAMPLE) == Config.for_state(Path("/var/lib/thechip"))


def test_the_example_names_every_key_and_parses_with_all_of_them(tmp_path):
    text = EXAMPLE.read_text(encoding="utf-8")
    everything = re.sub(r"^# (\[.*\]|\w+ = .*)$", r"\1", text, flags=re.MULTILINE)
    config = load(tmp_path, everything)
    assert set(tomllib.loads(everything)) == {item.name for item in fields(Config)}
    for table in (config.readers[0], config.scanner, config.clock, config.indicator, config.sound):
        for item in fields(table):
            assert re.search(rf"^#? ?{item.name} = ", text, re.MULTILINE)
    assert config.indicator == IndicatorConfig()


def test_a_misspelt_key_is_refused_and_the_nearest_one_named(tmp_path):
    with pytest.raises(ConfigError, match=r"'sesion_seconds'.*'session_seconds'"):
        load(tmp_path, 'state_directory = "x"\nsesion_seconds = 3\n')
    with pytest.raises(ConfigError, match=r"'scanner.baudrate'.*'scanner.baud_rate'"):
        load(tmp_path, 'state_directory = "x"\n[scanner]\ndevice = "/dev/x"\nbaudrate = 3\n')


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("session_seconds = 0", "between 2 and 60"),
        ("session_seconds = 1e-9", "between 2 and 60"),
        ("session_seconds = nan", "between 2 and 60"),
        ("session_seconds = 61", "between 2 and 60"),
        ("result_seconds = -1", "between 0 and 60"),
        ("result_seconds = inf", "between 0 and 60"),
        ('readers = [{device = "/dev/x", patience_seconds = 1e10}]', "between 0.1 and 60"),
        ('readers = [{device = "/dev/x", patience_seconds = 0.01}]', "between 0.1 and 60"),
        ("session_seconds = true", "must be a number"),
        ('time_zone = "Asia/Hanoi"', "no time zone"),
        ('time_zone = "../../etc/passwd"', "no time zone"),
        ("profile = 3", "must be a text"),
        ('profile = " "', "is empty"),
        ("allowed_hosts = [1]", "must be a text"),
        ('readers = "x"', "must be a list"),
        ('readers = [{kind = "pn532-hsu"}]', "readers.device is empty"),
        ('readers = [{kind = "pn53", device = "/dev/x"}]', "is not one of"),
        ('readers = [{device = "/dev/x"}, {device = "/dev/x"}]', "share one device"),
        ("scanner = 3", "must be a table"),
        ('indicator = {kind = "gpio", green_pin = 27}', "different GPIO"),
        ("privacy = 1", "must be true or false"),
        ('sound = {kind = "trumpet"}', "is not one of"),
        ('sound = {kind = "speaker", voice = "singing"}', "is not one of"),
        ('sound = {voice = "recorded"}', "no buzzer speaks"),
        ("sound = {volume = 101}", "between 0 and 100"),
        ("sound = {volume = -1}", "between 0 and 100"),
        ('sound = {kind = "speaker", device = "--help"}', "must be an ALSA device"),
        ('sound = {kind = "speaker", voice = "recorded", folder = "voice"}', "must be an absolute path"),
        ("= 3", "is not TOML"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_words(tmp_path, line, words):
    with pytest.raises(ConfigError, match=words):
        load(tmp_path, f'state_directory = "x"\n{line}\n')


DOORS = "[[readers]]\n{}\n[[readers]]\n{}\n"


def two_doors(first, second):
    return DOORS.format(first, second)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            two_doors('device="/dev/a"\nscanner={device="/dev/s"}', 'device="/dev/b"\nscanner={device="/dev/s"}'),
            "the scanner of door 1 and the scanner of door 2 share one device, /dev/s",
        ),
        (
            two_doors('device="/dev/a"\nkeypad={device="/dev/k"}', 'device="/dev/b"\nkeypad={device="/dev/k"}'),
            "the keypad of door 1 and the keypad of door 2 share one device",
        ),
        (
            two_doors('device="/dev/a"', 'device="/dev/b"\nname="cua-2"\nscanner={device="/dev/s"}')
            + '[scanner]\ndevice="/dev/s"',
            "the scanner of door 1 and the scanner of door cua-2 share one device",
        ),
        ('[[readers]]\ndevice="/dev/a"\n[scanner]\ndevice="/dev/a"', "the reader of door 1 and the scanner of door 1"),
        ('[keypad]\ndevice="/dev/a"\n[scanner]\ndevice="/dev/./a"', "the scanner of door 1 and the keypad of door 1"),
        (two_doors('device="/dev/ttyUSB0"', 'device="/dev//ttyUSB0"'), "share one device, /dev/ttyUSB0"),
        (two_doors('device="//dev/a"', 'device="/dev/serial/../a"'), "share one device, /dev/a"),
        (
            two_doors('kind="pcsc"\ndevice="acr122"', 'kind="pcsc"\ndevice="ACR122U PICC"'),
            "may be one PC/SC reader: give each a part of its name",
        ),
        (two_doors('kind="pcsc"\ndevice="ACR122"', 'kind="pcsc"'), "of several PC/SC readers each needs its device"),
        (two_doors('usb="1A86:7523"', 'usb="1a86:7523:ABC"'), "may be one USB adapter: give each as VID:PID:SERIAL"),
        (two_doors('usb="1a86:7523:abc"', 'usb="1a86:7523:ABC"'), "may be one USB adapter"),
        (
            two_doors('kind="vpcd"\ndevice="127.0.0.1:35963"', 'kind="vpcd"\ndevice="localhost:35963"'),
            "share one port, 127.0.0.1:35963",
        ),
        (
            two_doors('device="/dev/a"\nindicator={kind="gpio"}', 'device="/dev/b"\nindicator={kind="gpio"}'),
            "a lamp of door 1 and a lamp of door 2 share one GPIO pin, 17",
        ),
        (
            two_doors('device="/dev/a"', 'device="/dev/b"\nindicator={kind="gpio",green_pin=1,amber_pin=2,red_pin=3}')
            + '[indicator]\nkind="gpio"',
            "the buzzer of door 1 and the buzzer of door 2 share one GPIO pin, 18",
        ),
    ],
)
def test_two_doors_with_one_device_between_them_are_refused_in_words(tmp_path, settings, words):
    with pytest.raises(ConfigError, match=re.escape(words)):
        load(tmp_path, f'state_directory = "x"\n{settings}\n')


@pytest.mark.parametrize(
    "settings",
    [
        two_doors('usb="1a86:7523:AB"', 'usb="1a86:7523:ABC"'),
        two_doors('kind="pcsc"\ndevice="PICC Interface 00 00"', 'kind="pcsc"\ndevice="PICC Interface 01 00"'),
        two_doors('kind="vpcd"\ndevice="127.0.0.1:0"', 'kind="vpcd"\ndevice="localhost:0"'),
        two_doors('kind="vpcd"\ndevice="127.0.0.1:1"', 'kind="vpcd"\ndevice="localhost:2"'),
        two_doors('device="/dev/a"', 'device="/dev/b"\nscanner={device="/dev/c"}') + '[scanner]\ndevice="/dev/d"',
        two_doors('device="/dev/a"\nindicator={kind="gpio"}', 'device="/dev/b"\nindicator={kind="none"}'),
        two_doors('device="/dev/a"', 'device="/dev/b"\nindicator={kind="gpio",green_pin=1,amber_pin=2,red_pin=3}')
        + '[indicator]\nkind="gpio"\n[sound]\nkind="speaker"',
    ],
)
def test_two_doors_with_devices_of_their_own_are_taken(tmp_path, settings):
    assert len(load(tmp_path, f'state_directory = "x"\n{settings}\n').readers) == 2


def test_doors_are_called_by_name_or_place_and_what_stands_alone_is_the_first_ones(tmp_path):
    config = load(
        tmp_path,
        'state_directory = "x"\n'
        + two_doors('device="/dev/a"', 'device="/dev/b"\nname="cua-sau"\nkeypad={device="/dev/k"}')
        + '[scanner]\ndevice="/dev/s"\n[indicator]\nkind="gpio"\n',
    )
    first, second = config.doors
    assert (first.name, second.name) == ("1", "cua-sau")
    assert (first.scanner, first.keypad, first.indicator) == (ScannerConfig("/dev/s"), None, IndicatorConfig("gpio"))
    assert (second.scanner, second.keypad, second.indicator) == (None, KeypadConfig("/dev/k"), None)
    assert load(tmp_path, 'state_directory = "x"\n[scanner]\ndevice="/dev/s"\n').doors == ()


def test_the_state_directory_is_required(tmp_path):
    with pytest.raises(ConfigError, match="state_directory is missing"):
        load(tmp_path, "")


def test_a_missing_file_is_said_plainly(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        Config.load(tmp_path / "none.toml")


def test_directories_are_meant_from_the_folder_of_the_file(tmp_path):
    config = load(tmp_path, 'state_directory = "state"\n[[readers]]\ndevice = "/dev/x"\n[scanner]\ndevice = "/dev/y"\n')
    assert config.state_directory == tmp_path / "state"
    assert config.board_path == tmp_path / "state" / "run" / "board.sqlite3"
    assert config.readers == (ReaderConfig("/dev/x"),)
    assert config.scanner == ScannerConfig("/dev/y")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("a = " + "[" * 20_000, id="deep lists"),
        pytest.param("a = " + "{a=" * 15_000, id="deep tables"),
        pytest.param("session_seconds = " + "9" * 5000, id="a number that Python does not read"),
        pytest.param("session_seconds = " + "9" * 400, id="a number without end"),
        pytest.param('run_directory = "a\\u0000b"', id="a path that cannot be"),
        pytest.param('[keypad]\ndevice = "a\\u0000b"', id="a device that cannot be"),
        pytest.param('[scanner]\ndevice = "spy:///dev/ttyACM0?file=/tmp/x"', id="an address instead of a device"),
        pytest.param('[scanner]\ndevice = "/dev/null"\nbaud_rate = 99999999999', id="a speed beyond all measure"),
        pytest.param("# " + "x" * 100_000, id="a file too long"),
    ],
)
def test_a_hostile_file_is_refused_in_words(tmp_path, line):
    file = tmp_path / "appliance.toml"
    file.write_text(f'state_directory = "state"\n{line}\n')
    with pytest.raises(ConfigError):
        Config.load(file)


def test_a_file_without_end_takes_no_memory_without_end():
    with pytest.raises(ConfigError):
        Config.load(Path("/dev/zero"))
