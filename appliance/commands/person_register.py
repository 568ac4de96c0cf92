"""``person requests`` and ``person access-log``: what persons asked for, and who looked at whom."""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self
from zoneinfo import ZoneInfo

from appliance.commands.console import EXIT_OK, Commands, open_existing, say, takes_config
from appliance.commands.person_options import finder_of, opened_by, register_of, takes_officer
from appliance.persons import AccessLine, Answer, Look, Purpose, RequestKind
from appliance.persons.requests import PersonRequest
from appliance.persons.subjects import with_earlier_visits
from appliance.services import Services

_NOBODY = "somebody at the machine, without an account,"
_DID = {
    Look.PERSON: "looked at the data",
    Look.LIST: "looked at the list",
    Look.EXPORT: "took a file of the list",
    Look.ROSTER: "looked at the roster",
    Look.DOSSIER: "took the dossier",
}
_DID_OF_NO_MEETING = {
    Look.LIST: "looked at the list of whom other appliances named and nobody here knows",
    Look.EXPORT: "took a file of the whole ledger",
}
_WHY = {
    Purpose.ATTENDANCE: "for attendance",
    Purpose.REQUEST: "for a person's request",
    Purpose.CONSOLE: "for technical work",
}


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
    finder = finder_of(services)
    names: dict[bytes, str] = {}
    for one in finder.by_name(""):
        names.setdefault(services.access_log.tag_of(one.subject), one.name)  # the name here comes first, before theirs
    accounts = {account.id: account.in_records for account in services.accounts.all()}
    zone = ZoneInfo(services.config.time_zone)
    for line in _lines(services, None if options.about is None else finder.subject_of(options.about)):
        said = _Said.of(line, accounts, names)
        say(json.dumps(said.fields(), ensure_ascii=False) if options.json else said.sentence(zone))
    return EXIT_OK


def _lines(services: Services, about: str | None) -> Iterator[AccessLine]:
    """Yield every line of the log, or those about one person, a thousand at a time."""
    subjects = None
    if about is not None:
        with services.database.reading() as reader:
            subjects = with_earlier_visits(reader, [about])
    after = 0
    while lines := services.access_log.lines(after=after, subjects=subjects):
        yield from lines
        after = lines[-1].id


@dataclass(frozen=True, slots=True)
class _Said:
    """A line of the log in words: by whom (None: at the console), about whom (None: nobody in particular)."""

    line: AccessLine
    by: str | None
    about: str | None = field(repr=False)

    @classmethod
    def of(cls, line: AccessLine, accounts: Mapping[int, str], names: Mapping[bytes, str]) -> Self:
        by = None if line.account_id is None else accounts.get(line.account_id, f"account {line.account_id}")
        return cls(line, by, None if line.subject is None else names.get(line.subject, "somebody who was erased"))

    def sentence(self, zone: ZoneInfo) -> str:
        """Say it with the time of the appliance's own zone."""
        at = self.line.at.astimezone(zone)
        about = "" if self.about is None else f" of {self.about}"
        meeting = "" if self.line.meeting_id is None else f" of meeting {self.line.meeting_id}"
        did = f"{_DID[self.line.what]}{about}{meeting}"
        if self.line.meeting_id is None:
            did = _DID_OF_NO_MEETING.get(self.line.what, did)
        return f"{at:%Y-%m-%d %H:%M:%S}  {self.by or _NOBODY} {did}, {_WHY[self.line.purpose]}"

    def fields(self) -> dict[str, object]:
        """Say it for a program; the time is UTC."""
        return {
            "id": self.line.id,
            "at": self.line.at.isoformat(),
            "by": self.by,
            "what": self.line.what.value,
            "purpose": self.line.purpose.value,
            "meeting": self.line.meeting_id,
            "about": self.about,
        }


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
