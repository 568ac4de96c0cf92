"""Standing: what the entries of a meeting say once corrections, confirmations and withdrawals are taken into account.

Nothing in the ledger is overwritten, so "who is here" is a question to its entries. The same question about those up
to the closing is what the minutes said.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from appliance.ledger import Bodies, EntryKind
from appliance.rules import AttendanceState
from appliance.standing.entries import (
    PRESENCE,
    TAKES_OUT,
    MeetingEntry,
    entries_about,
    entries_of,
    member_of,
    member_subject,
)
from appliance.storage.members import MemberStatus

_BY_STATUS = {
    MemberStatus.ACTIVE: AttendanceState.ABSENT,
    MemberStatus.AWAY: AttendanceState.AWAY,
    MemberStatus.EXEMPT: AttendanceState.EXEMPT,
    MemberStatus.SPECIAL_DUTY: AttendanceState.SPECIAL_DUTY,
}
_VISITS = (EntryKind.VISIT, EntryKind.VISIT_BY_HAND)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that stands for one meeting, by subject; of two entries about one subject the later counts.

    Of two presences, at two doors, that one counts by which somebody was there first.
    ``check_outs`` follow the presence that they end. ``proposals`` are by one officer and wait for a second; whose
    subject came meanwhile is not among them. ``counted`` is how many were counted at an event that keeps no names.
    """

    presences: Mapping[str, MeetingEntry] = field(default_factory=dict, repr=False)
    excuses: Mapping[str, MeetingEntry] = field(default_factory=dict, repr=False)
    check_outs: Mapping[str, MeetingEntry] = field(default_factory=dict, repr=False)
    proposals: Mapping[str, MeetingEntry] = field(default_factory=dict, repr=False)
    guests: tuple[MeetingEntry, ...] = field(default=(), repr=False)
    counted: int = 0

    def state_of(self, member_id: int, status: MemberStatus) -> AttendanceState:
        """Tell what the list says of a member: being there comes first, then the status, then a reason on record."""
        subject = member_subject(member_id)
        presence = self.presences.get(subject)
        if presence is not None:
            return AttendanceState.LATE if presence.is_late else AttendanceState.PRESENT
        if subject in self.excuses and status in (MemberStatus.ACTIVE, MemberStatus.AWAY):
            return AttendanceState.EXCUSED
        return _BY_STATUS[status]

    def present_members(self) -> frozenset[int]:
        """Return the numbers of the members who are here."""
        return _members(self.presences)

    def proposed_members(self) -> frozenset[int]:
        """Return the numbers of the members of whom one officer alone says that they are here."""
        return _members(self.proposals)

    def visitors(self) -> tuple[MeetingEntry, ...]:
        """Return the visits, in the order in which they came."""
        visits = (entry for entry in self.presences.values() if entry.kind in _VISITS)
        return tuple(sorted(visits, key=lambda entry: entry.sequence))


def standing_of(entries: Iterable[MeetingEntry]) -> Standing:
    """Return what stands after these entries of one meeting, which are in their order."""
    entries = tuple(entries)
    taken_out = {entry.refers_to for entry in entries if entry.kind in TAKES_OUT}
    decided = {entry.refers_to for entry in entries if entry.refers_to is not None}
    standing = [entry for entry in entries if entry.sequence not in taken_out]
    presences = _first_presences(standing)
    return Standing(
        presences=presences,
        excuses=_by_subject(standing, lambda entry: entry.kind is EntryKind.EXCUSED),
        check_outs=_by_subject(standing, lambda entry: _ends_a_presence(entry, presences)),
        proposals=_by_subject(
            standing,
            lambda entry: (
                entry.kind is EntryKind.PROPOSED and entry.sequence not in decided and entry.subject not in presences
            ),
        ),
        guests=tuple(entry for entry in standing if entry.kind is EntryKind.GUEST),
        counted=sum(entry.kind is EntryKind.COUNTED for entry in standing),
    )


def standing_of_meeting(reader: Connection, meeting_id: int, bodies: Bodies) -> Standing:
    """Read what stands for a meeting, in one query; entries whose person was erased are not among it."""
    return standing_of(entries_of(reader, meeting_id, bodies))


def standing_about(reader: Connection, meeting_id: int, subject: str, bodies: Bodies) -> Standing:
    """Read what stands of one subject at a meeting."""
    return standing_of(entries_about(reader, meeting_id, subject, bodies))


def _members(subjects: Iterable[str]) -> frozenset[int]:
    return frozenset(member for subject in subjects if (member := member_of(subject)) is not None)


def _first_presences(entries: Iterable[MeetingEntry]) -> Mapping[str, MeetingEntry]:
    found: dict[str, MeetingEntry] = {}
    for entry in entries:
        if entry.kind in PRESENCE and entry.subject is not None:
            before = found.setdefault(entry.subject, entry)
            if entry.arrived_at < before.arrived_at:
                found[entry.subject] = entry
    return found


def _ends_a_presence(entry: MeetingEntry, presences: Mapping[str, MeetingEntry]) -> bool:
    """Tell whether a check-out follows the presence: by its number, or by the clock where another appliance told it."""
    presence = presences.get(entry.subject or "")
    if entry.kind is not EntryKind.CHECK_OUT or presence is None:
        return False
    return entry.sequence > presence.sequence or entry.left_at >= presence.arrived_at


def _by_subject(entries: Iterable[MeetingEntry], wanted: Callable[[MeetingEntry], bool]) -> Mapping[str, MeetingEntry]:
    return {entry.subject: entry for entry in entries if entry.subject is not None and wanted(entry)}
