"""The settings of what is plugged in: readers, scanner, keypad, lamps."""

from dataclasses import dataclass

from appliance.config.checks import filled, one_of, positive
from appliance.errors import ConfigError

READER_KINDS = ("pn532-hsu",)
INDICATOR_KINDS = ("none", "gpio")


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """One card reader: its kind, its serial device, and how long it may be silent before it counts as lost."""

    device: str
    kind: str = "pn532-hsu"
    patience_seconds: float = 1.0

    def __post_init__(self) -> None:
        one_of("readers.kind", self.kind, READER_KINDS)
        filled("readers.device", self.device)
        positive("readers.patience_seconds", self.patience_seconds)


@dataclass(frozen=True, slots=True)
class ScannerConfig:
    """The serial MRZ/QR scanner that gives a card's password; ``baud_rate`` in bit/s."""

    device: str
    baud_rate: int = 9600

    def __post_init__(self) -> None:
        filled("scanner.device", self.device)
        if "://" in self.device:  # pyserial would take it for an address, and some of those write down what is scanned
            msg = "scanner.device must be a device file such as /dev/ttyACM0"
            raise ConfigError(msg)
        positive("scanner.baud_rate", self.baud_rate)


@dataclass(frozen=True, slots=True)
class KeypadConfig:
    """A keypad on which a card's access number is typed: its input device."""

    device: str

    def __post_init__(self) -> None:
        filled("keypad.device", self.device)


@dataclass(frozen=True, slots=True)
class IndicatorConfig:
    """Lamps and buzzer; the pins are GPIO (BCM) numbers and count only with ``kind = "gpio"``."""

    kind: str = "none"
    green_pin: int = 17
    amber_pin: int = 27
    red_pin: int = 22
    buzzer_pin: int = 18

    def __post_init__(self) -> None:
        one_of("indicator.kind", self.kind, INDICATOR_KINDS)
        pins = (self.green_pin, self.amber_pin, self.red_pin, self.buzzer_pin)
        if len(set(pins)) != len(pins) or not all(0 <= pin <= 53 for pin in pins):
            msg = "indicator: the four pins must be different GPIO numbers from 0 to 53"
            raise ConfigError(msg)
