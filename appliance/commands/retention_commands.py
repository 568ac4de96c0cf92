"""``retention``: let go of what is older than the policy says, or only say what that would be."""

import argparse
import json
from zoneinfo import ZoneInfo

from appliance.commands.console import EXIT_OK, Commands, open_existing, say, takes_config, warn
from appliance.names import count
from appliance.persons.retention import Due, Retention


def add_to(commands: Commands) -> None:
    """Announce the command."""
    retention = commands.add_parser("retention", help="let go of persons whose time is over, as [retention] says")
    takes_config(retention)
    retention.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")
    retention.add_argument("--far-ahead", action="store_true", help="the appliance was left alone for over 400 days")
    retention.add_argument("--json", action="store_true", help="one JSON array")
    retention.set_defaults(command=_retention)


def _retention(options: argparse.Namespace) -> int:
    services = open_existing(options)
    policy = services.config.retention
    retention, now = Retention(services.database, services.ledger, policy), services.clock.read()
    if not policy.is_set:
        warn("no time is set in [retention]: persons are kept until somebody decides for how long; see docs/persons.md")
    work = retention.plan if options.dry_run else retention.carry_out
    due = work(now, far_ahead=options.far_ahead)
    if options.json:
        say(json.dumps([_fields(one) for one in due]))
        return EXIT_OK
    zone = ZoneInfo(services.config.time_zone)
    for one in due:
        say(_line(one, zone))
    done = "would go; nothing was changed" if options.dry_run else "went"
    say(f"{count(sum(one.count for one in due), 'line')} {done}.")
    return EXIT_OK


def _line(one: Due, zone: ZoneInfo) -> str:
    ended = None if one.ended_at is None else one.ended_at.astimezone(zone)
    where = "" if ended is None else f"  meeting {one.meeting_id}, ended on {ended:%Y-%m-%d}"
    return f"{one.count:7d}  {one.kind:10}{where}"


def _fields(one: Due) -> dict[str, object]:
    ended = None if one.ended_at is None else one.ended_at.isoformat()
    return {"kind": one.kind.value, "count": one.count, "meeting": one.meeting_id, "ended_at": ended}
