"""``clock show`` and ``clock confirm``: what time it is, whether that is known, and somebody's word that it is so."""

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from appliance.clock import ClockState, Reading
from appliance.clock.memory import Memory
from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    EXIT_USAGE,
    Commands,
    open_existing,
    say,
    takes_config,
    warn,
)

_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
_SENTENCES = {
    ClockState.TRUSTED: "The time is known, by the word of: {source}.",
    ClockState.UNCONFIRMED: "Nobody vouches for the system's clock: confirm the time, or let a time server be reached.",
    ClockState.BEHIND: "The system's clock is wrong: it shows a time before the last one that is certain.",
    ClockState.AHEAD: "The time is too far from the last one that was signed or confirmed to be believed: confirm it.",
}


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    clock = commands.add_parser("clock", help="what time it is here").add_subparsers(required=True, metavar="WHAT")
    show = clock.add_parser("show", help="say what time it is, and whether that is known: 0 if it is, else 1")
    takes_config(show)
    show.add_argument("--json", action="store_true")
    show.set_defaults(command=_show)

    confirm = clock.add_parser("confirm", help="say what time it is, once you looked at a clock that is right")
    takes_config(confirm)
    confirm.add_argument("--at", metavar="TIME", help='"2026-11-29 19:03", local time; else what the system shows')
    confirm.add_argument("--far-ahead", action="store_true", help="it was left alone for longer than it ever is")
    confirm.add_argument("--lower", action="store_true", help="take back a confirmation that was too late by mistake")
    confirm.add_argument("--signed-too", action="store_true", help="with --lower: what was signed later was wrong, too")
    confirm.set_defaults(command=_confirm)


def _show(options: argparse.Namespace) -> int:
    services = open_existing(options)
    reading, memory = services.clock.read(), services.clock.memory()
    if options.json:
        say(json.dumps(_fields(reading, memory)))
    else:
        for line in _lines(reading, memory, ZoneInfo(services.config.time_zone)):
            say(line)
    return EXIT_OK if reading.trusted else EXIT_NOT_AS_IT_MUST_BE


def _confirm(options: argparse.Namespace) -> int:
    services = open_existing(options)
    zone = ZoneInfo(services.config.time_zone)
    at = datetime.now(UTC) if options.at is None else _time(options.at, zone)
    if at is None:
        warn('--at must be a local time such as "2026-11-29 19:03"')
        return EXIT_USAGE
    if options.signed_too and not options.lower:
        warn("--signed-too goes with --lower: it says that what was signed later was signed at a wrong time")
        return EXIT_USAGE
    reading = services.clock.confirm(
        at, by="the console", far_ahead=options.far_ahead, lower=options.lower, signed_too=options.signed_too
    )
    say(f"Confirmed: it is {_local(zone)(reading.at)}.")
    return EXIT_OK


def _time(text: str, zone: ZoneInfo) -> datetime | None:
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text.strip(), pattern).replace(tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _fields(reading: Reading, memory: Memory) -> dict[str, object]:
    return {
        "at": reading.at.isoformat(),
        "trusted": reading.trusted,
        "state": reading.state.value,
        "source": reading.source,
        "floor": reading.floor.isoformat(),
        "floor_source": memory.floor.source,
        "signed": None if memory.signed is None else memory.signed.isoformat(),
        "events": [
            {"kind": event.kind.value, "before": event.before.isoformat(), "after": event.after.isoformat()}
            for event in memory.events
        ],
    }


def _lines(reading: Reading, memory: Memory, zone: ZoneInfo) -> list[str]:
    local = _local(zone)
    about = "" if reading.trusted else "at least " if reading.at == reading.floor else "perhaps "
    lines = [
        f"It is {about}{local(reading.at)}. {_SENTENCES[reading.state].format(source=reading.source)}",
        f"Certainly past: {local(reading.floor)} ({memory.floor.source}).",
    ]
    return lines + [f"  {event.kind}: from {local(event.before)} to {local(event.after)}" for event in memory.events]


def _local(zone: ZoneInfo) -> Callable[[datetime], str]:
    return lambda at: at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
