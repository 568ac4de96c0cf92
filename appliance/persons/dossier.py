"""Everything that is kept of one person, gathered for that person.

A member has one subject in the ledger, and another one of visits before their card was matched; a guest has one for
each meeting, so that a dossier may be of several.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from appliance.accounts import AccountService
from appliance.errors import RuleViolation
from appliance.ledger import Entry, Ledger
from appliance.meetings import Meeting, meeting_in
from appliance.persons.access_log import AccessLine, AccessLog
from appliance.persons.elsewhere import Elsewhere, ForeignRecord, KnownElsewhere
from appliance.persons.looks_at_lists import looks_at_lists
from appliance.persons.requests import PersonRequest, PersonRequests
from appliance.persons.subjects import as_they_stand, with_earlier_visits
from appliance.roster import Member, MemberClass, MemberStatus, RosterService
from appliance.standing.entries import member_of
from appliance.storage.base import utc_text
from appliance.storage.database import Database
from appliance.storage.meetings import meeting_rolls

FORMAT: Final = "thechip-person-1"
_EVERYTHING: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class RollRecord:
    """One closed meeting at which the person was expected, and as what."""

    meeting: Meeting
    member_class: MemberClass
    status: MemberStatus


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is kept of a person. ``meetings`` has those that entries and looks name; ``officers`` whose accounts looked.

    ``known_as`` is whom other appliances mean by this person, ``elsewhere`` what they told and our ledger did not take
    over. ``looks`` were at this person, ``list_looks`` at lists on which they stood.
    """

    made_at: datetime
    subjects: tuple[str, ...] = field(repr=False)
    member: Member | None = field(repr=False)
    rolls: tuple[RollRecord, ...] = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    known_as: tuple[KnownElsewhere, ...] = field(repr=False)
    elsewhere: tuple[ForeignRecord, ...] = field(repr=False)
    looks: tuple[AccessLine, ...] = field(repr=False)
    list_looks: tuple[AccessLine, ...] = field(repr=False)
    requests: tuple[PersonRequest, ...] = field(repr=False)
    meetings: Mapping[int, Meeting] = field(repr=False)
    officers: Mapping[int, str] = field(repr=False)

    @property
    def name(self) -> str:
        """The name that is kept, if any."""
        if self.member is not None:
            return self.member.name
        bodies = [entry.body or {} for entry in self.entries] + [record.body for record in self.elsewhere]
        names = (*(known.name for known in self.known_as), *(str(body["name"]) for body in bodies if "name" in body))
        return next(iter(names), "")

    def as_json(self) -> dict[str, Any]:
        """Return it as what ``json.dumps`` writes; times are UTC."""
        return {
            "format": FORMAT,
            "made_at": utc_text(self.made_at),
            "roster": None if self.member is None else _member(self.member),
            "rolls": [
                {"meeting": _meeting(one.meeting), "class": one.member_class.value, "status": one.status.value}
                for one in self.rolls
            ],
            "entries": [self._entry(entry) for entry in self.entries],
            "known_elsewhere": [
                {
                    "appliance": one.appliance,
                    "name": one.name,
                    "published_list": one.published_list,
                    "published_id": one.published_id,
                }
                for one in self.known_as
            ],
            "recorded_elsewhere": [_record(one) for one in self.elsewhere],
            "looks": [{**self._look(line), "meeting": line.meeting_id} for line in self.looks],
            "looks_at_lists": [{**self._look(line), "meeting": self._meeting(line)} for line in self.list_looks],
            "requests": [
                {
                    "number": one.id,
                    "kind": one.kind.value,
                    "received_at": utc_text(one.received_at),
                    "due_on": one.due_on.isoformat(),
                    "answered_at": None if one.answered_at is None else utc_text(one.answered_at),
                    "answer": None if one.answer is None else one.answer.value,
                }
                for one in self.requests
            ],
        }

    def officer_of(self, line: AccessLine) -> str | None:
        """Return who looked, as the records call them; None at the machine's command line."""
        return None if line.account_id is None else self.officers.get(line.account_id, f"account {line.account_id}")

    def _look(self, line: AccessLine) -> dict[str, Any]:
        return {
            "at": utc_text(line.at),
            "by": self.officer_of(line),
            "what": line.what.value,
            "purpose": line.purpose.value,
        }

    def _meeting(self, line: AccessLine) -> dict[str, Any] | None:
        return None if line.meeting_id is None else _meeting(self.meetings[line.meeting_id])

    def _entry(self, entry: Entry) -> dict[str, Any]:
        meeting = None if entry.meeting_id is None else self.meetings[entry.meeting_id]
        return {
            "sequence": entry.sequence,
            "at": utc_text(entry.at),
            "kind": entry.kind.value,
            "meeting": None if meeting is None else _meeting(meeting),
            "refers_to": entry.refers_to,
            "body": entry.body,
        }


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Gathers dossiers from every place where persons are kept."""

    database: Database
    ledger: Ledger
    roster: RosterService
    accounts: AccountService
    access_log: AccessLog
    requests: PersonRequests
    elsewhere: Elsewhere

    def of(self, subjects: Sequence[str], *, at: datetime) -> Dossier:
        """Return what is kept of whom the ledger calls by these names, a member's earlier visits among it.

        Of a member who was two lines it is about both. Raises RuleViolation for two members at once.
        """
        with self.database.reading() as reader:
            member = self._member(reader, subjects)
            names = with_earlier_visits(reader, subjects)
            lines = [number for number in map(member_of, names) if number is not None]
            found = (self.ledger.entries(subject=one, limit=_EVERYTHING, connection=reader) for one in names)
            entries = sorted((entry for some in found for entry in some), key=lambda entry: entry.sequence)
            rolls = _rolls(reader, lines)
            told = [one for one in self.elsewhere.records(connection=reader) if one.subject in names]
            list_looks = looks_at_lists(reader, self.access_log, lines, entries, told)
            named = {entry.meeting_id for entry in entries} | {line.meeting_id for line in list_looks}
            meetings = {number: meeting_in(reader, number) for number in named if number is not None}
        return Dossier(
            made_at=at,
            subjects=names,
            member=member,
            rolls=rolls,
            entries=tuple(entries),
            known_as=tuple(one for one in self.elsewhere.people() if one.subject in names),
            elsewhere=tuple(told),
            looks=self.access_log.lines(subjects=names, limit=_EVERYTHING),
            list_looks=list_looks,
            requests=tuple(request for one in names for request in self.requests.all(subject=one)),
            meetings=meetings,
            officers={account.id: account.in_records for account in self.accounts.all()},
        )

    def _member(self, reader: Connection, subjects: Sequence[str]) -> Member | None:
        numbers = [number for number in map(member_of, as_they_stand(reader, subjects)) if number is not None]
        if len(numbers) > 1:
            msg = "two members are two persons: one dossier each"
            raise RuleViolation(msg)
        return self.roster.get(numbers[0], connection=reader) if numbers else None


def _rolls(reader: Connection, lines: Collection[int]) -> tuple[RollRecord, ...]:
    query = select(meeting_rolls).where(meeting_rolls.c.member_id.in_(lines)).order_by(meeting_rolls.c.meeting_id)
    return tuple(
        RollRecord(meeting_in(reader, row.meeting_id), row.member_class, row.status)
        for row in reader.execute(query).all()
    )


def _record(record: ForeignRecord) -> dict[str, Any]:
    return {
        "appliance": record.appliance,
        "sequence": record.sequence,
        "at": utc_text(record.at),
        "kind": record.kind,
        "meeting": record.meeting_title,
        "body": dict(record.body),
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "number": member.id,
        "name": member.name,
        "class": member.member_class.value,
        "status": member.status.value,
        "note": member.note,
        "has_card_number_hash": member.has_identifier,
        "has_sealed_card_password": member.has_password,
        "has_left": member.has_left,
    }


def _meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "number": meeting.id,
        "kind": meeting.kind.value,
        "title": meeting.title,
        "place": meeting.place,
        "starts_at": utc_text(meeting.starts_at),
    }
