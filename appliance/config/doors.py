"""What no two doors may share: a device that two of them opened would give each half of what it says."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from appliance.config.devices import IndicatorConfig, KeypadConfig, ReaderConfig, ScannerConfig
from appliance.config.sound import BUZZER, TONAL_BUZZER, SoundConfig
from appliance.errors import ConfigError

_LOCALHOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class _Claim:
    """Something that a door opens: whose it is in words, of which sort, and by which name."""

    who: str
    sort: str
    name: str


def require_different(
    readers: tuple[ReaderConfig, ...],
    *,
    scanner: ScannerConfig | None,
    keypad: KeypadConfig | None,
    indicator: IndicatorConfig,
    sound: SoundConfig,
) -> None:
    """Refuse settings by which two devices of any doors are one, as far as their names tell; ConfigError.

    What stands outside the readers belongs to the first. Two links to one device file are not found out here.
    """
    names = [reader.name or str(number) for number, reader in enumerate(readers, start=1)]
    if len(set(names)) != len(names):
        msg = "readers: two readers share one name"
        raise ConfigError(msg)
    if not all(reader.device for reader in readers if reader.kind == "pcsc") and _count(readers, "pcsc") > 1:
        msg = "readers: of several PC/SC readers each needs its device, a part of its name"
        raise ConfigError(msg)
    first = readers[0] if readers else ReaderConfig("-")
    first = replace(
        first,
        scanner=first.scanner or scanner,
        keypad=first.keypad or keypad,
        indicator=first.indicator or indicator,
    )
    doors = zip(names, (first, *readers[1:]), strict=True) if readers else [("1", first)]
    claims = [claim for name, door in doors for claim in _claims(door, name, sound)]
    for one, other in combinations(claims, 2):
        if one.sort == other.sort and _is_same(one, other):
            raise ConfigError(_SENTENCES[one.sort].format(one=one, other=other))


def _count(readers: tuple[ReaderConfig, ...], kind: str) -> int:
    return sum(reader.kind == kind for reader in readers)


def _claims(door: ReaderConfig, name: str, sound: SoundConfig) -> Iterator[_Claim]:
    yield _claim_of_reader(door, f"the reader of door {name}")
    if door.scanner is not None:
        yield _Claim(f"the scanner of door {name}", "file", _path(door.scanner.device))
    if door.keypad is not None:
        yield _Claim(f"the keypad of door {name}", "file", _path(door.keypad.device))
    lamps = door.indicator
    if lamps is not None and lamps.kind == "gpio":
        for pin in (lamps.green_pin, lamps.amber_pin, lamps.red_pin):
            yield _Claim(f"a lamp of door {name}", "pin", str(pin))
        if sound.kind in {BUZZER, TONAL_BUZZER}:
            yield _Claim(f"the buzzer of door {name}", "pin", str(lamps.buzzer_pin))


def _claim_of_reader(door: ReaderConfig, who: str) -> _Claim:
    if door.kind == "pcsc":
        return _Claim(who, "pcsc", door.device.casefold())
    if door.kind == "vpcd":
        host, _, port = door.device.rpartition(":")
        return _Claim(who, "vpcd", f"{_LOCALHOST if host == 'localhost' else host}:{port}")
    if door.device:
        return _Claim(who, "file", _path(door.device))
    return _Claim(who, "usb", door.usb.lower())


def _path(device: str) -> str:
    return posixpath.normpath(re.sub("^/+", "/", device.strip()))


def _is_same(one: _Claim, other: _Claim) -> bool:
    return _SAME.get(one.sort, str.__eq__)(one.name, other.name)


def _is_part_of_other(one: str, other: str) -> bool:
    return one in other or other in one


def _may_be_one_adapter(one: str, other: str) -> bool:
    """Tell whether VID:PID or VID:PID:SERIAL of two may be one: a serial number tells apart only where both have it."""
    return one == other or one.startswith(f"{other}:") or other.startswith(f"{one}:")


def _is_one_port(one: str, other: str) -> bool:
    return one == other and not one.endswith(":0")  # by 0 the system chooses a free one


_SAME: Final[dict[str, Callable[[str, str], bool]]] = {
    "pcsc": _is_part_of_other,
    "usb": _may_be_one_adapter,
    "vpcd": _is_one_port,
}
_SENTENCES: Final = {
    "file": "{one.who} and {other.who} share one device, {one.name}",
    "pin": "{one.who} and {other.who} share one GPIO pin, {one.name}",
    "pcsc": "{one.who} and {other.who} may be one PC/SC reader: give each a part of its name that no other has",
    "usb": "{one.who} and {other.who} may be one USB adapter: give each as VID:PID:SERIAL",
    "vpcd": "{one.who} and {other.who} share one port, {one.name}",
}
