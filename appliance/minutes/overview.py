"""The overview of a chi bộ's year or quarter: its meetings by kind, its members, and warnings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from appliance.meetings.meeting import Meeting
from appliance.meetings.roll import RollLine
from appliance.minutes.closing import Closing, figures_now
from appliance.rules import Figures, MemberYear, RuleSet
from appliance.standing.entries import MeetingEntry
from appliance.storage.meetings import MeetingKind


@dataclass(frozen=True, slots=True)
class MeetingFigures:
    """A closed meeting and its figures, by its own rules: those of the minutes, and what was corrected since."""

    meeting: Meeting
    figures: Figures


@dataclass(frozen=True, slots=True)
class KindFigures:
    """What the meetings of one kind come to; ``ratio`` is that of all who came to all who were expected."""

    meetings: int
    numerator: int
    denominator: int
    above_line: int
    """Meetings whose ratio was above the line."""
    without_reason: int
    """Absences without a reason on record."""

    @property
    def ratio(self) -> Fraction | None:
        """Present to expected over all these meetings; None where nobody was expected."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member who was on the roll of at least one meeting, with what the period comes to."""

    member_id: int
    name: str = field(repr=False)
    year: MemberYear


@dataclass(frozen=True, slots=True)
class Overview:
    """A year of the chi bộ, or a quarter; ``rules_version`` is the one whose limits make warnings."""

    year: int
    quarter: int | None
    rules_version: str
    meetings: tuple[MeetingFigures, ...]
    members: tuple[MemberLine, ...] = field(repr=False)

    def by_kind(self) -> Mapping[MeetingKind, KindFigures]:
        """Return what each kind of meeting comes to; kinds are never added up."""
        of_kind: dict[MeetingKind, list[Figures]] = defaultdict(list)
        for one in self.meetings:
            of_kind[one.meeting.kind].append(one.figures)
        return {kind: _together(figures) for kind, figures in of_kind.items()}

    def excused_too_often(self) -> tuple[MemberLine, ...]:
        """Return whose excused absences follow one another up to the last meeting, as often as the rules warn of."""
        return tuple(line for line in self.members if line.year.is_excused_too_often)

    def absent_without_reason(self) -> tuple[MemberLine, ...]:
        """Return who was absent at least once without a reason on record."""
        return tuple(line for line in self.members if line.year.absent)


def overview_of(
    closed: Iterable[Meeting],
    rules: Mapping[str, RuleSet],
    rolls: Mapping[int, Mapping[int, RollLine]],
    entries: Mapping[int, tuple[MeetingEntry, ...]],
    closings: Mapping[int, Closing],
) -> tuple[MeetingFigures, ...]:
    """Count each of these meetings by its own rules."""
    return tuple(
        MeetingFigures(
            meeting,
            figures_now(
                meeting,
                rules[meeting.rules_version],
                tuple(rolls[meeting.id].values()),
                entries.get(meeting.id, ()),
                closings.get(meeting.id),
            ),
        )
        for meeting in closed
    )


def _together(figures: list[Figures]) -> KindFigures:
    return KindFigures(
        meetings=len(figures),
        numerator=sum(one.numerator for one in figures),
        denominator=sum(one.denominator for one in figures),
        above_line=sum(one.above_line is True for one in figures),
        without_reason=sum(one.absent_without_reason for one in figures),
    )
