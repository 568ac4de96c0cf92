"""The lines of an attendance list, made from a meeting's roll and from what stands in the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from appliance.ledger import EntryKind, Sequence
from appliance.lists.checked_against import LISTS
from appliance.lists.freshness import ListsAge
from appliance.meetings.roll import RollLine
from appliance.rules import AttendanceState
from appliance.standing.entries import MeetingEntry, member_subject
from appliance.standing.exemptions import Exemption
from appliance.standing.standing import Standing
from appliance.storage.members import MemberClass, MemberStatus

_BY_HAND: Final = (EntryKind.CHECK_IN_BY_HAND, EntryKind.VISIT_BY_HAND)


class How(StrEnum):
    """How an attendance came to be recorded."""

    CARD = "card"
    BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one officer says and no second has confirmed: that a member was there.

    ``elsewhere`` is the name of the appliance on which they said so, where that is another one; ``at`` is its time.
    """

    sequence: Sequence
    member_id: int
    at: datetime
    reason: str = field(repr=False)
    recorded_by: str = field(repr=False)
    elsewhere: str | None = None

    @classmethod
    def of(cls, entry: MeetingEntry) -> "Proposal":
        """Read the entry of one."""
        return cls(
            sequence=entry.sequence,
            member_id=int((entry.subject or "").removeprefix("member:")),
            at=entry.said_at,
            reason=entry.body["reason"],
            recorded_by=entry.body["recorded_by"],
            elsewhere=entry.elsewhere,
        )


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """One line of the list; ``at``, ``how`` and ``sequence`` are those of the entry that stands.

    A visitor has no member number, class or status, and neither has a guest; ``origin`` is a visitor's chi bộ or a
    guest's organisation. ``reason`` is why somebody is absent, or by which resolution they are exempt or away, or why
    they were recorded by hand. ``lists`` is what the card was checked against; by hand, and in entries of older
    releases, there is none. ``left_at`` is set where the meeting wanted check-out and they did. ``place`` is that of a
    home visit, ``elsewhere`` the name of the appliance that recorded it, where that is another one. ``proposal`` waits
    for a second officer. ``at_closing`` is what the minutes say, where a correction since the closing says otherwise.
    ``is_outside_roll``: a member whom another appliance saw, and who joined the roster after this meeting closed; they
    are among the visitors, with their number and neither class nor status.
    """

    member_id: int | None
    name: str = field(repr=False)
    member_class: MemberClass | None
    status: MemberStatus | None
    state: AttendanceState
    at: datetime | None = None
    how: How | None = None
    sequence: Sequence | None = None
    reason: str | None = field(default=None, repr=False)
    lists: ListsAge | None = None
    left_at: datetime | None = None
    place: str | None = field(default=None, repr=False)
    origin: str | None = field(default=None, repr=False)
    invited_by: str | None = field(default=None, repr=False)
    elsewhere: str | None = None
    proposal: Proposal | None = None
    at_closing: AttendanceState | None = None
    is_outside_roll: bool = False

    @property
    def stayed(self) -> timedelta | None:
        """How long they were there; None where it is not known when they left, or a clock was set back between."""
        if self.at is None or self.left_at is None or self.left_at < self.at:
            return None
        return self.left_at - self.at


def member_row(
    line: RollLine, standing: Standing, exempt: Mapping[int, Exemption], at_closing: Standing | None
) -> AttendanceRow:
    """Return the line of a member; ``at_closing`` is what stood when the meeting closed, None while it has not."""
    subject = member_subject(line.member_id)
    state = standing.state_of(line.member_id, line.status)
    said = state if at_closing is None else at_closing.state_of(line.member_id, line.status)
    proposal = standing.proposals.get(subject)
    row = AttendanceRow(
        member_id=line.member_id,
        name=line.name,
        member_class=line.member_class,
        status=line.status,
        state=state,
        proposal=None if proposal is None else Proposal.of(proposal),
        at_closing=None if said is state else said,
    )
    presence, excuse = standing.presences.get(subject), standing.excuses.get(subject)
    if presence is not None:
        return _present(row, presence, standing)
    if excuse is not None:
        return replace(row, sequence=excuse.sequence, reason=excuse.body["reason"], elsewhere=excuse.elsewhere)
    exemption = exempt.get(line.member_id)
    if (
        exemption is not None and exemption.status is line.status
    ):  # the roll may have been frozen before it was recorded
        return replace(row, sequence=exemption.sequence, reason=exemption.resolution)
    return row


def visitor_row(entry: MeetingEntry, standing: Standing) -> AttendanceRow:
    """Return the line of a member of another chi bộ, or of whoever else showed a card that is not on the roster."""
    row = AttendanceRow(None, entry.body["name"], None, None, AttendanceState.VISITING, origin=entry.body.get("origin"))
    return _present(row, entry, standing)


def outsider_row(line: RollLine, standing: Standing) -> AttendanceRow:
    """Return the line of a member who came, and was not on the roll when the meeting closed: apart from the ratio."""
    row = AttendanceRow(line.member_id, line.name, None, None, AttendanceState.VISITING, is_outside_roll=True)
    return _present(row, standing.presences[member_subject(line.member_id)], standing)


def guest_row(entry: MeetingEntry) -> AttendanceRow:
    """Return the line of a guest."""
    return AttendanceRow(
        member_id=None,
        name=entry.body["name"],
        member_class=None,
        status=None,
        state=AttendanceState.GUEST,
        at=entry.said_at,
        how=How.BY_HAND,
        sequence=entry.sequence,
        origin=entry.body.get("organisation"),
        invited_by=entry.body.get("invited_by"),
        elsewhere=entry.elsewhere,
    )


def _present(row: AttendanceRow, presence: MeetingEntry, standing: Standing) -> AttendanceRow:
    check_out = standing.check_outs.get(presence.subject or "")
    return replace(
        row,
        at=presence.arrived_at,
        how=How.BY_HAND if presence.kind in _BY_HAND else How.CARD,
        sequence=presence.sequence,
        reason=presence.body.get("reason"),
        lists=_lists(presence),
        left_at=None if check_out is None else check_out.left_at,
        place=presence.body.get("place"),
        elsewhere=presence.elsewhere,
    )


def _lists(entry: MeetingEntry) -> ListsAge | None:
    body = entry.body.get(LISTS)
    return None if body is None else ListsAge.from_body(body)
