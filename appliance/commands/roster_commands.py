"""``roster``: the members of the chi bộ, from the file that its officers keep or as its province publishes them."""

import argparse
import json
from pathlib import Path

from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    EXIT_USAGE,
    Commands,
    asked,
    config_of,
    is_confirmed,
    open_existing,
    open_services,
    say,
    takes_config,
    warn,
)
from appliance.keys.protection import open_keys
from appliance.lists.identity import RosterIdentity, recipient_of
from appliance.names import count
from appliance.persons import Look, Purpose
from appliance.roster import Member, MemberClass, MemberStatus
from appliance.roster_sheet.numbers import number_in
from appliance.roster_sheet.sheet import import_rows, read_roster_file
from appliance.roster_sheet.table import FaultyRosterFile
from appliance.services import Services
from appliance.standing.entries import member_subject

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

    change = roster.add_parser("change", help="give a member of the chi bộ's own list another class or status")
    change.add_argument("member", type=int, metavar="MEMBER", help="its number in roster list")
    change.add_argument("--class", dest="member_class", choices=[one.value for one in MemberClass])
    change.add_argument(
        "--status", choices=[one.value for one in MemberStatus], help="for good; for a time there is exemption record"
    )
    takes_config(change)
    change.set_defaults(command=_change)

    leave = roster.add_parser("leave", help="take a member off the chi bộ's own list; old minutes keep the name")
    leave.add_argument("member", type=int, metavar="MEMBER", help="its number in roster list")
    leave.add_argument("--yes", action="store_true", help="do not ask once more")
    takes_config(leave)
    leave.set_defaults(command=_leave)

    back = roster.add_parser("return", help="take a member who left back on the chi bộ's own list, as the same number")
    back.add_argument("member", type=int, metavar="MEMBER", help="the number that they had")
    back.add_argument("--number", action="store_true", help="ask for the number of their card, which went as they left")
    back.add_argument("--short-numbers", action="store_true", help="take a number of 10 or 11 digits as it is")
    back.add_argument("--yes", action="store_true", help="do not ask once more")
    takes_config(back)
    back.set_defaults(command=_return)

    recipient = roster.add_parser("recipient", help="print the public key to which the province seals the roster")
    takes_config(recipient)
    recipient.set_defaults(command=_recipient)


def _import(options: argparse.Namespace) -> int:
    try:
        rows = read_roster_file(options.file, short_numbers=options.short_numbers)
        services = open_services(options)
        import_rows(rows, services.roster, services.database, dry_run=options.dry_run)
    except FaultyRosterFile as error:
        return refused(error)
    numbers, passwords = sum(row.number is not None for row in rows), sum(row.can is not None for row in rows)
    done = "would be added; nothing was changed" if options.dry_run else "added"
    say(f"{count(len(rows), 'member')} {done}: {numbers} with a number, {passwords} with a card access number.")
    return EXIT_OK


def refused(error: FaultyRosterFile) -> int:
    """Print the faults of a file, each with its line, and return the exit code."""
    for fault in error.faults[:_MOST_SHOWN]:
        warn(str(fault))
    if len(error.faults) > _MOST_SHOWN:
        warn(f"and {len(error.faults) - _MOST_SHOWN} more")
    warn(f"{error.sentence} [{error.reason}]")
    return EXIT_NOT_AS_IT_MUST_BE


def _list(options: argparse.Namespace) -> int:
    services = open_existing(options)
    services.access_log.looked(None, Look.ROSTER, Purpose.CONSOLE, at=services.clock.now())
    members = services.roster.members()
    if options.json:
        say(json.dumps([_fields(member) for member in members], ensure_ascii=False, indent=1))
        return EXIT_OK
    width = max((len(member.name) for member in members), default=0)
    if members:
        say(f"{'No.':>5}  {'name':{width}}  {'class':12}  status")
    for member in members:
        card = "" if member.has_identifier else "  no number"
        say(f"{member.id:5d}  {member.name:{width}}  {member.member_class:12}  {member.status:12}{card}".rstrip())
    say(count(len(members), "member"))
    return EXIT_OK


def _change(options: argparse.Namespace) -> int:
    if options.member_class is None and options.status is None:
        warn("say what changes: --class, --status or both")
        return EXIT_USAGE
    member = open_existing(options).roster.change(
        options.member,
        member_class=None if options.member_class is None else MemberClass(options.member_class),
        status=None if options.status is None else MemberStatus(options.status),
    )
    say(f"Member {member.id} is {member.member_class}, {member.status}.")
    return EXIT_OK


def _leave(options: argparse.Namespace) -> int:
    services = open_existing(options)
    if not _is_meant(options, services, "Does this member leave the roster?"):
        warn("nobody was taken off the roster")
        return EXIT_NOT_AS_IT_MUST_BE
    member = services.roster.leave(options.member, at=services.clock.now())
    say(f"Member {member.id} is on the roster no more; minutes that name them still do.")
    return EXIT_OK


def _return(options: argparse.Namespace) -> int:
    services = open_existing(options)
    if not _is_meant(options, services, "Does this member return to the roster?"):
        warn("nobody came back to the roster")
        return EXIT_NOT_AS_IT_MUST_BE
    number = number_in(asked("Number: "), short_numbers=options.short_numbers) if options.number else None
    member = services.roster.rejoin(options.member, number)
    card = "" if member.has_identifier else " Their card is not recognised: no number is kept of who left (--number)."
    say(f"Member {member.id} is on the roster again, {member.member_class}, {member.status}.{card}")
    return EXIT_OK


def _is_meant(options: argparse.Namespace, services: Services, question: str) -> bool:
    """Print whom a number means, and ask where nobody said ``--yes``."""
    member, at = services.roster.get(options.member), services.clock.now()
    services.access_log.looked(None, Look.PERSON, Purpose.CONSOLE, at=at, subject=member_subject(member.id))
    say(f"member {member.id}  {member.name}")
    return bool(options.yes) or is_confirmed(question)


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
