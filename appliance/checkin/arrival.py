"""Arrival: somebody is put on a meeting's list, unless they are on it, or leaves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from appliance.checkin.decision import CheckIn, Decision
from appliance.checkin.records import Records
from appliance.ledger import EntryKind
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.meeting import Meeting
from appliance.meetings.rule_sets import rule_set_in
from appliance.roster import Member
from appliance.standing.entries import LATE, MeetingEntry
from appliance.standing.standing import Standing, standing_about
from appliance.storage.meetings import MeetingMode, MeetingState

_BY_CARD: Final = (EntryKind.CHECK_IN, EntryKind.VISIT)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who is to be recorded, and as what; ``member`` is None for a visitor.

    ``is_at_home``: the appliance came to them, so there is no window and nobody is late. ``is_late`` is decided by the
    meeting where it is None. ``refers_to`` is the proposal that is confirmed.
    """

    kind: EntryKind
    subject: str = field(repr=False)
    name: str = field(repr=False)
    member: Member | None = field(repr=False)
    body: Mapping[str, JsonValue] = field(repr=False)
    is_at_home: bool = False
    is_late: bool | None = None
    refers_to: int | None = None


def record_arrival(
    records: Records, writer: Connection, meeting: Meeting, arrival: Arrival, *, at: datetime
) -> CheckIn:
    """Decide and append inside the transaction of ``writer``."""
    standing = standing_about(writer, meeting.id, arrival.subject, records.ledger.bodies)
    before = standing.presences.get(arrival.subject)
    if before is not None:
        return _again(records, writer, meeting, arrival, standing, at=at)
    reason = meeting.outside_window(at) if arrival.kind in _BY_CARD and not arrival.is_at_home else None
    if reason is not None:
        return CheckIn(Decision.SEE_OFFICER, reason, at, arrival.member)
    late = _is_late(meeting, arrival, at)
    sequence = records.append(
        writer,
        arrival.kind,
        meeting,
        at=at,
        subject=arrival.subject,
        body={**arrival.body, LATE: late},
        refers_to=arrival.refers_to,
    )
    decision, reason = _answer(meeting, arrival, late=late)
    return CheckIn(decision, reason, at, arrival.member, arrival.name, sequence)


def _again(
    records: Records, writer: Connection, meeting: Meeting, arrival: Arrival, standing: Standing, *, at: datetime
) -> CheckIn:
    """Answer somebody who is on the list: they leave, where the meeting wants to know and some minutes have passed."""
    presence = standing.presences[arrival.subject]
    if not meeting.check_out or arrival.kind not in _BY_CARD:
        return _already(arrival, presence, Decision.ALREADY_PRESENT)
    pause = rule_set_in(writer, meeting.rules_version).check_out_after
    last = standing.check_outs.get(arrival.subject)
    if last is not None and at - last.at < pause:
        return _already(arrival, last, Decision.CHECKED_OUT)
    if at - presence.arrived_at < pause:
        return _already(arrival, presence, Decision.ALREADY_PRESENT)
    subject = arrival.subject
    sequence = records.append(writer, EntryKind.CHECK_OUT, meeting, at=at, subject=subject, body={})
    return CheckIn(Decision.CHECKED_OUT, "checked-out", at, arrival.member, arrival.name, sequence)


def _already(arrival: Arrival, before: MeetingEntry, decision: Decision) -> CheckIn:
    at = before.arrived_at
    return CheckIn(decision, decision.value, at, arrival.member, arrival.name, before.sequence)


def _is_late(meeting: Meeting, arrival: Arrival, at: datetime) -> bool:
    if arrival.is_late is not None:
        return arrival.is_late
    return meeting.state is MeetingState.OPEN and not arrival.is_at_home and meeting.is_late(at)


def _answer(meeting: Meeting, arrival: Arrival, *, late: bool) -> tuple[Decision, str]:
    if arrival.kind is EntryKind.CHECK_IN_BY_HAND:
        return Decision.RECORDED_BY_HAND, Decision.RECORDED_BY_HAND.value
    if arrival.member is None and meeting.mode is MeetingMode.ROSTER:
        return Decision.VISITING, "not-on-roster"
    decision = Decision.PRESENT_LATE if late else Decision.PRESENT
    return decision, decision.value
