"""Check-in: what a verified card, or an officer's word, becomes in the ledger.

Everything is decided and appended inside one BEGIN IMMEDIATE, so of two readers in the same second one records the
check-in and the other finds it.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from appliance.checkin.arrival import Arrival, record_arrival
from appliance.checkin.by_hand import ByHand
from appliance.checkin.decision import CheckIn, Decision
from appliance.checkin.one_person import recognise
from appliance.checkin.records import CHECKPOINT_AFTER, Records
from appliance.ledger import EntryKind, Ledger
from appliance.ledger.canonical_json import JsonValue
from appliance.lists.checked_against import LISTS
from appliance.lists.freshness import ListsAge
from appliance.meetings.events import is_admitted
from appliance.meetings.home_visits import current_visit
from appliance.meetings.meeting import Meeting
from appliance.meetings.seen_cards import SeenCards
from appliance.meetings.service import MeetingService
from appliance.names import clean
from appliance.roster import RosterService
from appliance.standing.entries import member_subject, visitor_subject
from appliance.storage.database import Database
from appliance.storage.meetings import MeetingMode
from verifier.sdk import Outcome, Report

__all__ = ["CHECKPOINT_AFTER", "CheckIn", "CheckInService", "Decision"]


@dataclass(frozen=True, slots=True)
class _Tap:
    """A verified card, whose it is said to be, and where it was held to the reader."""

    report: Report
    identifier: str = field(repr=False)
    at: datetime
    against: Mapping[str, JsonValue]
    visit: Mapping[str, JsonValue] = field(repr=False)


class CheckInService(ByHand):
    """Applies the meeting's rules and records: cards here, the word of officers by ``ByHand``."""

    def __init__(self, database: Database, ledger: Ledger, roster: RosterService, meetings: MeetingService) -> None:
        super().__init__(Records(database, ledger, roster, meetings))
        self._ledger = ledger
        self._roster = roster
        self._seen = SeenCards()

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
        visit, the current one (``home_visits``) unless they are given; ``lists`` is what the card was verified
        against, and how old it was. A refusal is recorded with its reason code and nothing of the person. Raises
        StorageError or LedgerDamaged where nothing could be recorded.
        """
        against: dict[str, JsonValue] = {} if lists is None else {LISTS: lists.as_body()}
        visit = _home_visit(place, officer)
        with ExitStack() as undo:
            with self._records.writing() as writer:
                meeting = self._records.meetings.current(connection=writer)
                if meeting is None or meeting.mode is not MeetingMode.COUNTS:
                    self._seen.forget()
                if meeting is None:
                    return CheckIn(Decision.NO_MEETING, "no-meeting", at)
                tap = _Tap(report, identifier or "", at, against, visit or self._current_visit(writer, meeting))
                answer = self._nobody(writer, meeting, tap) or self._person(writer, meeting, tap, undo)
            undo.pop_all()  # committed
        return answer

    # --- a card ------------------------------------------------------------------------------------------------------

    def _nobody(self, writer: Connection, meeting: Meeting, tap: _Tap) -> CheckIn | None:
        """Answer a card that did not pass, or names nobody; None for one that did."""
        reason = tap.report.reason
        if tap.report.outcome is Outcome.FAILED:
            body = {"reason": reason, **tap.against}
            sequence = self._records.append(writer, EntryKind.REFUSED, meeting, at=tap.at, body=body)
            return CheckIn(Decision.REFUSED, reason, tap.at, sequence=sequence)
        if tap.report.outcome is not Outcome.PASSED:
            return CheckIn(Decision.SEE_OFFICER, reason, tap.at)
        if not tap.identifier.strip():
            return CheckIn(Decision.SEE_OFFICER, "identifier-missing", tap.at)
        return None

    def _person(self, writer: Connection, meeting: Meeting, tap: _Tap, undo: ExitStack) -> CheckIn:
        if meeting.mode is MeetingMode.COUNTS:
            member = self._roster.find_by_identifier(tap.identifier, connection=writer)
        else:
            member = recognise(tap.identifier, self._records, writer, meeting, at=tap.at)
        if not is_admitted(writer, meeting, tap.report, member, self._roster.identifier_hash(tap.identifier)):
            return CheckIn(Decision.SEE_OFFICER, "not-admitted", tap.at)
        if meeting.mode is MeetingMode.COUNTS:
            return self._counted(writer, meeting, tap, undo)
        if member is None:
            return self._visitor(writer, meeting, tap)
        body = {**tap.visit, **tap.against}
        arrival = Arrival(
            EntryKind.CHECK_IN, member_subject(member.id), member.name, member, body, is_at_home=bool(tap.visit)
        )
        return record_arrival(self._records, writer, meeting, arrival, at=tap.at)

    def _visitor(self, writer: Connection, meeting: Meeting, tap: _Tap) -> CheckIn:
        holder = tap.report.holder
        if holder is None:
            return CheckIn(Decision.SEE_OFFICER, "holder-missing", tap.at)
        name = f"{holder.surname} {holder.given_names}".strip()
        subject = visitor_subject(self._roster.identifier_hash(tap.identifier))
        body = {**tap.visit, **tap.against, "name": name, "issuing_state": holder.issuing_state}
        arrival = Arrival(EntryKind.VISIT, subject, name, None, body, is_at_home=bool(tap.visit))
        return record_arrival(self._records, writer, meeting, arrival, at=tap.at)

    def _counted(self, writer: Connection, meeting: Meeting, tap: _Tap, undo: ExitStack) -> CheckIn:
        """Count one more at an event that keeps nothing of anybody; what is not committed is not remembered."""
        reason = meeting.outside_window(tap.at)
        if reason is not None:
            return CheckIn(Decision.SEE_OFFICER, reason, tap.at)
        if not self._seen.add(meeting.uid, tap.identifier):
            return CheckIn(Decision.ALREADY_PRESENT, "already-counted", tap.at)
        undo.callback(self._seen.take_back, meeting.uid, tap.identifier)
        sequence = self._records.append(writer, EntryKind.COUNTED, meeting, at=tap.at, body=tap.against)
        return CheckIn(Decision.PRESENT, "counted", tap.at, sequence=sequence)

    def _current_visit(self, writer: Connection, meeting: Meeting) -> dict[str, JsonValue]:
        visit = current_visit(writer, meeting, self._ledger.bodies)
        return {} if visit is None else {"place": visit.place, "officer": visit.officer}


def _home_visit(place: str | None, officer: str | None) -> dict[str, JsonValue]:
    if place is None and officer is None:
        return {}
    return {"place": clean(place or "", "the place"), "officer": clean(officer or "", "the officer")}
