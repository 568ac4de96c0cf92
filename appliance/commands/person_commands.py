"""``person``: what a person may ask of whoever keeps data about them, from finding it to erasing it."""

import argparse
import json
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.accounts import Account
from appliance.checkin.erasure import ErasureService
from appliance.commands import person_register
from appliance.commands.console import EXIT_OK, EXIT_USAGE, Commands, asked, is_typed, say, warn
from appliance.commands.person_options import elsewhere_of, finder_of, opened_by, register_of, takes_officer
from appliance.errors import ConfigError
from appliance.keys.files import write_once
from appliance.names import count
from appliance.persons import Answer, Look, Purpose
from appliance.persons.dossier import Dossier, Dossiers
from appliance.persons.erasing import Erasing
from appliance.persons.finding import Found
from appliance.persons.paired import PairedAppliances, paired_appliances
from appliance.persons.requests import PersonRequest
from appliance.services import Services
from appliance.standing.entries import member_of

_HANDLES = "member:7, entry:123 or elsewhere:5, as person find prints them"
_EARLIER_VISITS = (
    "Visits before they were on this roster are found by the number of the card only: person find --number"
)


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    person = commands.add_parser("person", help="what somebody may ask: find, export, erase, requests").add_subparsers(
        required=True, metavar="WHAT"
    )
    find = person.add_parser("find", help="print of whom something is kept, by name; prints names")
    find.add_argument("name", nargs="*", help="words of the name, without accents if you like")
    find.add_argument("--number", action="store_true", help="ask for the number of a card instead")
    takes_officer(find, _find)

    export = person.add_parser("export", help="write all that is kept of one person, as JSON and as PDF")
    export.add_argument("handles", nargs="+", metavar="HANDLE", help=_HANDLES)
    export.add_argument("--to", type=Path, required=True, metavar="DIR", help="where the two files are written")
    export.add_argument("--request", type=int, metavar="N", help="the request that is answered by it")
    takes_officer(export, _export)

    erase = person.add_parser("erase", help="erase one person for ever; figures of closed meetings stay")
    erase.add_argument("handles", nargs="+", metavar="HANDLE", help=_HANDLES)
    erase.add_argument("--request", type=int, metavar="N", help="the request that is answered by it")
    erase.add_argument("--yes", action="store_true", help="do not ask once more")
    takes_officer(erase, _erase)

    person_register.add_to(person)


