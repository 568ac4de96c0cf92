"""The appliance's settings, read once at the composition root and frozen."""

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.config.checks import between, filled
from appliance.config.clock import ClockConfig
from appliance.config.devices import IndicatorConfig, KeypadConfig, ReaderConfig, ScannerConfig
from appliance.config.doors import NOT_NAMED, doors_of, require_different
from appliance.config.lists import ListsConfig
from appliance.config.protection import ProtectionConfig
from appliance.config.retention import RetentionConfig
from appliance.config.sound import SoundConfig
from appliance.config.tables import text_of, values_of
from appliance.errors import ConfigError


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
    sound: SoundConfig = field(default_factory=SoundConfig)
    privacy: bool = False
    """Whether screens show initials instead of names, and nobody's year."""
    clock: ClockConfig = field(default_factory=ClockConfig)
    lists: ListsConfig = field(default_factory=ListsConfig)
    protection: ProtectionConfig = field(default_factory=ProtectionConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    """The names under which the page answers."""

    def __post_init__(self) -> None:
        filled("profile", self.profile)
        between("session_seconds", self.session_seconds, 2, 60)
        between("result_seconds", self.result_seconds, 0, 60)
        require_different(self._doors(self.readers or (NOT_NAMED,)), self.sound)
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
            table = tomllib.loads(text_of(path))
        except (OSError, UnicodeDecodeError) as error:
            msg = f"the configuration file {path} cannot be read"
            raise ConfigError(msg) from error
        except tomllib.TOMLDecodeError as error:
            msg = f"{path} is not TOML: {error}"
            raise ConfigError(msg) from error
        except RecursionError as error:
            msg = f"{path} nests too deep"
            raise ConfigError(msg) from error
        except ValueError as error:  # Python reads no number of more than 4,300 digits
            msg = f"{path} holds a number beyond all measure"
            raise ConfigError(msg) from error
        values = values_of(cls, table, "")
        if "state_directory" not in values:
            msg = f"{path}: state_directory is missing"
            raise ConfigError(msg)
        for name in ("state_directory", "run_directory"):
            if name in values:
                values[name] = path.parent / values[name]
        defaults = cls.for_state(values["state_directory"])
        return replace(defaults, **values)

    @property
    def doors(self) -> tuple[ReaderConfig, ...]:
        """The readers by their names, each with what belongs to its door; who has no name is called by their place."""
        return self._doors(self.readers)

    def _doors(self, readers: tuple[ReaderConfig, ...]) -> tuple[ReaderConfig, ...]:
        return doors_of(readers, scanner=self.scanner, keypad=self.keypad, indicator=self.indicator)

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
