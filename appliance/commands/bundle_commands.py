"""``bundle``: what this appliance recorded of a meeting, for another one, and what it recorded, for this one."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from appliance.bundles.envelope import LONGEST_SEALED
from appliance.bundles.sending import send_bundle
from appliance.bundles.service import Received
from appliance.bundles.status import BundleStatus, DeviceStatus, ForeignEntry, ReceivedBundle
from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    open_existing,
    open_services,
    say,
    takes_config,
)
from appliance.keys import write_atomically
from appliance.storage.devices import Taken

_MOST_RANGES = 5


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    bundle = commands.add_parser("bundle", help="two appliances, one meeting").add_subparsers(
        required=True, metavar="WHAT"
    )
    export = bundle.add_parser("export", help="write what was recorded of a meeting, sealed to another appliance")
    _which(export)
    export.add_argument("file", type=Path, metavar="FILE")
    export.set_defaults(command=_export)

    send = bundle.add_parser("send", help="the same, over the network")
    _which(send)
    send.add_argument("--address", required=True, metavar="URL", help="https://host[:port] of its page")
    send.set_defaults(command=_send)

    importing = bundle.add_parser("import", help="take over what another appliance recorded; again changes nothing")
    takes_config(importing)
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.set_defaults(command=_import)

    status = bundle.add_parser(
        "status", help="what arrived, what lacks, whose clock differs; 1 where somebody must act"
    )
    takes_config(status)
    status.add_argument("--meeting", type=int, metavar="N")
    status.add_argument("--entries", action="store_true", help="with --meeting: each entry with both times")
    status.set_defaults(command=_status)

    assign = bundle.add_parser("assign", help="say which member somebody is whom another appliance names")
    takes_config(assign)
    assign.add_argument("person", type=int, metavar="PERSON", help="its number in bundle status")
    assign.add_argument("--member", type=int, required=True, metavar="N")
    assign.add_argument("--officer", required=True, metavar="NAME")
    assign.set_defaults(command=_assign)


def _which(parser: argparse.ArgumentParser) -> None:
    takes_config(parser)
    parser.add_argument("--meeting", type=int, required=True, metavar="N")
    parser.add_argument("--to", required=True, metavar="NAME", help="as device list names it")
    parser.add_argument("--since", type=int, metavar="N", help="only what follows this entry of the ledger")


def _export(options: argparse.Namespace) -> int:
    write_atomically(options.file, _bundle(options))
    say(f"Wrote {options.file}. On {options.to}: thechip-appliance bundle import {options.file.name}")
    return EXIT_OK


def _send(options: argparse.Namespace) -> int:
    send_bundle(_bundle(options), options.address)
    say(f"{options.to} has kept it.")
    return EXIT_OK


def _bundle(options: argparse.Namespace) -> bytes:
    services = open_existing(options)
    return services.bundles.export(options.meeting, options.to, at=services.clock.now(), since=options.since)


def _import(options: argparse.Namespace) -> int:
    services = open_services(options)
    with options.file.open("rb") as file:
        sealed = file.read(LONGEST_SEALED + 1)
    for line in _said(services.bundles.receive(sealed, at=services.clock.now())):
        say(line)
    status = BundleStatus(services.database, services.ledger, services.bundles.vault)
    return _say_who_is_unknown(status)


def _said(received: Received) -> Iterator[str]:
    meeting = f"meeting {received.meeting.id}, {received.meeting.title}"
    if received.new == 0:
        yield f"Nothing new from {received.device.name} ({meeting})."
        return
    yield f"{received.new} new entries from {received.device.name} ({meeting})."
    if received.late:
        yield "The meeting is closed: they came after it, and the figures of the minutes stay what they are."


def _status(options: argparse.Namespace) -> int:
    services = open_existing(options)
    services.bundles.take_over(at=services.clock.now())  # what a power cut left waiting
    uid = None if options.meeting is None else services.meetings.get(options.meeting).uid
    status = BundleStatus(services.database, services.ledger, services.bundles.vault)
    devices = status.of_devices(uid)
    for device in devices:
        for line in _about(device):
            say(line)
    if options.entries and uid is not None:
        for entry in status.entries(uid):
            say(_of_entry(entry))
    unknown = _say_who_is_unknown(status)
    return EXIT_NOT_AS_IT_MUST_BE if any(device.alarms for device in devices) else unknown


def _of_entry(entry: ForeignEntry) -> str:
    times = f"{entry.at:%H:%M:%S} there  {entry.received_at:%H:%M:%S} received"
    here = "" if entry.here is None else f"  here {entry.here}"
    return f"{entry.device:12} {entry.sequence:6}  {times}  {entry.kind:18} {entry.taken}{here}"


def _about(status: DeviceStatus) -> Iterator[str]:
    yield f"{status.device.name}: {len(status.bundles)} bundles; {_counts(status)}"
    for number in status.alarms:
        yield (
            f"  ALARM: it signed two different entries {number} [device-contradicts-itself]. Its key is used twice,"
            " perhaps by a restored backup: find out which appliance is the right one"
        )
    for bundle in status.bundles:
        yield f"  {_of_bundle(bundle)}"
    ranges = [f"{first}–{last}" if first != last else str(first) for first, last in status.missing]
    if ranges:
        more = f" and {len(ranges) - _MOST_RANGES} more ranges" if len(ranges) > _MOST_RANGES else ""
        yield f"  never received: its entries {', '.join(ranges[:_MOST_RANGES])}{more}"


def _counts(status: DeviceStatus) -> str:
    counts = (f"{status.taken[taken]} {taken}" for taken in Taken if status.taken.get(taken))
    return ", ".join(counts) or "nothing of this meeting"


def _of_bundle(bundle: ReceivedBundle) -> str:
    parts = [
        f"entries {bundle.first}–{bundle.last}, made {bundle.made_at:%Y-%m-%d %H:%M:%S} by its clock"
        f"{'' if bundle.their_clock_trusted else ' (not trusted)'}, received {bundle.received_at:%Y-%m-%d %H:%M:%S} by"
        f" ours{'' if bundle.our_clock_trusted else ' (not trusted)'}"
    ]
    if bundle.ahead is not None:
        seconds = round(bundle.ahead.total_seconds())
        about = "about" if bundle.by_network else "at least"
        parts.append(f"its clock is {about} {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} ours")
    if bundle.late:
        parts.append("after the meeting was closed here")
    return "; ".join(parts)


def _say_who_is_unknown(status: BundleStatus) -> int:
    people = status.unmatched()
    for person in people:
        how = f"bundle assign {person.id} --member N --officer NAME"
        say(f"Not known here: {person.who.name}, of {person.device}: {how}")
    return EXIT_NOT_AS_IT_MUST_BE if people else EXIT_OK


def _assign(options: argparse.Namespace) -> int:
    services = open_existing(options)
    services.bundles.assign(options.person, options.member, officer=options.officer, at=services.clock.now())
    say("It counts from now on.")
    return EXIT_OK
