"""``device``: the other appliances of the same meetings, each believed once somebody compared its fingerprint."""

import argparse
from collections.abc import Collection
from pathlib import Path

from appliance.bundles.alarms import Alarm
from appliance.bundles.device_card import LONGEST_CARD, DeviceCard
from appliance.bundles.on_record import Device
from appliance.bundles.own_name import keep_own_name, own_name
from appliance.bundles.pairing import only_one
from appliance.commands.bundle_words import BundleWords, shown
from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    is_compared,
    is_confirmed,
    open_existing,
    open_services,
    say,
    takes_config,
    warn,
)
from appliance.commands.person_options import opened_by, takes_officer
from appliance.errors import ConfigError
from appliance.keys import write_atomically
from appliance.names import count

_CURE = "Run ledger verify, then device add its card anew, or device remove it"
_DIFFERS = "If a group differs, this is not that appliance's card: do not use the file, and ask where it came from."


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    device = commands.add_parser("device", help="other appliances of the same meetings").add_subparsers(
        required=True, metavar="WHAT"
    )
    show = device.add_parser("show", help="this appliance's own card: name, fingerprint, key of age")
    takes_config(show)
    show.add_argument("--name", help="what the others shall call it; as told before, else this host's name")
    show.add_argument("--file", type=Path, metavar="FILE", help="write the card, to be carried to the other appliance")
    show.set_defaults(command=_show)

    add = device.add_parser("add", help="believe another appliance from now on")
    add.add_argument("file", type=Path, metavar="FILE", help="as its device show --file wrote it")
    add.add_argument("--fingerprint", metavar="HEX", help="as it was told by another way; else it is asked for")
    takes_officer(add, _add)

    remove = device.add_parser("remove", help="believe another appliance no more; what it recorded so far stays")
    remove.add_argument(
        "name", metavar="NAME", help="as device list names it, its number, or how its fingerprint begins"
    )
    remove.add_argument("--yes", action="store_true", help="do not ask once more")
    takes_officer(remove, _remove)

    settle = device.add_parser("settle", help="look at an appliance's alarms, and say that they were looked into")
    settle.add_argument("name", metavar="NAME", help="as device list names it, or how its fingerprint begins")
    settle.add_argument("--finding", required=True, metavar="TEXT", help="what was found out, for the record")
    settle.add_argument("--yes", action="store_true", help="do not ask once more")
    takes_officer(settle, _settle)

    listing = device.add_parser("list", help="the appliances that are believed; 1 where something is wrong")
    takes_config(listing)
    listing.set_defaults(command=_list)


def _show(options: argparse.Namespace) -> int:
    services = open_services(options)
    pairing, keys = services.bundles.pairing, services.config.keys_directory
    card = pairing.own_card(options.name or own_name(keys))
    if options.name is not None:
        keep_own_name(keys, card.name)
    if options.file is not None:
        write_atomically(options.file, pairing.signed_card(card.name))
        say(f"Wrote {options.file}. On the other appliance: thechip-appliance device add {options.file.name}")
    say(f"name         {card.name}")
    say(f"fingerprint  {card.fingerprint}")
    say(f"recipient    {card.recipient}")
    return EXIT_OK


def _add(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    with options.file.open("rb") as file:
        card = DeviceCard.read(file.read(LONGEST_CARD + 1))
    if options.fingerprint is not None:
        _require_same(card, options.fingerprint)
    elif not _was_compared(card):
        warn(f"nothing was added. {_DIFFERS}")
        return EXIT_NOT_AS_IT_MUST_BE
    device = services.bundles.pairing.add(card, at=at, officer=officer.in_records)
    say(f"Added {device.name}. It must add this appliance, too: device show --file FILE.")
    return EXIT_OK


def _remove(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    pairing = services.bundles.pairing
    known = pairing.known()
    meant = only_one((*known.believed, *known.not_in_store, *known.not_on_record), options.name)
    added_on = BundleWords.of(services).time(meant.added_at)[:10]
    say(f"{shown(meant.name)}  {meant.card.fingerprint[:17]}…  added {added_on}")
    if not options.yes and not is_confirmed("Is this appliance believed no more?"):
        warn("nothing was removed")
        return EXIT_NOT_AS_IT_MUST_BE
    device = pairing.remove(options.name, at=at, officer=officer.in_records)
    if any(one.card.public_key == device.card.public_key for one in pairing.all()):
        say(f"Line {device.id} of the store is gone; the appliance whose key it had is believed as before.")
        return EXIT_OK
    say(f"Nothing is taken from {shown(device.name)} or sealed to it any more. What it recorded so far stays.")
    return EXIT_OK


def _settle(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    alarms, words = services.bundles.alarms, BundleWords.of(services)
    device, unsettled = alarms.unsettled(options.name)
    if not unsettled:
        say(f"Nothing of {shown(device.name)} waits to be settled.")
        return EXIT_OK
    for both in unsettled:
        for line in words.contradiction(both):
            say(line)
    if not options.yes and not is_confirmed(f"Was it looked into, and is {count(len(unsettled), 'alarm')} settled?"):
        warn("nothing was settled")
        return EXIT_NOT_AS_IT_MUST_BE
    looked_at = [both.alarm for both in unsettled]
    alarms.settle(device, looked_at, officer=officer.in_records, finding=options.finding, at=at)
    say(f"Settled, on record: {count(len(looked_at), 'alarm')} of {shown(device.name)}. What proves them is kept.")
    return EXIT_OK


def _list(options: argparse.Namespace) -> int:
    services = open_existing(options)
    known, words = services.bundles.pairing.known(), BundleWords.of(services)
    alarms = services.bundles.alarms.all()
    for device in known.believed:
        _say_device(device, f"added {words.time(device.added_at)[:10]}", alarms, words)
    for device in known.removed:
        _say_device(device, "removed: nothing is taken from it", alarms, words)
    for device in known.not_on_record:
        _say_device(
            device, f"NOT BELIEVED: in the store, and not on record. {_CURE}, number {device.id}", alarms, words
        )
    for device in known.not_in_store:
        _say_device(device, f"NOT BELIEVED: on record, and not so in the store. {_CURE}", alarms, words)
    say(count(len(known.believed), "appliance"))
    is_wrong = known.not_on_record or known.not_in_store or any(alarm.settlement is None for alarm in alarms)
    return EXIT_NOT_AS_IT_MUST_BE if is_wrong else EXIT_OK


def _say_device(device: Device, how: str, alarms: Collection[Alarm], words: BundleWords) -> None:
    say(f"{shown(device.name):20}  {device.card.fingerprint[:17]}  {how}")
    for alarm in alarms:
        if alarm.device == device.card.public_key:
            say(f"  {words.alarm(alarm)}")


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
