"""Check-in: what a verified card, or an officer's word, becomes in the ledger.

Everything is decided and appended inside one BEGIN IMMEDIATE, so of two readers in the same second one records the
check-in and the other finds it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind, Ledger, NewEntry, Sequence
from appliance.ledger.canonical_json import JsonValue
from appliance.lists.checked_against import LISTS
from appliance.lists.freshness import ListsAge
from appliance.meetings import Meeting, MeetingService, MeetingState
from appliance.meetings.one_person import recognise
from appliance.meetings.standing import LATE, PRESENCE, is_corrected, member_subject, standing_presence, visitor_subject
from appliance.names import clean
from appliance.roster import Member, RosterService
from appliance.storage.database import Database
from verifier.sdk import Outcome, Report

CHECKPOINT_AFTER = 32
"""Entries between two checkpoints while a meeting is open."""

CORRECTABLE = (*PRESENCE, EntryKind.EXCUSED)


class Decision(StrEnum):
    """What the person in front of the reader is told."""

    PRESENT = "present"
    PRESENT_LATE = "present-late"
    ALREADY_PRESENT = "already-present"
    VISITING = "visiting"
    REFUSED = "refused"
    TRY_AGAIN = "try-again"
    """The card was not read to its end; the station decides this, never ``admit``."""
    SEE_OFFICER = "see-officer"
    NO_MEETING = "no-meeting"
    RECORDED_BY_HAND = "recorded-by-hand"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What was decided; ``sequence`` is the entry that stands for it (of an earlier tap, where already present)."""

    decision: Decision
    reason: str
    at: datetime
    member: Member | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    sequence: Sequence | None = None


