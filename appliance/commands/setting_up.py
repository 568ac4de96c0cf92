"""``init`` and ``setup-link``: from a bare machine to an appliance with an administrator."""

import argparse
import json
import os
import stat
from datetime import timedelta
from pathlib import Path

from appliance.accounts import SET_UP_LIFETIME
from appliance.commands.console import EXIT_OK, Commands, open_services, say, takes_config
from appliance.config import Config, ReaderConfig
from appliance.errors import ConfigError
from appliance.firmware_host.readers import new_reader


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    init = commands.add_parser("init", help="write a configuration for a state directory")
    init.add_argument("--state", type=Path, required=True)
    init.add_argument(
        "--reader", metavar="DEVICE", required=True, help="a PN532's serial device, usb:VID:PID, pcsc, or pcsc:NAME"
    )
    init.set_defaults(command=_init)

    link = commands.add_parser("setup-link", help="print the one-time link that makes the first administrator")
    takes_config(link)
    link.add_argument("--address", default="http://127.0.0.1:8080", help="where the page is reached")
    link.set_defaults(command=_setup_link)


def _init(options: argparse.Namespace) -> int:
    config = _reader_config(options.reader)
    new_reader(config, name="1")  # refuses what cannot be one before anything is written
    file = options.state / "appliance.toml"
    table = {"kind": config.kind, "device": config.device, "usb": config.usb}
    reader = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items() if value)  # TOML strings, too
    try:
        options.state.mkdir(parents=True, mode=0o700, exist_ok=True)
        _close_to_others(options.state)
        with file.open("x", encoding="utf-8") as new:
            new.write(f'state_directory = "."\n\n[[readers]]\n{reader}')
        Config.load(file).trust_directory.mkdir(exist_ok=True)
    except FileExistsError as error:
        msg = f"{error.filename} is there already; it is not overwritten"
        raise ConfigError(msg) from error
    except OSError as error:
        msg = f"{error.filename or options.state} cannot be written: {error.strerror}"
        raise ConfigError(msg) from error
    say(f"Wrote {file}. Next, whom to believe:")
    say(f"  thechip-appliance lists pin 1.root.json --config {file}   # the publisher's root; compare its fingerprint")
    say(f"  thechip-appliance lists import PATH --config {file}       # a stick; or lists sync, once mirrors are named")
    say(f"For a trial without a publisher: issuers' certificates and CRLs into {options.state / 'trust'}.")
    return EXIT_OK


def _close_to_others(state: Path) -> None:
    """Let nobody but its owner look into the directory, which may have been there; ConfigError where that is not ours.

    Neither is one that holds something: nobody asked for the modes of what is in use to be changed.
    """
    found = state.stat()
    if found.st_uid != os.geteuid():
        msg = f"{state} belongs to another user: run init as that user, or name a directory that is not there yet"
        raise ConfigError(msg)
    if not stat.S_IMODE(found.st_mode) & 0o077:
        return
    if any(state.iterdir()):
        msg = f"{state} is open to other users, and holds something: chmod 700 it, or name an empty directory"
        raise ConfigError(msg)
    state.chmod(0o700)


def _reader_config(reader: str) -> ReaderConfig:
    kind, colon, rest = reader.partition(":")
    if kind == "pcsc":
        return ReaderConfig(rest, "pcsc")
    if kind == "usb" and colon:
        return ReaderConfig(usb=rest)
    return ReaderConfig(reader)


def _setup_link(options: argparse.Namespace) -> int:
    services = open_services(options)
    accounts = services.accounts
    if accounts.needs_set_up():
        code = accounts.issue_setup_token(at=services.clock.now())
        say(f"First start: make the administrator's account at\n\n    {options.address}/setup/{code}\n")
        hours = SET_UP_LIFETIME // timedelta(hours=1)
        say(f"It works once, within {hours} hours. A link that was printed before works no more.")
    else:
        say(f"The page is at {options.address}/")
    return EXIT_OK
