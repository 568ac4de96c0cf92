"""Settings of one machine on another: which of them need a look before anything starts, each in a sentence.

Nothing is changed of them. What is not there may only not be plugged in yet, and by which name people reach the page no
machine knows of itself.
"""

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.config import Config, IndicatorConfig, ReaderConfig
from appliance.config.protection import KEY_FILE
from appliance.config.sound import ESPEAK, RECORDED, SPEAKER
from appliance.errors import ConfigError
from verifier.sdk import load_profile
from verifier.sdk.errors import InvalidInput, PolicyError

_LOCAL: Final = frozenset(("127.0.0.1", "localhost"))
_DEVICES: Final = Path("/dev")


def settings_to_look_at(settings: Path) -> tuple[str, ...]:
    """Return a sentence for each setting that may not do on this machine; one alone where none can be read.

    ``settings`` is the file, in the state directory that it is for.
    """
    try:
        config = Config.load(settings)
    except ConfigError as error:
        return (f"no command opens this appliance before {settings} is put right: {error.sentence}",)
    return (*_profile(config), *_places(config), *_names(config), *_plugged_in(config), *_heard(config))


def _profile(config: Config) -> Iterator[str]:
    try:
        load_profile(config.profile)
    except (InvalidInput, PolicyError) as error:
        yield f"profile: {error.sentence}; install the package that announces it"


def _places(config: Config) -> Iterator[str]:
    directory, owner = config.run_directory, config.state_directory.stat()
    there = next(place for place in (directory, *directory.parents) if _is_there(place))
    if not _may_write(there, owner):
        missing = "" if there == directory else "is not there, and "
        yield (
            f"run_directory: {directory} {missing}cannot be written by the owner of {config.state_directory};"
            " a service's RuntimeDirectory makes it at its start, else name another one"
        )
    key_file = Path(config.protection.key_file)
    if config.protection.kind == KEY_FILE and not _is_there(key_file.parent):
        yield f"protection.key_file: there is no folder {key_file.parent} here; plug the stick in before protect"


def _is_there(place: Path) -> bool:
    """Tell whether a path leads to something, as far as this user can look."""
    try:
        place.stat()
    except OSError:  # also for a path that is too long, or leads through what is closed to us
        return False
    return True


def _may_write(place: Path, owner: os.stat_result) -> bool:
    """Tell by its mode whether that owner could write into a folder; another group of theirs may allow more."""
    found = place.stat()
    if not stat.S_ISDIR(found.st_mode):
        return False
    if owner.st_uid == os.geteuid():
        return os.access(place, os.W_OK | os.X_OK)
    shift = 6 if found.st_uid == owner.st_uid else 3 if found.st_gid == owner.st_gid else 0
    return found.st_mode >> shift & 0o3 == 0o3


def _names(config: Config) -> Iterator[str]:
    own = socket.gethostname().casefold()
    names = [name for name in config.allowed_hosts if name.casefold() not in _LOCAL | {own, f"{own}.local"}]
    if names:
        yield f"allowed_hosts: the page answers to {', '.join(names)}: is this machine reached by that?"


def _plugged_in(config: Config) -> Iterator[str]:
    for number, reader in enumerate(config.readers, start=1):
        door = f"readers, door {reader.name or number}: "
        yield from _missing_files(reader, door)
        yield from _lamps(reader.indicator, f"{door}indicator")
    for what, one in (("scanner", config.scanner), ("keypad", config.keypad)):
        if one is not None and not _is_there(Path(one.device)):
            yield f"{what}.device: there is no {one.device} here"
    yield from _lamps(config.indicator, "indicator")


def _missing_files(reader: ReaderConfig, door: str) -> Iterator[str]:
    files = {"device": reader.device} if reader.kind == "pn532-hsu" and not reader.usb else {}
    if reader.scanner is not None:
        files["scanner.device"] = reader.scanner.device
    if reader.keypad is not None:
        files["keypad.device"] = reader.keypad.device
    for key, file in files.items():
        if not _is_there(Path(file)):
            yield f"{door}{key}: there is no {file} here; thechip-appliance reader list says what there is"


def _lamps(lamps: IndicatorConfig | None, what: str) -> Iterator[str]:
    if lamps is not None and lamps.kind == "gpio" and not any(_DEVICES.glob("gpio*")):
        yield f"{what}.kind: this machine has no GPIO for lamps and buzzer"


def _heard(config: Config) -> Iterator[str]:
    sound = config.sound
    if sound.kind == SPEAKER and shutil.which("aplay") is None:
        yield "sound.kind: there is no aplay here to play tones with"
    if sound.voice == ESPEAK and shutil.which("espeak-ng") is None:
        yield "sound.voice: there is no espeak-ng here"
    if sound.voice == RECORDED and not _is_there(sound.folder):
        yield f"sound.folder: there is no folder {sound.folder} here"
