"""``protect``, ``unlock``, ``lock``: under what the keys lie on the card, and opening them after power-on."""

import argparse
import getpass
import sys
from pathlib import Path

from appliance.commands.console import EXIT_OK, Commands, config_of, say, takes_config, warn
from appliance.config.protection import BOARD, KEY_FILE, NONE, PASSPHRASE
from appliance.errors import ConfigError, WrongSecret
from appliance.keys.cautions import cautions
from appliance.keys.protection import LONGEST_PASSPHRASE, KeyRoom
from appliance.lists.identity import RosterIdentity, has_identity, remove_unfinished
from appliance.storage.station_lock import only_station

_SHORTEST = 12
_DONE = {
    NONE: "The keys lie on the card in the clear. Whoever has the card has them.",
    BOARD: "The keys open on this board only. Make a backup now: a card in another board needs it.",
    PASSPHRASE: "The keys open by the passphrase only: after every power-on, thechip-appliance unlock.",
    KEY_FILE: "The keys open by the key file only. Make a copy of it, and keep that elsewhere.",
}
_USED_CARD = (
    "A used card may keep old blocks that nobody can overwrite. To be certain, restore a backup onto a new card, and"
    " destroy this one."
)


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    protect = commands.add_parser("protect", help="put the keys under what the configuration says ([protection])")
    takes_config(protect)
    protect.add_argument("--passphrase-file", type=Path, metavar="FILE", help="the new one; else it is asked for")
    protect.add_argument("--old-passphrase-file", type=Path, metavar="FILE", help="the one that opens the keys now")
    protect.set_defaults(command=_protect)

    unlock = commands.add_parser("unlock", help="open the keys by passphrase or key file, until power-off")
    takes_config(unlock)
    unlock.add_argument("--passphrase-file", type=Path, metavar="FILE", help="one line; else it is asked for")
    unlock.set_defaults(command=_unlock)

    lock = commands.add_parser(
        "lock", help="ask for passphrase or key file again at the next start of station and page"
    )
    takes_config(lock)
    lock.set_defaults(command=_lock)


def _protect(options: argparse.Namespace) -> int:
    config = config_of(options)
    room, kind = KeyRoom.of(config), config.protection.kind
    with only_station(config.state_directory):
        keys = room.current(lambda: _typed(options.old_passphrase_file, "Passphrase now: "))
        new = _new_passphrase(options.passphrase_file) if kind == PASSPHRASE else None
        is_there = has_identity(config.keys_directory)
        if is_there and kind == NONE:  # while what it is sealed under is still there as it was
            RosterIdentity.load_or_create(config.keys_directory, keys=keys, sealed=False)
        room.protect(keys, new)
        if is_there and kind != NONE:
            RosterIdentity.load_or_create(config.keys_directory, keys=keys, sealed=True)
        remove_unfinished(config.keys_directory)
        if new is not None:
            room.unlock(new)
    say(_DONE[kind])
    if kind != NONE:
        say(_USED_CARD)
    for caution in cautions(config):
        warn(caution)
    return EXIT_OK


def _unlock(options: argparse.Namespace) -> int:
    room = KeyRoom.of(config_of(options))
    match room.kind():
        case "passphrase":
            room.unlock(_typed(options.passphrase_file, "Passphrase of the keys: "))
            say("Unlocked until power-off.")
        case "key-file":
            room.unlock_by_key_file()
            say("Unlocked until power-off. The stick may be pulled.")
        case _:
            say("There is nothing to unlock: these keys open by themselves.")
    return EXIT_OK


def _lock(options: argparse.Namespace) -> int:
    KeyRoom.of(config_of(options)).lock()
    say("What runs goes on; what starts from now on asks again.")
    return EXIT_OK


def _new_passphrase(file: Path | None) -> str:
    passphrase = _typed(file, "New passphrase: ")
    if file is None and _typed(None, "Once more: ") != passphrase:
        msg = "the two were not the same; nothing was changed"
        raise WrongSecret(msg)
    if len(passphrase) < _SHORTEST:
        msg = f"the passphrase is shorter than {_SHORTEST} characters; take six random words; nothing was changed"
        raise ConfigError(msg)
    return passphrase


def _typed(file: Path | None, prompt: str) -> str:
    if file is not None:
        with file.open("rb") as opened:
            content = opened.read(LONGEST_PASSPHRASE * 4 + 2)
        try:
            return content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            msg = f"the passphrase file {file.name} must hold one line of text"
            raise ConfigError(msg) from error
    if not sys.stdin.isatty():
        msg = "there is no terminal to ask for the passphrase: name a file that holds it"
        raise ConfigError(msg)
    return getpass.getpass(prompt)
