"""By hand: what enters a meeting's list, or leaves the count, on the word of officers.

A presence, and its correction, take two officers: named at once here, or one after the other (``proposals``). Why
somebody does not come, and when they left, one officer records.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from appliance.checkin.arrival import Arrival, record_arrival
from appliance.checkin.decision import CheckIn, Decision
from appliance.checkin.officers import two_officers
from appliance.checkin.records import Records, require_names, require_opened
from appliance.checkin.taking_out import take_out
from appliance.errors import RuleViolation
from appliance.ledger import EntryKind, Sequence
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.meeting import Meeting
from appliance.names import clean
from appliance.roster import Member
from appliance.standing.entries import ARRIVED, LEFT, PRESENCE, MeetingEntry, member_subject
from appliance.standing.standing import standing_about
from appliance.storage.base import utc_text
from appliance.storage.meetings import MeetingMode

CORRECTABLE: Final = (*PRESENCE, EntryKind.EXCUSED, EntryKind.CHECK_OUT, EntryKind.GUEST, EntryKind.COUNTED)


class ByHand:
    """Records what officers say."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def expected(self, member_id: int, meeting_id: int) -> Member:
        """Return a member who has a line in the list of a meeting; NotFound for nobody, and for whoever has none."""
        with self._records.database.reading() as reader:
            meeting = self._records.meetings.get(meeting_id, connection=reader)
            return self._records.expected(reader, member_id, meeting)

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
        arrived_at: datetime | None = None,
    ) -> CheckIn:
        """Record a member without a card, on the word of two officers.

        For the open meeting, or a named one that was opened: a forgotten line is added to a closed meeting this way,
        as present and not late; so is one in a home visit, whose ``place`` is given. ``arrived_at`` is when they came,
        where that is known, and tells whether they were late. Raises RuleViolation for one officer twice, a missing
        reason, a time after ``at`` or after the closing, or a meeting that is only planned or keeps no names; NotFound
        for an unknown member or meeting, a member who left before the meeting closed, or one who was not on its roll
        then.
        """
        body = {"reason": clean(reason, "the reason"), **two_officers(recorded_by, confirmed_by)}
        if place is not None:
            body["place"] = clean(place, "the place")
        with self._records.writing() as writer:
            meeting = self._records.meeting(writer, meeting_id)
            if meeting is None:
                return CheckIn(Decision.NO_MEETING, "no-meeting", at)
            require_opened(meeting)
            require_names(meeting)
            member = self._records.expected(writer, member_id, meeting)
            subject = member_subject(member.id)
            late = None
            if arrived_at is not None:
                body[ARRIVED] = stated_arrival(meeting, arrived_at, at=at)
                late = place is None and meeting.is_late(arrived_at)
            is_at_home = place is not None
            arrival = Arrival(EntryKind.CHECK_IN_BY_HAND, subject, member.name, member, body, is_at_home, late)
            return record_arrival(self._records, writer, meeting, arrival, at=at)

    def count_by_hand(
        self, *, reason: str, recorded_by: str, confirmed_by: str, at: datetime, meeting_id: int | None = None
    ) -> Sequence:
        """Count one more at an event that keeps no names, without a card, on the word of two officers.

        Raises RuleViolation for one officer twice, a missing reason, a meeting that is not such an event or was not
        opened; NotFound for an unknown one. A reason says why there is no card, and not who it is.
        """
        body = {"reason": clean(reason, "the reason"), **two_officers(recorded_by, confirmed_by)}
        with self._records.writing() as writer:
            meeting = self._records.meeting(writer, meeting_id)
            if meeting is None or meeting.mode is not MeetingMode.COUNTS:
                msg = "only at an event that keeps no names people are counted by hand"
                raise RuleViolation(msg)
            require_opened(meeting)
            return self._records.append(writer, EntryKind.COUNTED, meeting, at=at, body=body)

    def excuse(
        self, member_id: int, *, reason: str, recorded_by: str, at: datetime, meeting_id: int | None = None
    ) -> Sequence:
        """Record why a member does not come: for the open meeting, or a named one in any state; a later reason counts.

        Whoever comes nevertheless is present. Of a closed meeting the list then says so, and its minutes stay what they
        were. Raises RuleViolation without a reason or a meeting, and for an event that expects nobody; NotFound for an
        unknown member or meeting, a member who left before the meeting closed, or one who was not on its roll then.
        """
        body: dict[str, JsonValue] = {
            "reason": clean(reason, "the reason"),
            "recorded_by": clean(recorded_by, "the officer"),
        }
        with self._records.writing() as writer:
            meeting = self._records.named_or_open(writer, meeting_id)
            if meeting.mode is not MeetingMode.ROSTER:
                msg = "this event expects nobody, so nobody is absent from it"
                raise RuleViolation(msg)
            member = self._records.expected(writer, member_id, meeting)
            subject = member_subject(member.id)
            return self._records.append(writer, EntryKind.EXCUSED, meeting, at=at, subject=subject, body=body)

    def withdraw_excuse(self, sequence: int, *, reason: str, recorded_by: str, at: datetime) -> Sequence:
        """Let a reason for an absence count no more: the member takes it back, or the committee does not accept it.

        An earlier reason of the same member counts again. Raises RuleViolation without a reason, for another kind of
        entry and for one that was withdrawn or corrected before; NotFound for no such entry.
        """
        body: dict[str, JsonValue] = {
            "reason": clean(reason, "the reason"),
            "recorded_by": clean(recorded_by, "the officer"),
        }
        withdrawn = EntryKind.EXCUSE_WITHDRAWN
        with self._records.writing() as writer:
            return take_out(self._records, writer, sequence, withdrawn, (EntryKind.EXCUSED,), body=body, at=at)

    def correct(self, sequence: int, *, reason: str, recorded_by: str, confirmed_by: str, at: datetime) -> Sequence:
        """Take an entry out of the count, on the word of two officers; the entry stays, a new one names it.

        Raises RuleViolation for one officer twice, a missing reason, an entry that was corrected before or is of a kind
        that is never corrected, and NotFound for an unknown one.
        """
        body = {"reason": clean(reason, "the reason"), **two_officers(recorded_by, confirmed_by)}
        with self._records.writing() as writer:
            return take_out(self._records, writer, sequence, EntryKind.CORRECTION, CORRECTABLE, body=body, at=at)

    def check_out_by_hand(
        self,
        member_id: int,
        *,
        left_at: datetime,
        reason: str,
        recorded_by: str,
        at: datetime,
        meeting_id: int | None = None,
    ) -> Sequence:
        """Record when a member left, of a meeting that wants to know; the last leaving on record counts.

        Raises RuleViolation without a reason, for a meeting that does not want to know or was not opened, for a member
        who is not present, and for a time before they came or after ``at``; NotFound as for ``excuse``. When they came
        is not known of somebody who was recorded after the closing: any time before ``at`` is taken.
        """
        body: dict[str, JsonValue] = {
            "reason": clean(reason, "the reason"),
            "recorded_by": clean(recorded_by, "the officer"),
            LEFT: utc_text(left_at),
        }
        with self._records.writing() as writer:
            meeting = self._records.opened(writer, meeting_id)
            presence = self._presence(writer, meeting, member_id)
            came_at = None if _is_after_closing(meeting, presence) else presence.arrived_at
            if left_at > at or (came_at is not None and left_at < came_at):
                msg = "they left after they came, and not in the future"
                raise RuleViolation(msg)
            subject = member_subject(member_id)
            return self._records.append(writer, EntryKind.CHECK_OUT, meeting, at=at, subject=subject, body=body)

    def _presence(self, writer: Connection, meeting: Meeting, member_id: int) -> MeetingEntry:
        member = self._records.expected(writer, member_id, meeting)
        subject = member_subject(member.id)
        presence = standing_about(writer, meeting.id, subject, self._records.ledger.bodies).presences.get(subject)
        if presence is None or not meeting.check_out:
            msg = "only of a meeting with check-out, and of somebody who is present, is the leaving recorded"
            raise RuleViolation(msg)
        return presence


def stated_arrival(meeting: Meeting, arrived_at: datetime, *, at: datetime) -> str:
    """Return when somebody came as a body has it; RuleViolation for a time after ``at`` or after the closing."""
    if arrived_at > at or (meeting.closed_at is not None and arrived_at > meeting.closed_at):
        msg = "they came before now, and before the meeting was closed"
        raise RuleViolation(msg)
    return utc_text(arrived_at)


def _is_after_closing(meeting: Meeting, presence: MeetingEntry) -> bool:
    """Tell whether the time of a presence is when it was recorded, the meeting over, and not when somebody came."""
    return meeting.closed_at is not None and presence.arrived_at >= meeting.closed_at
