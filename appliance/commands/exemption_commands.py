"""``exemption``: from when until when a member is exempt, away or on special duty, and by which resolution."""

import argparse
import json
from collections.abc import Callable, Iterable
from datetime import date

from appliance.commands.console import EXIT_OK, Commands, open_existing, say, takes_config
from appliance.commands.person_options import opened_by, takes_officer
from appliance.persons import Look, Purpose
from appliance.standing.exemptions import Exemption
from appliance.storage.members import MemberStatus

_STATUSES = tuple(status.value for status in MemberStatus if status is not MemberStatus.ACTIVE)


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    exemption = commands.add_parser("exemption", help="who is exempt, away or on special duty").add_subparsers(
        required=True, metavar="WHAT"
    )
    listing = exemption.add_parser("list", help="print what is on record, with names and resolutions")
    listing.add_argument("--on", type=_day, metavar="DAY", help="only what is in force on 2026-11-29")
    listing.add_argument("--json", action="store_true", help="one JSON array")
    takes_config(listing)
    listing.set_defaults(command=_list)

    record = exemption.add_parser("record", help="record one, by resolution; open-ended without a last day")
    record.add_argument("member", type=int, metavar="MEMBER", help="its number in roster list")
    record.add_argument("status", choices=_STATUSES)
    record.add_argument("--first-day", type=_day, required=True, metavar="DAY", help="2026-11-29")
    record.add_argument("--last-day", type=_day, metavar="DAY")
    _takes_resolution(record, _record)

    end = exemption.add_parser("end", help="let one end; on the day before its first it was a mistake")
    end.add_argument("entry", type=int, metavar="ENTRY", help="its number in exemption list")
    end.add_argument("--last-day", type=_day, required=True, metavar="DAY")
    _takes_resolution(end, _end)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = "a day is written 2026-12-01"
        raise argparse.ArgumentTypeError(msg) from error


def _takes_resolution(parser: argparse.ArgumentParser, command: Callable[[argparse.Namespace], int]) -> None:
    parser.add_argument("--resolution", required=True, metavar="TEXT", help="its number, or what it says")
    takes_officer(parser, command)


def _list(options: argparse.Namespace) -> int:
    services = open_existing(options)
    services.access_log.looked(None, Look.ROSTER, Purpose.CONSOLE, at=services.clock.now())
    found = services.exemptions.all() if options.on is None else services.exemptions.on(options.on).values()
    names = {member.id: member.name for member in services.roster.members()}
    if options.json:
        say(json.dumps([_fields(one, names) for one in found], ensure_ascii=False, indent=1))
        return EXIT_OK
    say("\n".join([*_lines(found, names), f"{len(found)} on record"]))
    return EXIT_OK


def _record(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    done = services.exemptions.record(
        options.member,
        MemberStatus(options.status),
        first_day=options.first_day,
        last_day=options.last_day,
        resolution=options.resolution,
        recorded_by=officer.in_records,
        at=at,
    )
    say(f"Member {done.member_id} is {done.status} {_days(done)}: entry {done.sequence}.")
    return EXIT_OK


def _end(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    done = services.exemptions.end(
        options.entry, last_day=options.last_day, resolution=options.resolution, recorded_by=officer.in_records, at=at
    )
    was_ever = "was never in force" if done.last_day is not None and done.last_day < done.first_day else _days(done)
    say(f"The exemption of entry {done.sequence} {was_ever}: entry {done.ended_by}.")
    return EXIT_OK


def _lines(found: Iterable[Exemption], names: dict[int, str]) -> Iterable[str]:
    for one in found:
        yield (
            f"{one.sequence:5d}  {one.status:12}  {_days(one)}  member {one.member_id}, "
            f"{names.get(one.member_id, 'who left')}: {one.resolution} ({one.recorded_by})"
        )


def _days(one: Exemption) -> str:
    return f"from {one.first_day}" + ("" if one.last_day is None else f" until {one.last_day}")


def _fields(one: Exemption, names: dict[int, str]) -> dict[str, object]:
    return {
        "entry": one.sequence,
        "member": one.member_id,
        "name": names.get(one.member_id),
        "status": one.status.value,
        "first_day": one.first_day.isoformat(),
        "last_day": None if one.last_day is None else one.last_day.isoformat(),
        "resolution": one.resolution,
        "recorded_by": one.recorded_by,
        "ended_by": one.ended_by,
    }
