"""Doors: what each is called and has, and what no two may share.

A device that two of them opened would give each half of what it says.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from appliance.config.devices import IndicatorConfig, KeypadConfig, ReaderConfig, ScannerConfig
from appliance.config.sound import BUZZER, TONAL_BUZZER, SoundConfig
from appliance.errors import ConfigError

NOT_NAMED: Final = ReaderConfig("-")
"""Stands for the reader of an appliance whose file names none: what stands alone belongs to its door."""
_LOCALHOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class _Claim:
    """Something that a door opens: whose it is in words, of which sort, and by which name."""

    who: str
    sort: str
    name: str


def doors_of(
    readers: tuple[ReaderConfig, ...],
    *,
    scanner: ScannerConfig | None,
    keypad: KeypadConfig | None,
    indicator: IndicatorConfig,
) -> tuple[ReaderConfig, ...]:
    """Return the readers with their names, and with what belongs to their doors: what stands alone is the first one's.

    Who has no name is called by their place, from 1.
    """
    if not readers:
        return ()
    first, *others = readers
    first = replace(
        first,
        scanner=first.scanner or scanner,
        keypad=first.keypad or keypad,
        indicator=first.indicator or indicator,
    )
    return tuple(
        replace(reader, name=reader.name or str(number)) for number, reader in enumerate((first, *others), start=1)
    )


def require_different(doors: tuple[ReaderConfig, ...], sound: SoundConfig) -> None:
    """Refuse settings by which two devices of any of ``doors_of`` are one, as far as their names tell; ConfigError.

    Two links to one device file are found out when the station starts (``firmware_host.one_device``).
    """
    names = [door.name for door in doors]
    if len(set(names)) != len(names):
        msg = "readers: two readers share one name"
        raise ConfigError(msg)
    of_pcsc = [door for door in doors if door.kind == "pcsc"]
    if len(of_pcsc) > 1 and not all(door.device for door in of_pcsc):
        msg = "readers: of several PC/SC readers each needs its device, a part of its name"
        raise ConfigError(msg)
    claims = [claim for door in doors for claim in _claims(door, sound)]
    for one, other in combinations(claims, 2):
        if one.sort == other.sort and _is_same(one, other):
            raise ConfigError(_SENTENCES[one.sort].format(one=one, other=other))


def device_files(doors: Iterable[ReaderConfig]) -> Iterator[tuple[str, str]]:
    """Yield every device file that a door names: whose it is in words, and its path."""
    for claim in (claim for door in doors for claim in _claims(door, SoundConfig())):
        if claim.sort == "file":
            yield claim.who, claim.name


def reader_in_words(door: ReaderConfig) -> str:
    """Return how sentences call the reader of a door."""
    return f"the reader of door {door.name}"


def _claims(door: ReaderConfig, sound: SoundConfig) -> Iterator[_Claim]:
    yield _claim_of_reader(door, reader_in_words(door))
    if door.scanner is not None:
        yield _Claim(f"the scanner of door {door.name}", "file", _path(door.scanner.device))
    if door.keypad is not None:
        yield _Claim(f"the keypad of door {door.name}", "file", _path(door.keypad.device))
    lamps = door.indicator
    if lamps is not None and lamps.kind == "gpio":
        for pin in (lamps.green_pin, lamps.amber_pin, lamps.red_pin):
            yield _Claim(f"a lamp of door {door.name}", "pin", str(pin))
        if sound.kind in {BUZZER, TONAL_BUZZER}:
            yield _Claim(f"the buzzer of door {door.name}", "pin", str(lamps.buzzer_pin))


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
