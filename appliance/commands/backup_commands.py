"""``backup make|check`` and ``restore``: the whole appliance in one file, and back from it."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from appliance.backup.making import make_backup
from appliance.backup.restoring import Examined, check_backup, restore
from appliance.backup.settings_here import settings_to_look_at
from appliance.clock import TrustedClock
from appliance.commands.console import CONFIG_NAME, EXIT_OK, Commands, config_of, say, takes_config, warn
from appliance.commands.passphrases import passphrase_of, takes_passphrase
from appliance.config import Config
from appliance.errors import KeyLost
from appliance.keys import Keys
from appliance.keys.key_set import FOLDER, PROTECTED
from appliance.keys.protection import open_keys
from appliance.names import count

_WARNING = (
    "",
    "DO NOT USE THE OLD APPLIANCE ANY MORE, nor another restored copy of this backup: two appliances with one device",
    "key write two histories under the same numbers, and nobody can tell afterwards which one is true.",
    "What was recorded after the backup was made is not here. Compare with the last printed minutes.",
    "",
)
_DISTINCT = 10
"""Steps in which progress is told."""


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    backup = commands.add_parser("backup", help="the whole appliance in one file").add_subparsers(
        required=True, metavar="WHAT"
    )
    make = backup.add_parser("make", help="write one, encrypted to a passphrase, while the station runs")
    make.add_argument("target", type=Path, metavar="DIR|FILE", help="the folder of a stick, or a new file")
    takes_config(make)
    takes_passphrase(make)
    make.set_defaults(command=_make)

    check = backup.add_parser("check", help="see that one opens, and that store and ledger in it are whole")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--scratch", type=Path, metavar="DIR", help="where it is unpacked for that, and deleted again")
    takes_passphrase(check)
    check.set_defaults(command=_check)

    restoring = commands.add_parser("restore", help="go on with a backup, on another appliance")
    restoring.add_argument("file", type=Path, metavar="FILE")
    restoring.add_argument("--state", type=Path, metavar="DIR", required=True, help="empty, or not there yet")
    takes_passphrase(restoring)
    restoring.set_defaults(command=_restore)


def _make(options: argparse.Namespace) -> int:
    config = config_of(options)
    passphrase = passphrase_of(options, new=True)
    at = TrustedClock(config.clock_path, config.clock).now()
    settings = options.config or options.state / CONFIG_NAME
    made = make_backup(config, _keys_of(config), settings, options.target, passphrase, at=at, progress=_Told())
    say(f"Wrote {made.path}: {made.size / 1e6:.1f} MB.")
    say(f"To be sure of it: thechip-appliance backup check {made.path}")
    say("Without its passphrase nobody opens it, neither do you: keep that elsewhere.")
    return EXIT_OK


def _keys_of(config: Config) -> Keys:
    """Open the keys, and make none where there are none: the store's own would be lost with them."""
    if not any((config.keys_directory / name).exists() for name in (FOLDER, PROTECTED)):
        msg = f"there are no keys in {config.keys_directory}; nothing was written"
        raise KeyLost(msg)
    return open_keys(config)


def _check(options: argparse.Namespace) -> int:
    passphrase = passphrase_of(options, new=False)
    with _clearing_up_when_stopped():
        examined = check_backup(options.file, passphrase, scratch=options.scratch)
    say(f"The backup is whole. {_about(examined)}")
    say(f"The appliance's public key: {examined.manifest.device}")
    if examined.config is None:
        warn("its settings are refused here; they can be restored, and are to be put right then")
    return EXIT_OK


def _restore(options: argparse.Namespace) -> int:
    passphrase = passphrase_of(options, new=False)
    with _clearing_up_when_stopped():
        examined = restore(options.file, passphrase, options.state)
    say(f"Restored to {options.state}. {_about(examined)}")
    for line in _WARNING:
        say(line)
    for sentence in settings_to_look_at(options.state / CONFIG_NAME):
        warn(f"look at a setting: {sentence}")
    if examined.config is not None and examined.config.protection.is_on:
        say(f"The keys lie unprotected, and nothing opens them so: thechip-appliance protect --state {options.state}")
    say(f"Next: lists sync (or lists import) --state {options.state}, clock show, then run.")
    return EXIT_OK


def _about(examined: Examined) -> str:
    zone = UTC if examined.config is None else ZoneInfo(examined.config.time_zone)
    made = examined.manifest.made_at.astimezone(zone)
    return (
        f"Made on {made:%Y-%m-%d %H:%M %Z} by release {examined.manifest.release}; {count(examined.members, 'member')};"
        f" ledger: {examined.verdict.sentence}."
    )


@contextmanager
def _clearing_up_when_stopped() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this process as an exception does, which deletes what was unpacked."""

    def end(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Told:
    """Says every tenth of a step on standard error."""

    def __init__(self) -> None:
        self._last = ("", 0)

    def __call__(self, what: str, done: int, total: int, /) -> None:
        step = (what, done * _DISTINCT // max(total, 1))
        if step != self._last:
            self._last = step
            warn(f"{what}: {step[1] * 100 // _DISTINCT} %")