class CheckInService:
    """Applies the meeting's rules and records."""

    def __init__(self, database: Database, ledger: Ledger, roster: RosterService, meetings: MeetingService) -> None:
        self._database = database
        self._ledger = ledger
        self._roster = roster
        self._meetings = meetings

    def admit(
        self,
        report: Report,
        *,
        identifier: str | None,
        at: datetime,
        place: str | None = None,
        officer: str | None = None,
        lists: ListsAge | None = None,
    ) -> CheckIn:
        """Decide upon a verified card, and record what is to be recorded before returning.

        ``identifier`` is what the card's profile calls its holder by; ``place`` and ``officer`` are those of a home
        visit, ``lists`` what the card was verified against, and how old it was. A refusal is recorded with its reason
        code and nothing of the person. Raises StorageError or LedgerDamaged where nothing could be recorded.
        """
        against: dict[str, JsonValue] = {} if lists is None else {LISTS: lists.as_body()}
        visit = {**_home_visit(place, officer), **against}
        with self._recording() as writer:
            meeting = self._meetings.current(connection=writer)
            if meeting is None:
                return CheckIn(Decision.NO_MEETING, "no-meeting", at)
            if report.outcome is Outcome.FAILED:
                refusal = NewEntry(EntryKind.REFUSED, meeting.id, body={"reason": report.reason, **against})
                sequence = self._ledger.append(refusal, at=at, connection=writer)
                return CheckIn(Decision.REFUSED, report.reason, at, sequence=sequence)
            if report.outcome is not Outcome.PASSED:
                return CheckIn(Decision.SEE_OFFICER, report.reason, at)
            if identifier is None or not identifier.strip():
                return CheckIn(Decision.SEE_OFFICER, "identifier-missing", at)
            member = recognise(identifier, self._roster, writer, at=at)
            if member is None:
                return self._visitor(writer, meeting, report, identifier, at, body=against)
            return self._present(writer, meeting, member, at, kind=EntryKind.CHECK_IN, body=visit)

    def record_by_hand(
        self,
        member_id: int,
        *,
        reason: str,
        recorded_by: str,
        confirmed_by: str,
        at: datetime,
        meeting_id: int | None = None,
        place: str | None = None,
    ) -> CheckIn:
        """Record a member without a card, on the word of two officers.

        For the open meeting, or a named one that was opened: a forgotten line is added to a closed meeting this way,
        as present and not late. Raises RuleViolation for one officer twice, a missing reason, or a meeting that is
        only planned; NotFound for an unknown member or meeting, or a member who left before the meeting closed.
        """
        body = {"reason": clean(reason, "the reason"), **_two_officers(recorded_by, confirmed_by)}
        if place is not None:
            body["place"] = clean(place, "the place")
        with self._recording() as writer:
            meeting = self._meeting(writer, meeting_id)
            if meeting is None:
                return CheckIn(Decision.NO_MEETING, "no-meeting", at)
            if meeting.state is MeetingState.PLANNED:
                msg = "nobody can be present at a meeting that was not opened"
                raise RuleViolation(msg)
            member = self._expected(writer, member_id, meeting)
            return self._present(writer, meeting, member, at, kind=EntryKind.CHECK_IN_BY_HAND, body=body)

    def excuse(
        self, member_id: int, *, reason: str, recorded_by: str, at: datetime, meeting_id: int | None = None
    ) -> Sequence:
        """Record why a member does not come: for the open meeting, or a named one in any state; a later reason counts.

        Whoever comes nevertheless is present. Raises RuleViolation without a reason or a meeting, NotFound for an
        unknown member or meeting, or a member who left before the meeting closed.
        """
        body = {"reason": clean(reason, "the reason"), "recorded_by": clean(recorded_by, "the officer")}
        with self._recording() as writer:
            meeting = self._meeting(writer, meeting_id)
            if meeting is None:
                msg = "no meeting is open; name the one that the reason is for"
                raise RuleViolation(msg)
            member = self._expected(writer, member_id, meeting)
            entry = NewEntry(EntryKind.EXCUSED, meeting.id, subject=member_subject(member.id), body=body)
            return self._ledger.append(entry, at=at, connection=writer)

    def correct(self, sequence: int, *, reason: str, recorded_by: str, confirmed_by: str, at: datetime) -> Sequence:
        """Take an entry out of the count, on the word of two officers; the entry stays, a new one names it.

        Raises RuleViolation for one officer twice, a missing reason, an entry that was corrected before or is of a kind
        that is never corrected, and NotFound for an unknown one.
        """
        body = {"reason": clean(reason, "the reason"), **_two_officers(recorded_by, confirmed_by)}
        with self._recording() as writer:
            wrong = self._ledger.entry(sequence, connection=writer)
            if wrong.kind not in CORRECTABLE:
                msg = f"an entry of the kind {wrong.kind} is not corrected"
                raise RuleViolation(msg)
            if is_corrected(writer, sequence):
                msg = f"entry {sequence} was corrected before"
                raise RuleViolation(msg)
            subject = None if wrong.body is None else wrong.body["subject"]
            entry = NewEntry(EntryKind.CORRECTION, wrong.meeting_id, refers_to=sequence, subject=subject, body=body)
            return self._ledger.append(entry, at=at, connection=writer)

    @contextmanager
    def _recording(self) -> Iterator[Connection]:
        with self._database.writing() as writer:
            yield writer
        self._ledger.checkpoint(at_least=CHECKPOINT_AFTER)

    def _meeting(self, writer: Connection, meeting_id: int | None) -> Meeting | None:
        if meeting_id is None:
            return self._meetings.current(connection=writer)
        return self._meetings.get(meeting_id, connection=writer)

    def _expected(self, writer: Connection, member_id: int, meeting: Meeting) -> Member:
        """Return a member; one who left is of the minutes of closed meetings only."""
        member = self._roster.get(member_id, connection=writer)
        if member.has_left and meeting.state is not MeetingState.CLOSED:
            msg = f"member {member_id} is not on the roster any more"
            raise NotFound(msg)
        return member

    def _present(
        self,
        writer: Connection,
        meeting: Meeting,
        member: Member,
        at: datetime,
        *,
        kind: EntryKind,
        body: Mapping[str, JsonValue],
    ) -> CheckIn:
        subject = member_subject(member.id)
        before = standing_presence(writer, meeting.id, subject)
        if before is not None:
            decision, reason = Decision.ALREADY_PRESENT, "already-present"
            return CheckIn(decision, reason, before.at, member, member.name, before.sequence)
        late = meeting.state is MeetingState.OPEN and meeting.is_late(at)
        entry = NewEntry(kind, meeting.id, subject=subject, body={**body, LATE: late})
        sequence = self._ledger.append(entry, at=at, connection=writer)
        if kind is EntryKind.CHECK_IN_BY_HAND:
            decision = Decision.RECORDED_BY_HAND
        else:
            decision = Decision.PRESENT_LATE if late else Decision.PRESENT
        return CheckIn(decision, decision.value, at, member, member.name, sequence)

    def _visitor(
        self,
        writer: Connection,
        meeting: Meeting,
        report: Report,
        identifier: str,
        at: datetime,
        *,
        body: Mapping[str, JsonValue],
    ) -> CheckIn:
        holder = report.holder
        if holder is None:
            return CheckIn(Decision.SEE_OFFICER, "holder-missing", at)
        name = f"{holder.surname} {holder.given_names}".strip()
        subject = visitor_subject(self._roster.identifier_hash(identifier))
        before = standing_presence(writer, meeting.id, subject)
        if before is not None:
            return CheckIn(Decision.ALREADY_PRESENT, "already-present", before.at, None, name, before.sequence)
        who: dict[str, JsonValue] = {"name": name, "issuing_state": holder.issuing_state, LATE: meeting.is_late(at)}
        entry = NewEntry(EntryKind.VISIT, meeting.id, subject=subject, body={**body, **who})
        sequence = self._ledger.append(entry, at=at, connection=writer)
        return CheckIn(Decision.VISITING, "not-on-roster", at, None, name, sequence)


def _two_officers(recorded_by: str, confirmed_by: str) -> dict[str, JsonValue]:
    first, second = clean(recorded_by, "the officer"), clean(confirmed_by, "the second officer")
    if first.casefold() == second.casefold():
        msg = "the officer who confirms must be another one than the officer who records"
        raise RuleViolation(msg)
    return {"recorded_by": first, "confirmed_by": second}


def _home_visit(place: str | None, officer: str | None) -> dict[str, JsonValue]:
    if place is None and officer is None:
        return {}
    return {"place": clean(place or "", "the place"), "officer": clean(officer or "", "the officer")}
