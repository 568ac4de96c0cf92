"""Proposals: one officer says that a member without a card is there, and another one confirms it, or does not.

Until then the member is not counted, and the list shows who proposed them. A proposal that nobody confirmed when the
meeting closes is in the minutes as unconfirmed. Confirmed later, it changes the list as any correction does.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from appliance.checkin.arrival import Arrival, record_arrival
from appliance.checkin.by_hand import stated_arrival
from appliance.checkin.decision import CheckIn
from appliance.checkin.officers import Officer, not_another
from appliance.checkin.records import Records
from appliance.checkin.taking_out import take_out, undecided
from appliance.errors import NotFound, RuleViolation
from appliance.ledger import Entry, EntryKind, Ledger, Sequence
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.meeting import Meeting
from appliance.meetings.service import MeetingService
from appliance.minutes.rows import Proposal
from appliance.names import clean
from appliance.roster import RosterService
from appliance.standing.entries import ARRIVED, LATE, member_subject, said_at
from appliance.standing.standing import standing_about, standing_of_meeting
from appliance.storage.base import utc_text
from appliance.storage.database import Database
from appliance.storage.meetings import MeetingState

_PROPOSED: Final = (EntryKind.PROPOSED,)


class ProposalService:
    """Records proposals, and what became of them."""

    def __init__(self, database: Database, ledger: Ledger, roster: RosterService, meetings: MeetingService) -> None:
        self._records = Records(database, ledger, roster, meetings)

    def propose(
        self,
        member_id: int,
        *,
        reason: str,
        by: Officer,
        at: datetime,
        meeting_id: int | None = None,
        place: str | None = None,
        arrived_at: datetime | None = None,
    ) -> Sequence:
        """Record that a member is there, and why without a card; it counts once another officer confirms it.

        ``place`` is that of a home visit; ``arrived_at`` is when they came, where that was not now. Raises
        RuleViolation for a missing reason, a meeting that was not opened, a time after ``at`` or after the closing, a
        member who is on the list or proposed already; NotFound for an unknown member or meeting, a member who left
        before the meeting closed, or one who was not on its roll then.
        """
        body = {"reason": clean(reason, "the reason"), **by.as_recorder()}
        if place is not None:
            body["place"] = clean(place, "the place")
        with self._records.writing() as writer:
            meeting = self._records.opened(writer, meeting_id)
            member = self._records.expected(writer, member_id, meeting)
            subject = member_subject(member.id)
            self._require_new(writer, meeting, subject)
            # decided now: how long the second officer takes makes nobody late
            body[LATE] = meeting.state is MeetingState.OPEN and place is None and meeting.is_late(at)
            if arrived_at is not None:
                body[ARRIVED] = stated_arrival(meeting, arrived_at, at=at)
                body[LATE] = place is None and meeting.is_late(arrived_at)
            return self._records.append(writer, EntryKind.PROPOSED, meeting, at=at, subject=subject, body=body)

    def confirm(self, sequence: int, *, by: Officer, at: datetime) -> CheckIn:
        """Confirm what another officer proposed: the member is present from when the proposal says on.

        One whose card was read meanwhile is already present. Raises RuleViolation for the officer who proposed it (by
        account or by name), for a proposal that was decided before, or none; NotFound for an unknown entry, one
        whose person was erased, and where ``propose`` raises it.
        """
        with self._records.writing() as writer:
            proposed = undecided(self._records, writer, sequence, _PROPOSED, verb="confirmed")
            body = _body_of(proposed)
            if by.is_same_as(body["recorded_by_account"], body["recorded_by"]):
                raise not_another()
            member_id = int(body["subject"].removeprefix("member:"))
            meeting = self._records.meetings.get(proposed.meeting_id or 0, connection=writer)
            member = self._records.expected(writer, member_id, meeting)
            said: dict[str, JsonValue] = {name: body[name] for name in _KEPT if name in body}
            arrival = Arrival(
                EntryKind.CHECK_IN_BY_HAND,
                body["subject"],
                member.name,
                member,
                {ARRIVED: utc_text(said_at(proposed.at, body)), **said, **by.as_confirmer()},
                is_late=body[LATE],
                refers_to=sequence,
            )
            return record_arrival(self._records, writer, meeting, arrival, at=at)

    def decline(self, sequence: int, *, reason: str, by: Officer, at: datetime) -> Sequence:
        """Say that a proposal is not confirmed; the officer who made it takes it back in the same way.

        Raises RuleViolation for a missing reason, a proposal that was decided before, or none; NotFound for an unknown
        entry.
        """
        body = {"reason": clean(reason, "the reason"), **by.as_recorder()}
        with self._records.writing() as writer:
            return take_out(self._records, writer, sequence, EntryKind.DECLINED, _PROPOSED, body=body, at=at)

    def pending(self, meeting_id: int) -> tuple[Proposal, ...]:
        """Return what waits for a second officer, the oldest first; NotFound for an unknown meeting."""
        with self._records.database.reading() as reader:
            self._records.meetings.get(meeting_id, connection=reader)
            standing = standing_of_meeting(reader, meeting_id, self._records.ledger.bodies)
        proposals = (Proposal.of(entry) for entry in standing.proposals.values())
        return tuple(sorted(proposals, key=lambda proposal: proposal.sequence))

    def _require_new(self, writer: Connection, meeting: Meeting, subject: str) -> None:
        standing = standing_about(writer, meeting.id, subject, self._records.ledger.bodies)
        if subject in standing.presences:
            msg = "this member is on the list already"
            raise RuleViolation(msg)
        if subject in standing.proposals:
            msg = "another officer proposed this member already; confirm that, or decline it first"
            raise RuleViolation(msg)


_KEPT: Final = ("reason", "place", "recorded_by", "recorded_by_account", ARRIVED)


def _body_of(entry: Entry) -> dict[str, Any]:
    if entry.body is None:
        msg = f"the person of entry {entry.sequence} was erased"
        raise NotFound(msg)
    return dict(entry.body)
