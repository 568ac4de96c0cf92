"""Config: the appliance's settings, read once at the composition root and frozen.

Unknown keys are refused: a misspelt setting that is silently ignored is a setting that somebody believes in.
``docs/appliance.toml.example`` lists every key.
"""

import difflib
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.clock_config import ClockConfig
from appliance.errors import ConfigError
from appliance.lists_config import ListsConfig

READER_KINDS = ("pn532-hsu",)
INDICATOR_KINDS = ("none", "gpio")
_LONGEST_FILE = 1 << 16
_GREATEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """One card reader: its kind, its serial device, and how long it may be silent before it counts as lost."""

    device: str
    kind: str = "pn532-hsu"
    patience_seconds: float = 1.0

    def __post_init__(self) -> None:
        _one_of("readers.kind", self.kind, READER_KINDS)
        _filled("readers.device", self.device)
        _positive("readers.patience_seconds", self.patience_seconds)


@dataclass(frozen=True, slots=True)
class ScannerConfig:
    """The serial MRZ/QR scanner that gives a card's password; ``baud_rate`` in bit/s."""

    device: str
    baud_rate: int = 9600

    def __post_init__(self) -> None:
        _filled("scanner.device", self.device)
        if "://" in self.device:  # pyserial would take it for an address, and some of those write down what is scanned
            msg = "scanner.device must be a device file such as /dev/ttyACM0"
            raise ConfigError(msg)
        _positive("scanner.baud_rate", self.baud_rate)


@dataclass(frozen=True, slots=True)
class KeypadConfig:
    """A keypad on which a card's access number is typed: its input device."""

    device: str

    def __post_init__(self) -> None:
        _filled("keypad.device", self.device)


@dataclass(frozen=True, slots=True)
class IndicatorConfig:
    """Lamps and buzzer; the pins are GPIO (BCM) numbers and count only with ``kind = "gpio"``."""

    kind: str = "none"
    green_pin: int = 17
    amber_pin: int = 27
    red_pin: int = 22
    buzzer_pin: int = 18

    def __post_init__(self) -> None:
        _one_of("indicator.kind", self.kind, INDICATOR_KINDS)
        pins = (self.green_pin, self.amber_pin, self.red_pin, self.buzzer_pin)
        if len(set(pins)) != len(pins) or not all(0 <= pin <= 53 for pin in pins):
            msg = "indicator: the four pins must be different GPIO numbers from 0 to 53"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of the appliance. Durations are seconds.

    ``state_directory`` outlives a power cut and is backed up; ``run_directory`` (``state_directory/run`` unless told)
    need not.
    """

    state_directory: Path
    run_directory: Path
    profile: str = "party-card"
    time_zone: str = "Asia/Ho_Chi_Minh"
    session_seconds: float = 8.0
    result_seconds: float = 3.0
    readers: tuple[ReaderConfig, ...] = ()
    scanner: ScannerConfig | None = None
    keypad: KeypadConfig | None = None
    indicator: IndicatorConfig = field(default_factory=IndicatorConfig)
    clock: ClockConfig = field(default_factory=ClockConfig)
    lists: ListsConfig = field(default_factory=ListsConfig)
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    """The names under which the page answers."""

    def __post_init__(self) -> None:
        _filled("profile", self.profile)
        _positive("session_seconds", self.session_seconds)
        if not 0 <= self.result_seconds < float("inf"):
            msg = "result_seconds must not be negative"
            raise ConfigError(msg)
        devices = [reader.device for reader in self.readers]
        if len(set(devices)) != len(devices):
            msg = "readers: two readers share one device"
            raise ConfigError(msg)
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            msg = f"time_zone: {self.time_zone!r} is no time zone that this machine knows"
            raise ConfigError(msg) from error

    @classmethod
    def for_state(cls, state_directory: Path) -> "Config":
        """Return the defaults over a state directory."""
        return cls(state_directory=state_directory, run_directory=state_directory / "run")

    @classmethod
    def load(cls, path: Path) -> "Config":
        """Read a TOML file; relative directories are meant from the folder of the file.

        Raises ConfigError for a file that cannot be read, an unknown key (naming the nearest known one), or a value of
        the wrong kind.
        """
        try:
            table = tomllib.loads(_text_of(path))
        except (OSError, UnicodeDecodeError) as error:
            msg = f"the configuration file {path} cannot be read"
            raise ConfigError(msg) from error
        except tomllib.TOMLDecodeError as error:
            msg = f"{path} is not TOML: {error}"
            raise ConfigError(msg) from error
        except RecursionError as error:
            msg = f"{path} nests too deep"
            raise ConfigError(msg) from error
        values = _values(cls, table, "")
        if "state_directory" not in values:
            msg = f"{path}: state_directory is missing"
            raise ConfigError(msg)
        for name in ("state_directory", "run_directory"):
            if name in values:
                values[name] = path.parent / values[name]
        defaults = cls.for_state(values["state_directory"])
        return replace(defaults, **values)

    @property
    def database_path(self) -> Path:
        """The SQLite file that station and page share."""
        return self.state_directory / "thechip.sqlite3"

    @property
    def trust_directory(self) -> Path:
        """Issuer certificates and CRLs, DER or PEM."""
        return self.state_directory / "trust"

    @property
    def card_status_path(self) -> Path:
        """The signed card status list."""
        return self.state_directory / "card-status.list"

    @property
    def card_status_key_path(self) -> Path:
        """The public Ed25519 key of the list's issuer: 32 bytes, hexadecimal, base64, PEM or DER."""
        return self.state_directory / "card-status.key"

    @property
    def lists_directory(self) -> Path:
        """Signed lists, once their root is pinned; the files placed by hand count for nothing then."""
        return self.state_directory / "lists"

    @property
    def keys_directory(self) -> Path:
        """The appliance's own keys."""
        return self.state_directory / "keys"

    @property
    def clock_path(self) -> Path:
        """What the processes remember of the time."""
        return self.state_directory / "clock.json"

    @property
    def board_path(self) -> Path:
        """The ephemeral board that the station writes and the page shows."""
        return self.run_directory / "board.sqlite3"


