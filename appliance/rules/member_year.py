"""A member's own year: how many meetings they were expected at, and what became of it. It holds no name."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appliance.rules.figures import AttendanceState
from appliance.rules.rule_set import RuleSet
from appliance.storage.members import MemberStatus

_NOT_COUNTED = (AttendanceState.AWAY, AttendanceState.EXEMPT, AttendanceState.SPECIAL_DUTY)
"""States that neither continue a row of excuses nor break it."""


@dataclass(frozen=True, slots=True)
class MeetingOutcome:
    """What one meeting of the year was for a member; whether they were within its ratio."""

    state: AttendanceState
    is_expected: bool

    @classmethod
    def under(cls, rules: RuleSet, status: MemberStatus, state: AttendanceState) -> "MeetingOutcome":
        """Return the outcome by the rules of the meeting."""
        return cls(state, status not in rules.outside_ratio)


@dataclass(frozen=True, slots=True)
class MemberYear:
    """The figures of one member and one year, or a quarter of it: ``meetings == present + excused + away + absent``.

    ``meetings`` are those at which the member was expected or came; ``not_expected`` are the others: exempt, on special
    duty. ``late`` are among the present. ``excused_running`` is how many excused absences follow one another up to the
    last meeting; being away or exempt in between neither adds to them nor breaks them. ``longest_excused_running`` is
    the longest such row of the period. ``rules_version`` is the one whose ``excused_limit`` is applied.
    """

    year: int
    quarter: int | None
    meetings: int
    present: int
    late: int
    excused: int
    away: int
    absent: int
    not_expected: int
    excused_running: int
    longest_excused_running: int
    excused_limit: int
    rules_version: str

    @property
    def is_excused_too_often(self) -> bool:
        """Whether so many excused absences follow one another, up to the last meeting, that the rules warn of it."""
        return self.excused_running >= self.excused_limit


def member_year(
    rules: RuleSet, outcomes: Sequence[MeetingOutcome], *, year: int, quarter: int | None = None
) -> MemberYear:
    """Count the outcomes of a member's meetings, which are in their order; ``rules`` say when to warn."""
    counted = [outcome for outcome in outcomes if outcome.is_expected or outcome.state.is_here]
    states = Counter(outcome.state for outcome in counted)
    present = states[AttendanceState.PRESENT] + states[AttendanceState.LATE]
    excused, absent = states[AttendanceState.EXCUSED], states[AttendanceState.ABSENT]
    runs = _runs_of_excuses(outcome.state for outcome in counted)
    return MemberYear(
        year=year,
        quarter=quarter,
        meetings=len(counted),
        present=present,
        late=states[AttendanceState.LATE],
        excused=excused,
        away=len(counted) - present - excused - absent,
        absent=absent,
        not_expected=len(outcomes) - len(counted),
        excused_running=runs[-1],
        longest_excused_running=max(runs),
        excused_limit=rules.excused_running,
        rules_version=rules.version,
    )


def _runs_of_excuses(states: Iterable[AttendanceState]) -> list[int]:
    """Return the length of each row of excused absences, the one that is still running last (0 where none is)."""
    runs = [0]
    for state in states:
        if state is AttendanceState.EXCUSED:
            runs[-1] += 1
        elif state not in _NOT_COUNTED:
            runs.append(0)
    return runs
