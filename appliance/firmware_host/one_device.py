"""Two doors at one device, which their names do not tell: udev makes several links to it, and adapters have numbers."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from serial.tools import list_ports

from appliance.config.devices import ReaderConfig
from appliance.config.doors import device_files, reader_in_words
from appliance.errors import ConfigError
from appliance.firmware_host.discovery import Ports, find_port
from verifier.sdk.errors import ReaderError


def require_devices_of_their_own(doors: Iterable[ReaderConfig], *, ports: Ports = list_ports.comports) -> None:
    """Refuse doors of which two devices are one on this machine now; ConfigError, which names both and the device.

    What is not plugged in is no device yet. Whoever opens it later, as the second, finds it in use.
    """
    doors = tuple(doors)
    found = [(who, name, Path(name).resolve()) for who, name in (*device_files(doors), *_adapters(doors, ports))]
    for (who, name, device), (other, other_name, other_device) in combinations(found, 2):
        if device == other_device:
            msg = f"{who} and {other} share one device: {name} and {other_name} are both {device}"
            raise ConfigError(msg)


def _adapters(doors: Iterable[ReaderConfig], ports: Ports) -> Iterator[tuple[str, str]]:
    """Yield where the readers are that are found by their adapter; one that is not found has no place yet."""
    for door in doors:
        if door.usb and not door.device:
            try:
                yield reader_in_words(door), find_port(door.usb, ports=ports)
            except ReaderError:  # its own door says so
                continue
