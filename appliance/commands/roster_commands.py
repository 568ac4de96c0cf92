"""``roster``: the members of the chi bộ, from the file that its officers keep or as its province publishes them."""

import argparse
import json
from pathlib import Path

from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    config_of,
    open_existing,
    open_services,
    say,
    takes_config,
    warn,
)
from appliance.keys.protection import open_keys
from appliance.lists.identity import RosterIdentity, recipient_of
from appliance.persons import Look, Purpose
from appliance.roster import Member
from appliance.roster_sheet.sheet import import_rows, read_roster_file
from appliance.roster_sheet.table import FaultyRosterFile

_MOST_SHOWN = 100


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    roster = commands.add_parser("roster", help="the members").add_subparsers(required=True, metavar="WHAT")
    importing = roster.add_parser("import", help="add the members of a CSV file, all of them or none")
    importing.add_argument("file", type=Path, metavar="FILE.csv", help="docs/appliance.md has the columns")
    takes_config(importing)
    importing.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    importing.add_argument(
        "--short-numbers", action="store_true", help="take numbers of 10 or 11 digits as they are; nothing was lost"
    )
    importing.set_defaults(command=_import)

    listing = roster.add_parser("list", help="print the members, with their names")
    takes_config(listing)
    listing.add_argument("--json", action="store_true", help="one JSON array")
    listing.set_defaults(command=_list)

    recipient = roster.add_parser("recipient", help="print the public key to which the province seals the roster")
    takes_config(recipient)
    recipient.set_defaults(command=_recipient)


def _import(options: argparse.Namespace) -> int:
    try:
        rows = read_roster_file(options.file, short_numbers=options.short_numbers)
        services = open_services(options)
        import_rows(rows, services.roster, services.database, dry_run=options.dry_run)
    except FaultyRosterFile as error:
        for fault in error.faults[:_MOST_SHOWN]:
            warn(str(fault))
        if len(error.faults) > _MOST_SHOWN:
            warn(f"and {len(error.faults) - _MOST_SHOWN} more")
        warn(f"{error.sentence} [{error.reason}]")
        return EXIT_NOT_AS_IT_MUST_BE
    numbers, passwords = sum(row.number is not None for row in rows), sum(row.can is not None for row in rows)
    done = "would be added; nothing was changed" if options.dry_run else "added"
    say(f"{len(rows)} members {done}: {numbers} with a number, {passwords} with a card access number.")
    return EXIT_OK


def _list(options: argparse.Namespace) -> int:
    services = open_existing(options)
    services.access_log.looked(None, Look.ROSTER, Purpose.CONSOLE, at=services.clock.now())
    members = services.roster.members()
    if options.json:
        say(json.dumps([_fields(member) for member in members], ensure_ascii=False, indent=1))
        return EXIT_OK
    width = max((len(member.name) for member in members), default=0)
    for member in members:
        card = "" if member.has_identifier else "  no number"
        say(f"{member.id:5d}  {member.name:{width}}  {member.member_class:12}  {member.status:12}{card}".rstrip())
    say(f"{len(members)} members")
    return EXIT_OK


def _recipient(options: argparse.Namespace) -> int:
    config = config_of(options)
    if not config.protection.is_on:
        say(RosterIdentity.load_or_create(config.keys_directory).recipient)
        return EXIT_OK
    known = recipient_of(config.keys_directory)  # needs no key to be unlocked
    if known is None:
        known = RosterIdentity.load_or_create(config.keys_directory, keys=open_keys(config), sealed=True).recipient
    say(known)
    return EXIT_OK


def _fields(member: Member) -> dict[str, object]:
    return {
        "id": member.id,
        "name": member.name,
        "class": member.member_class.value,
        "status": member.status.value,
        "has_number": member.has_identifier,
        "has_password": member.has_password,
    }
