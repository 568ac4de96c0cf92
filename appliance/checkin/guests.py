"""Guests, and members of another chi bộ who show no card: recorded by an officer, apart from every ratio.

One officer is enough, since nothing is counted by them. Each has a random subject of their own, so that one of them
can be erased and the others stay.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from appliance.checkin.records import Records
from appliance.ledger import EntryKind, Ledger, Sequence
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.meeting import Meeting
from appliance.meetings.service import MeetingService
from appliance.names import clean
from appliance.roster import RosterService
from appliance.standing.entries import LATE, guest_subject
from appliance.storage.database import Database
from appliance.storage.meetings import MeetingState

_SUBJECT_LENGTH: Final = 16
"""Bytes."""


class GuestService:
    """Records who is there and on no roster of this appliance. A mistake is corrected like any other entry."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        roster: RosterService,
        meetings: MeetingService,
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._records = Records(database, ledger, roster, meetings)
        self._random = random

    def record_guest(
        self,
        name: str,
        *,
        organisation: str,
        invited_by: str,
        recorded_by: str,
        at: datetime,
        meeting_id: int | None = None,
    ) -> Sequence:
        """Record a guest of the open meeting, or of a named one that was opened.

        Raises RuleViolation where a text is missing or no such meeting was opened, NotFound for an unknown one.
        """
        body: dict[str, JsonValue] = {
            "name": clean(name, "the name"),
            "organisation": clean(organisation, "the organisation"),
            "invited_by": clean(invited_by, "who invited them"),
            "recorded_by": clean(recorded_by, "the officer"),
        }
        with self._records.writing() as writer:
            meeting = self._records.opened(writer, meeting_id)
            subject = guest_subject(self._random(_SUBJECT_LENGTH))
            return self._records.append(writer, EntryKind.GUEST, meeting, at=at, subject=subject, body=body)

    def record_visitor(
        self,
        name: str,
        *,
        origin: str,
        reason: str,
        recorded_by: str,
        at: datetime,
        meeting_id: int | None = None,
    ) -> Sequence:
        """Record a member of another chi bộ (``origin``) who shows no card, and why; as ``record_guest``."""
        body: dict[str, JsonValue] = {
            "name": clean(name, "the name"),
            "origin": clean(origin, "the chi bộ"),
            "reason": clean(reason, "the reason"),
            "recorded_by": clean(recorded_by, "the officer"),
        }
        with self._records.writing() as writer:
            meeting = self._records.opened(writer, meeting_id)
            body[LATE] = _is_late(meeting, at)
            subject = guest_subject(self._random(_SUBJECT_LENGTH))
            return self._records.append(writer, EntryKind.VISIT_BY_HAND, meeting, at=at, subject=subject, body=body)


def _is_late(meeting: Meeting, at: datetime) -> bool:
    return meeting.state is MeetingState.OPEN and meeting.is_late(at)
