"""A door in one line of the log: which reader it is, and what else belongs to it, as the settings say."""

from appliance.config import ReaderConfig
from appliance.firmware_host.readers import place_of


def door_in_words(door: ReaderConfig) -> str:
    """Return a door's name, reader, scanner, keypad and lamps.

    >>> door_in_words(ReaderConfig("/dev/ttyUSB0", name="cua-truoc"))
    'door cua-truoc: reader /dev/ttyUSB0, no scanner'
    """
    parts = [f"reader {place_of(door)}", "no scanner" if door.scanner is None else f"scanner {door.scanner.device}"]
    if door.keypad is not None:
        parts.append(f"keypad {door.keypad.device}")
    if door.indicator is not None and door.indicator.kind != "none":
        parts.append(f"lamps by {door.indicator.kind}")
    return f"door {door.name}: {', '.join(parts)}"
