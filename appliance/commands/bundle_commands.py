"""``bundle``: what this appliance recorded of a meeting, for another one, and what it recorded, for this one."""

import argparse
from pathlib import Path

from appliance.bundles.envelope import LONGEST_SEALED
from appliance.bundles.sending import send_bundle
from appliance.bundles.status import BundleStatus
from appliance.commands.bundle_words import BundleWords, received_words
from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    is_confirmed,
    open_existing,
    open_services,
    say,
    takes_config,
    warn,
)
from appliance.commands.person_options import opened_by, takes_officer
from appliance.errors import ConfigError, StorageError
from appliance.keys import write_atomically
from appliance.keys.files import write_once
from appliance.meetings import Meeting
from appliance.names import folded
from appliance.persons import Look, Purpose
from appliance.services import Services
from appliance.standing.entries import member_subject


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    bundle = commands.add_parser("bundle", help="two appliances, one meeting").add_subparsers(
        required=True, metavar="WHAT"
    )
    export = bundle.add_parser("export", help="write what was recorded of a meeting, sealed to another appliance")
    _which(export)
    export.add_argument("file", type=Path, metavar="FILE|DIR", help="where; in a folder it gets a name of its own")
    export.add_argument("--force", action="store_true", help="overwrite a file that is there")
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

    assign = bundle.add_parser("assign", help="say which member somebody is whom another appliance names; prints names")
    assign.add_argument("person", type=int, metavar="PERSON", help="its number in bundle status")
    assign.add_argument("--member", type=int, required=True, metavar="N")
    assign.add_argument("--yes", action="store_true", help="do not ask once more")
    takes_officer(assign, _assign)


def _which(parser: argparse.ArgumentParser) -> None:
    takes_config(parser)
    parser.add_argument("--meeting", type=int, required=True, metavar="N")
    parser.add_argument("--to", required=True, metavar="NAME", help="as device list names it")
    parser.add_argument("--since", type=int, metavar="N", help="only what follows this entry of the ledger")


def _export(options: argparse.Namespace) -> int:
    services = open_existing(options)
    file: Path = options.file / _name(options, services) if options.file.is_dir() else options.file
    if file.exists() and not options.force:
        raise _is_there(file)
    bundle = _bundle(options, services)
    if options.force:
        write_atomically(file, bundle)
    elif not write_once(file, bundle):
        raise _is_there(file)
    say(f"Wrote {file}. On {options.to}: thechip-appliance bundle import {file.name}")
    return EXIT_OK


def _is_there(file: Path) -> ConfigError:
    return ConfigError(f"there is a file {file.name} already; name another one, or overwrite it: --force")


def _name(options: argparse.Namespace, services: Services) -> str:
    """Return a file's name that any stick takes: which meeting, for whom, and when."""
    whom = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in folded(options.to)).split())
    at = BundleWords.of(services).time(services.clock.now())
    return f"meeting-{options.meeting}-for-{whom or 'another'}-{at.replace(':', '').replace(' ', '-')}.bundle"


def _send(options: argparse.Namespace) -> int:
    send_bundle(_bundle(options, open_existing(options)), options.address)
    say(f"{options.to} has kept it.")
    return EXIT_OK


def _bundle(options: argparse.Namespace, services: Services) -> bytes:
    """Make the bundle; names leave with it, so that it is a look at the meeting's list, and on record before."""
    meeting, at = services.meetings.get(options.meeting), services.clock.now()
    try:
        services.access_log.looked(None, Look.EXPORT, Purpose.CONSOLE, at=at, meeting_id=meeting.id)
    except StorageError as error:  # what was recorded must come away from a store that takes nothing any more
        warn(f"the access log has no line of this: {error.sentence}")
    return services.bundles.export(options.meeting, options.to, at=at, since=options.since)


def _import(options: argparse.Namespace) -> int:
    services = open_services(options)
    with options.file.open("rb") as file:
        sealed = file.read(LONGEST_SEALED + 1)
    received = services.bundles.receive(sealed, at=services.clock.now())
    for line in received_words(received):
        say(line)
    return _say_who_is_unknown(services, received.meeting)


def _status(options: argparse.Namespace) -> int:
    services = open_existing(options)
    services.bundles.take_over(at=services.clock.now())  # what a power cut left waiting
    meeting = None if options.meeting is None else services.meetings.get(options.meeting)
    uid = None if meeting is None else meeting.uid
    status, words = _status_of(services), BundleWords.of(services)
    devices = [one for one in status.of_devices(uid) if one.is_believed or one.bundles or one.alarms]
    for device in devices:
        for line in words.device(device):
            say(line)
    awaited = services.bundles.awaited(options.meeting)
    for one in awaited:
        say(words.awaited(one))
    if options.entries and uid is not None:
        for entry in status.entries(uid):
            say(words.entry(entry))
    unknown = _say_who_is_unknown(services, meeting)
    must_act = awaited or any(device.is_alarming for device in devices)
    return EXIT_NOT_AS_IT_MUST_BE if must_act else unknown


def _status_of(services: Services) -> BundleStatus:
    bundles = services.bundles
    return BundleStatus(services.database, services.ledger, bundles.vault, bundles.pairing.prover)


def _say_who_is_unknown(services: Services, meeting: Meeting | None) -> int:
    """Print whom an officer may name, of a meeting or of all; the access log says which list that was."""
    people = _status_of(services).unmatched(None if meeting is None else meeting.uid)
    if not people:
        return EXIT_OK
    of_meeting = None if meeting is None else meeting.id
    services.access_log.looked(None, Look.LIST, Purpose.CONSOLE, at=services.clock.now(), meeting_id=of_meeting)
    for person in people:
        how = f"bundle assign {person.id} --member N --officer USERNAME"
        perhaps = "".join(f", perhaps member {number}, {who.name}" for number, who in person.perhaps.items())
        say(f"Not known here: {person.who.name}, of {person.device}{perhaps}: {how}")
    return EXIT_NOT_AS_IT_MUST_BE


def _assign(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    subject = member_subject(options.member)
    services.access_log.looked(officer.id, Look.PERSON, Purpose.ATTENDANCE, at=at, subject=subject)
    person, member = _status_of(services).person(options.person), services.roster.get(options.member)
    there, here = f"{person.device} names", f"member {member.id} here"
    width = max(len(there), len(here))
    say(f"{there:{width}}  {person.who.name}")
    say(f"{here:{width}}  {member.name}")
    if not options.yes and not is_confirmed("Is that one person?"):
        warn("nobody was assigned")
        return EXIT_NOT_AS_IT_MUST_BE
    services.bundles.assign(person.id, member.id, officer=officer.in_records, at=at)
    say("It counts from now on.")
    return EXIT_OK
