"""One version of the rules by which attendance is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from appliance.storage.meetings import MeetingKind
from appliance.storage.members import MemberStatus


@dataclass(frozen=True, slots=True)
class Window:
    """When a card is admitted by itself: so long before a meeting's start, until so long after it."""

    before: timedelta
    after: timedelta

    def opens_at(self, start: datetime) -> datetime:
        """Return the first moment for a meeting that starts then."""
        return start - self.before

    def closes_at(self, start: datetime) -> datetime:
        """Return the last moment for a meeting that starts then."""
        return start + self.after


@dataclass(frozen=True, slots=True)
class Timing:
    """What one kind of meeting has of its own; without a window an open meeting takes cards at any time."""

    late_after: timedelta
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of the rules.

    ``late_after`` counts from the meeting's start. Members whose status is in ``outside_ratio`` are in neither part of
    the ratio, even when they come, so that it cannot exceed 1; the ratio is good when it is *above* ``line_percent``.
    ``in_force_from`` is the day of the first meeting that is planned by this version. ``late_after`` and ``window`` are
    those of every kind that has no timing of its own in ``by_kind``. Meetings of the kinds ``in_year`` make up a
    member's year, and ``excused_running`` absences with a reason, one after the other in one year, are a warning.
    Within ``check_out_after`` of arriving, a second tap is the same arrival. ``event_retention`` is how long an event's
    list of names is kept; ``None``: as long as any other.
    """

    version: str
    late_after: timedelta
    outside_ratio: frozenset[MemberStatus]
    line_percent: int
    in_force_from: date
    window: Window | None = None
    by_kind: Mapping[MeetingKind, Timing] = field(default_factory=lambda: MappingProxyType({}))
    in_year: frozenset[MeetingKind] = frozenset({MeetingKind.REGULAR, MeetingKind.THEMATIC})
    excused_running: int = 3
    check_out_after: timedelta = timedelta(minutes=10)
    event_retention: timedelta | None = None

    def timing_of(self, kind: MeetingKind) -> Timing:
        """Return when a meeting of this kind takes cards, and when lateness begins."""
        return self.by_kind.get(kind) or Timing(self.late_after, self.window)
