"""``person requests`` and ``person access-log``: what persons asked for, and who looked at whom."""

import argparse
import json
from zoneinfo import ZoneInfo

from appliance.commands.console import EXIT_OK, Commands, open_existing, say, takes_config
from appliance.commands.person_options import finder_of, opened_by, register_of, takes_officer
from appliance.persons import Answer, Look, Purpose, RequestKind
from appliance.persons.requests import PersonRequest


def add_to(person: Commands) -> None:
    """Announce the commands below ``person``."""
    requests = person.add_parser("requests", help="the register of requests").add_subparsers(
        required=True, metavar="WHAT"
    )
    show = requests.add_parser("list", help="print the register, what is due first")
    show.add_argument("--json", action="store_true", help="one JSON array")
    takes_config(show)
    show.set_defaults(command=_requests)

    receive = requests.add_parser("receive", help="enter a request; it must be answered within two working days")
    receive.add_argument("kind", choices=[kind.value for kind in RequestKind])
    receive.add_argument("handle", nargs="?", metavar="HANDLE", help="of whom, where that is known")
    takes_officer(receive, _receive)

    answer = requests.add_parser("answer", help="say how a request ended")
    answer.add_argument("request", type=int, metavar="N")
    answer.add_argument("answer", choices=[answer.value for answer in Answer])
    takes_officer(answer, _answer)

    looks = person.add_parser("access-log", help="print who looked at whom; prints names")
    looks.add_argument("--about", metavar="HANDLE", help="only what was about this person")
    looks.add_argument("--json", action="store_true", help="one JSON object a line")
    takes_officer(looks, _access_log)


def _requests(options: argparse.Namespace) -> int:
    services = open_existing(options)
    register = register_of(services).all()
    if options.json:
        say(json.dumps([_fields(one) for one in register], ensure_ascii=False, indent=1))
        return EXIT_OK
    today = services.clock.now().astimezone(ZoneInfo(services.config.time_zone)).date()
    for one in register:
        state = one.answer.value if one.answer is not None else "OVERDUE" if one.due_on < today else "open"
        say(f"{one.id:5d}  {one.kind:10}  due {one.due_on}  {state}")
    say(f"{sum(one.is_open for one in register)} open, {len(register)} in all")
    return EXIT_OK


def _receive(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    subject = None if options.handle is None else finder_of(services).subject_of(options.handle)
    request = register_of(services).receive(RequestKind(options.kind), at=at, by=officer.in_records, subject=subject)
    say(f"Request {request.id}, due on {request.due_on} (public holidays are not known here).")
    return EXIT_OK


def _answer(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    register_of(services).answer(options.request, Answer(options.answer), at=at, by=officer.in_records)
    say(f"Request {options.request} is answered: {options.answer}.")
    return EXIT_OK


def _access_log(options: argparse.Namespace) -> int:
    services, officer, at = opened_by(options)
    services.access_log.looked(officer.id, Look.ROSTER, Purpose.REQUEST, at=at)
    finder, log = finder_of(services), services.access_log
    everybody = finder.by_name("")
    names = {log.tag_of(one.subject): one.name for one in everybody}
    accounts = {account.id: account.in_records for account in services.accounts.all()}
    subject = None if options.about is None else finder.subject_of(options.about)
    after = 0
    while lines := log.lines(after=after, subject=subject):
        for line in lines:
            fields = {
                "id": line.id,
                "at": line.at.isoformat(),
                "by": None if line.account_id is None else accounts.get(line.account_id, f"account {line.account_id}"),
                "what": line.what.value,
                "purpose": line.purpose.value,
                "meeting": line.meeting_id,
                "about": None if line.subject is None else names.get(line.subject, "somebody who was erased"),
            }
            say(json.dumps(fields, ensure_ascii=False) if options.json else _line(fields))
        after = lines[-1].id
    return EXIT_OK


def _line(fields: dict[str, object]) -> str:
    meeting = "" if fields["meeting"] is None else f" of meeting {fields['meeting']}"
    about = "" if fields["about"] is None else f" of {fields['about']}"
    return f"{fields['at']}  {fields['by'] or 'the console'}: {fields['what']}{about}{meeting}, for {fields['purpose']}"


def _fields(one: PersonRequest) -> dict[str, object]:
    return {
        "number": one.id,
        "kind": one.kind.value,
        "received_at": one.received_at.isoformat(),
        "received_by": one.received_by,
        "due_on": one.due_on.isoformat(),
        "answered_at": None if one.answered_at is None else one.answered_at.isoformat(),
        "answered_by": one.answered_by,
        "answer": None if one.answer is None else one.answer.value,
        "entries": one.entries,
    }
