"""The settings of what is plugged in: readers, scanner, keypad, lamps."""

import re
from dataclasses import dataclass

from appliance.config.checks import between, filled, one_of, positive
from appliance.errors import ConfigError

READER_KINDS = ("pn532-hsu", "pcsc", "vpcd")
INDICATOR_KINDS = ("none", "gpio")
_NAME = re.compile(r"[^\W_](-?[^\W_]){0,19}")
_ADDRESSES = ("can", "events", "keypad")
"""What follows /kiosk/ in addresses of the page, where the names of readers do, too."""
_USB = re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}(:\S+)?")


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


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """One card reader, and what belongs to its door.

    ``device`` is a serial device file (``pn532-hsu``), the name of a PC/SC reader or a part of it (``pcsc``), or
    ``host:port`` (``vpcd``). ``usb`` finds a serial reader by its adapter, ``VID:PID`` or ``VID:PID:SERIAL`` in
    hexadecimal; a PN532 needs either. ``name`` is what logs, page and kiosk call it: its place in the file unless told.
    Scanner, keypad and lamps given here are this door's own; those outside belong to the first reader.
    """

    device: str = ""
    kind: str = "pn532-hsu"
    usb: str = ""
    name: str = ""
    patience_seconds: float = 1.0
    scanner: ScannerConfig | None = None
    keypad: KeypadConfig | None = None
    indicator: IndicatorConfig | None = None

    def __post_init__(self) -> None:
        one_of("readers.kind", self.kind, READER_KINDS)
        between("readers.patience_seconds", self.patience_seconds, 0.1, 60)
        if self.name and (not _NAME.fullmatch(self.name) or self.name in _ADDRESSES):
            wanted = "up to 20 letters, digits and hyphens without a space, such as cửa-trước"
            msg = f"readers.name: {self.name!r} must be {wanted}, and none of {', '.join(_ADDRESSES)}"
            raise ConfigError(msg)
        if self.usb and not _USB.fullmatch(self.usb):
            msg = "readers.usb must be VID:PID or VID:PID:SERIAL, such as 1a86:7523"
            raise ConfigError(msg)
        if self.usb and self.kind != "pn532-hsu":
            msg = "readers.usb finds serial readers only; a PC/SC reader is found by its name"
            raise ConfigError(msg)
        if self.kind != "pcsc" and not self.usb:
            filled("readers.device", self.device)