# --- from a TOML table to keyword arguments -----------------------------------------------------------------------


def _text_of(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(_LONGEST_FILE + 1)
    if len(content) > _LONGEST_FILE:
        msg = f"the configuration file {path} is longer than {_LONGEST_FILE} bytes"
        raise ConfigError(msg)
    return content.decode("utf-8")


def _values(kind: type, table: Mapping[str, typing.Any], where: str) -> dict[str, typing.Any]:
    hints = typing.get_type_hints(kind)
    known = [item.name for item in fields(kind)]
    for key in table:
        if key not in known:
            nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
            msg = f"unknown key {where + key!r} in the configuration; the nearest known one is {where + nearest[0]!r}"
            raise ConfigError(msg)
    return {key: _value(hints[key], value, where + key) for key, value in table.items()}


def _value(hint: typing.Any, value: typing.Any, name: str) -> typing.Any:
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not types.NoneType)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            msg = f"{name} must be a list"
            raise ConfigError(msg)
        return tuple(_value(typing.get_args(hint)[0], item, name) for item in value)
    if isinstance(hint, type) and is_dataclass(hint):
        return _table(hint, value, name)
    return _scalar(hint, value, name)


def _table(hint: type, value: typing.Any, name: str) -> typing.Any:
    if not isinstance(value, dict):
        msg = f"{name} must be a table"
        raise ConfigError(msg)
    values = _values(hint, value, f"{name}.")
    if "device" in typing.get_type_hints(hint) and "device" not in values:
        msg = f"{name}.device is missing"
        raise ConfigError(msg)
    return hint(**values)


def _scalar(hint: type, value: typing.Any, name: str) -> typing.Any:
    words = {str: "a text", int: "a whole number", float: "a number", Path: "a path in quotes"}
    accepted = {str: (str,), int: (int,), float: (int, float), Path: (str,)}[hint]
    if not isinstance(value, accepted) or isinstance(value, bool) or (hint is Path and not value):
        msg = f"{name} must be {words[hint]}"
        raise ConfigError(msg)
    if isinstance(value, str) and "\0" in value:
        msg = f"{name} holds a character that neither a path nor a name can have"
        raise ConfigError(msg)
    if isinstance(value, int) and abs(value) > _GREATEST_NUMBER:
        msg = f"{name} is beyond all measure"
        raise ConfigError(msg)
    return hint(value)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        msg = f"{name}: {value!r} is not one of {', '.join(known)}"
        raise ConfigError(msg)


def _filled(name: str, value: str) -> None:
    if not value.strip():
        msg = f"{name} is empty"
        raise ConfigError(msg)


def _positive(name: str, value: float) -> None:
    if not 0 < value < float("inf"):
        msg = f"{name} must be greater than nought"
        raise ConfigError(msg)
