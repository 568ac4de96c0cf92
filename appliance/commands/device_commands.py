"""``device``: the other appliances of the same meetings, each believed once somebody compared its fingerprint."""

import argparse
import platform
from pathlib import Path

from appliance.bundles.device_card import LONGEST_CARD, DeviceCard
from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    is_compared,
    open_existing,
    open_services,
    say,
    takes_config,
    warn,
)
from appliance.errors import ConfigError
from appliance.keys import write_atomically

_DIFFERS = "If a group differs, this is not that appliance's card: do not use the file, and ask where it came from."


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    device = commands.add_parser("device", help="other appliances of the same meetings").add_subparsers(
        required=True, metavar="WHAT"
    )
    show = device.add_parser("show", help="this appliance's own card: name, fingerprint, key of age")
    takes_config(show)
    show.add_argument("--name", default=platform.node() or "1", help="what the others shall call it; this host's name")
    show.add_argument("--file", type=Path, metavar="FILE", help="write the card, to be carried to the other appliance")
    show.set_defaults(command=_show)

    add = device.add_parser("add", help="believe another appliance from now on")
    takes_config(add)
    add.add_argument("file", type=Path, metavar="FILE", help="as its device show --file wrote it")
    add.add_argument("--fingerprint", metavar="HEX", help="as it was told by another way; else it is asked for")
    add.set_defaults(command=_add)

    listing = device.add_parser("list", help="the appliances that are believed; 1 where one contradicts itself")
    takes_config(listing)
    listing.set_defaults(command=_list)


def _show(options: argparse.Namespace) -> int:
    pairing = open_services(options).bundles.pairing
    card = pairing.own_card(options.name)
    if options.file is not None:
        write_atomically(options.file, pairing.signed_card(options.name))
        say(f"Wrote {options.file}. On the other appliance: thechip-appliance device add {options.file.name}")
    say(f"name         {card.name}")
    say(f"fingerprint  {card.fingerprint}")
    say(f"recipient    {card.recipient}")
    return EXIT_OK


def _add(options: argparse.Namespace) -> int:
    with options.file.open("rb") as file:
        card = DeviceCard.read(file.read(LONGEST_CARD + 1))
    if options.fingerprint is not None:
        _require_same(card, options.fingerprint)
    elif not _was_compared(card):
        warn(f"nothing was added. {_DIFFERS}")
        return EXIT_NOT_AS_IT_MUST_BE
    services = open_services(options)
    device = services.bundles.pairing.add(card, at=services.clock.now())
    say(f"Added {device.name}. It must add this appliance, too: device show --file FILE.")
    return EXIT_OK


def _list(options: argparse.Namespace) -> int:
    devices = open_existing(options).bundles.pairing.all()
    for device in devices:
        alarm = f"  CONTRADICTS ITSELF in {device.alarms} entries: see bundle status" if device.alarms else ""
        say(f"{device.name:20}  {device.card.fingerprint[:17]}  added {device.added_at:%Y-%m-%d}{alarm}")
    say(f"{len(devices)} appliances")
    return EXIT_NOT_AS_IT_MUST_BE if any(device.alarms for device in devices) else EXIT_OK


def _require_same(card: DeviceCard, fingerprint: str) -> None:
    digits = "".join(letter for letter in fingerprint if letter not in " \t\n:-").lower()
    if digits != card.fingerprint.replace(" ", ""):
        msg = f"this is another card, and nothing was added: its fingerprint is {card.fingerprint}. {_DIFFERS}"
        raise ConfigError(msg)


def _was_compared(card: DeviceCard) -> bool:
    return is_compared(
        card.fingerprint,
        of=f"The appliance that calls itself {card.name!r}",
        how="Compare it with what device show says on that appliance: not with what came with the file.",
        by_option="name it as the other appliance shows it, --fingerprint HEX; nothing was added",
    )
