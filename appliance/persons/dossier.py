"""Everything that is kept of one person, gathered for that person.

A member has one subject in the ledger; a guest has one for each meeting, so that a dossier may be of several.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from appliance.accounts import AccountService
from appliance.errors import RuleViolation
from appliance.ledger import Entry, Ledger
from appliance.meetings import Meeting, meeting_in
from appliance.persons.access_log import AccessLine, AccessLog
from appliance.persons.requests import PersonRequest, PersonRequests
from appliance.roster import Member, MemberClass, MemberStatus, RosterService
from appliance.standing.entries import member_subject
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
    """What is kept of a person. ``meetings`` has those that entries name; ``officers`` whose accounts looked."""

    made_at: datetime
    subjects: tuple[str, ...] = field(repr=False)
    member: Member | None = field(repr=False)
    rolls: tuple[RollRecord, ...] = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    looks: tuple[AccessLine, ...] = field(repr=False)
    requests: tuple[PersonRequest, ...] = field(repr=False)
    meetings: Mapping[int, Meeting] = field(repr=False)
    officers: Mapping[int, str] = field(repr=False)

    @property
    def name(self) -> str:
        """The name that is kept, if any."""
        if self.member is not None:
            return self.member.name
        return next((str(entry.body["name"]) for entry in self.entries if entry.body and "name" in entry.body), "")

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
            "looks": [
                {
                    "at": utc_text(line.at),
                    "by": self.officer_of(line),
                    "what": line.what.value,
                    "purpose": line.purpose.value,
                    "meeting": line.meeting_id,
                }
                for line in self.looks
            ],
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

    def of(self, subjects: Sequence[str], *, at: datetime) -> Dossier:
        """Return what is kept of whom the ledger calls by these names. RuleViolation for two members at once."""
        of_members = [subject for subject in subjects if subject.startswith(member_subject(0)[:-1])]
        if len(of_members) > 1:
            msg = "two members are two persons: one dossier each"
            raise RuleViolation(msg)
        member = self.roster.get(int(of_members[0].partition(":")[2])) if of_members else None
        entries = [entry for one in subjects for entry in self.ledger.entries(subject=one, limit=_EVERYTHING)]
        with self.database.reading() as reader:
            rolls = () if member is None else _rolls(reader, member.id)
            named = {entry.meeting_id for entry in entries if entry.meeting_id is not None}
            meetings = {number: meeting_in(reader, number) for number in sorted(named)}
        looks = [line for one in subjects for line in self.access_log.lines(subject=one, limit=_EVERYTHING)]
        return Dossier(
            made_at=at,
            subjects=tuple(subjects),
            member=member,
            rolls=rolls,
            entries=tuple(sorted(entries, key=lambda entry: entry.sequence)),
            looks=tuple(sorted(looks, key=lambda line: line.id)),
            requests=tuple(request for one in subjects for request in self.requests.all(subject=one)),
            meetings=meetings,
            officers={account.id: account.in_records for account in self.accounts.all()},
        )


def _rolls(reader: Connection, member_id: int) -> tuple[RollRecord, ...]:
    query = select(meeting_rolls).where(meeting_rolls.c.member_id == member_id).order_by(meeting_rolls.c.meeting_id)
    return tuple(
        RollRecord(meeting_in(reader, row.meeting_id), row.member_class, row.status)
        for row in reader.execute(query).all()
    )


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