def _find(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    finder = finder_of(services)
    if options.number == bool(options.name):
        warn("say a name, or --number to be asked for the number of a card")
        return EXIT_USAGE
    services.access_log.looked(officer.id, Look.ROSTER, Purpose.REQUEST, at=at)
    found = finder.by_number(asked("Number: ")) if options.number else finder.by_name(" ".join(options.name))
    for one in found:
        say(f"{one.handle:12}  {one.name}  ({_kind(one, services)})")
    say(f"{len(found)} found")
    return EXIT_OK


def _export(options: argparse.Namespace) -> int:
    from appliance.persons.paper import as_pdf  # noqa: PLC0415 – fonts and images take their time, and few need them

    services, officer, at = opened_by(options)
    subjects = list(_subjects(options.handles, services))
    requests = register_of(services)
    if options.request is not None:
        requests.require_open(options.request)
    for subject in subjects:
        services.access_log.looked(officer.id, Look.DOSSIER, Purpose.REQUEST, at=at, subject=subject)
    dossier = _dossiers(services).of(subjects, at=at)
    answered = [_answered(one, at, officer) if one.id == options.request else one for one in dossier.requests]
    dossier = replace(dossier, requests=tuple(answered))
    device = services.keys.device_public.public_bytes_raw().hex()
    pdf = as_pdf(dossier, device=device, time_zone=services.config.time_zone)
    text = json.dumps(dossier.as_json(), ensure_ascii=False, indent=1) + "\n"
    stem = f"{options.handles[0].replace(':', '-')}-{at:%Y%m%d-%H%M%S}"  # no name: it would stand in every folder
    files = {options.to / f"{stem}.json": text.encode(), options.to / f"{stem}.pdf": pdf}
    _write_all(files)
    for path in files:
        say(f"Wrote {path}")
    if _may_leave_visits(subjects, services):
        say(_EARLIER_VISITS)
    if options.request is not None:
        requests.answer(options.request, Answer.DONE, at=at, by=officer.in_records)
        say(f"Request {options.request} is answered. Hand both over, then delete the files.")
    return EXIT_OK


def _write_all(contents: Mapping[Path, bytes]) -> None:
    """Write all of these files, whole and mode 0600, or none: a person's name stays in no half of them."""
    for path in contents:
        if path.exists():
            msg = f"there is a file {path.name} already; it is not overwritten"
            raise ConfigError(msg)
    try:
        for path, content in contents.items():
            write_once(path, content)
    except OSError as error:
        for path in contents:
            path.unlink(missing_ok=True)
        why = error.strerror or "it cannot be used"
        msg = f"the folder of --to takes no files ({why}), and neither of the two was left in it: name another"
        raise ConfigError(msg) from error


def _answered(request: PersonRequest, at: datetime, officer: Account) -> PersonRequest:
    """Return a request as it will be once the files, which answer it, are written."""
    return replace(request, answer=Answer.DONE, answered_at=at, answered_by=officer.in_records)


def _erase(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    handles = _subjects(options.handles, services)
    subjects = list(handles)
    for subject, handle in handles.items():
        services.access_log.looked(officer.id, Look.PERSON, Purpose.REQUEST, at=at, subject=subject)
        say(f"{handle:12}  {_who(_dossiers(services).of([subject], at=at))}")
    if not options.yes and not is_typed("ERASE", "All of it goes, and this cannot be undone."):
        warn("nothing was erased")
        return EXIT_USAGE
    leaves_visits = _may_leave_visits(subjects, services)
    paired = paired_appliances(services.database, services.ledger, elsewhere_of(services), subjects)
    erased = _erasing(services).erase(subjects, at=at, officer=officer.in_records, request=options.request)
    say(f"Erased from {count(len(erased.entries), 'entry')} of the ledger. Figures of closed meetings stay.")
    if erased.elsewhere:
        say(f"Of other appliances, {count(erased.elsewhere, 'entry')} that waited here went, too.")
    if leaves_visits:
        say(_EARLIER_VISITS)
    believed = [device.name for device in services.bundles.pairing.all()]
    for line in _at_paired(paired, believed):
        say(line)
    say("Backups that were made before still hold this person, and so does a roster that the province publishes.")
    return EXIT_OK


def _at_paired(paired: PairedAppliances, believed: Collection[str]) -> Iterator[str]:
    if paired.recorded:
        yield f"Recorded this person, too, and keeps it: {_named(paired.recorded)}. There: person find, person erase."
    if paired.others:
        yield f"May have this person on its own roster: {_named(paired.others)}. There: person find, person erase."
    for name, meeting_id in paired.shared.items():
        if name not in believed:  # it was removed: no bundle is sealed to it
            continue
        how = f"bundle export --meeting {meeting_id} --to {shlex.quote(name)}"
        yield f"What “{name}” has from here is erased there by the next bundle: {how} FILE."


def _who(dossier: Dossier) -> str:
    told = f", {count(len(dossier.elsewhere), 'entry')} of other appliances" if dossier.elsewhere else ""
    return f"{dossier.name}: {count(len(dossier.entries), 'entry')}{told}"


def _named(appliances: tuple[str, ...]) -> str:
    return ", ".join(f"“{name}”" for name in appliances)


def _dossiers(services: Services) -> Dossiers:
    return Dossiers(
        services.database,
        services.ledger,
        services.roster,
        services.accounts,
        services.access_log,
        register_of(services),
        elsewhere_of(services),
    )


def _erasing(services: Services) -> Erasing:
    return Erasing(
        services.database, services.ledger, _erasure(services), register_of(services), elsewhere_of(services)
    )


def _erasure(services: Services) -> ErasureService:
    return ErasureService(services.database, services.ledger, services.roster)


def _may_leave_visits(subjects: list[str], services: Services) -> bool:
    numbers = [number for number in map(member_of, subjects) if number is not None]
    return any(_erasure(services).may_leave_visits(number) for number in numbers)


def _subjects(handles: list[str], services: Services) -> dict[str, str]:
    """Return whom the handles mean, each once, with the last handle that means them."""
    finder = finder_of(services)
    return {finder.subject_of(handle): handle for handle in handles}


def _kind(one: Found, services: Services) -> str:
    parts = [one.kind]
    if one.at is not None:
        parts.append(f"{one.at.astimezone(ZoneInfo(services.config.time_zone)):%Y-%m-%d}")
    if one.appliance is not None:
        parts.append(f"by “{one.appliance}”")
    return ", ".join(parts)
