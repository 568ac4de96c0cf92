"""The figures of a meeting, as its rules count them; each names the version that it was counted by."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from appliance.rules.rule_set import RuleSet
from appliance.storage.members import MemberClass, MemberStatus


class AttendanceState(StrEnum):
    """What the list says of one person at one meeting."""

    PRESENT = "present"
    LATE = "late"
    EXCUSED = "excused"
    """Absent, with a reason on record."""
    ABSENT = "absent"
    """Not there and nothing on record; before the end of a meeting: not there yet."""
    AWAY = "away"
    """Absent, because the roster says that they are temporarily away."""
    EXEMPT = "exempt"
    SPECIAL_DUTY = "special-duty"
    VISITING = "visiting"
    GUEST = "guest"

    @property
    def is_here(self) -> bool:
        """Whether a member of this chi bộ is in the room."""
        return self in (AttendanceState.PRESENT, AttendanceState.LATE)


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of the minutes; ``absent_with_reason + absent_without_reason + numerator == denominator``.

    ``absent_with_reason`` includes members who are away on the day, and whoever else is expected and has a resolution;
    ``exempt``, ``special_duty`` and ``away`` are the numbers of the day, whoever of them came. ``visitors`` and
    ``guests`` are apart from all of it, ``unconfirmed`` are those of whom one officer alone says that they were there,
    and ``counted`` those of an event that keeps no names.
    """

    rules_version: str
    line_percent: int
    total_by_class: Mapping[MemberClass, int]
    present_by_class: Mapping[MemberClass, int]
    exempt: int
    special_duty: int
    away: int
    late: int
    absent_with_reason: int
    absent_without_reason: int
    visitors: int
    numerator: int
    denominator: int
    guests: int = 0
    unconfirmed: int = 0
    counted: int = 0

    @property
    def total(self) -> int:
        """Everybody on the roll."""
        return sum(self.total_by_class.values())

    @property
    def present(self) -> int:
        """Members of this chi bộ who are here, those outside the ratio included."""
        return sum(self.present_by_class.values())

    @property
    def ratio(self) -> float | None:
        """Present to expected, 0 to 1; None where nobody was expected."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def above_line(self) -> bool | None:
        """Whether the ratio is above the line (counted exactly); None where nobody was expected."""
        if not self.denominator:
            return None
        return self.numerator * 100 > self.line_percent * self.denominator

    def changed(self, before: Self, after: Self) -> Self:
        """Return these figures, of a closing, with what was corrected since.

        ``before`` and ``after`` are counted from what is still on record: from what stood at the closing, and from what
        stands now. Whoever was erased is in neither, and so remains in the figures as they were.
        """
        changes = {
            item.name: _changed(getattr(self, item.name), getattr(before, item.name), getattr(after, item.name))
            for item in fields(self)
            if item.name not in ("rules_version", "line_percent")
        }
        return replace(self, **changes)

    def as_body(self) -> dict[str, Any]:
        """Return the figures as a ledger body holds them."""
        return {
            item.name: dict(value) if isinstance(value := getattr(self, item.name), Mapping) else value
            for item in fields(self)
        }

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """Read what ``as_body`` returned, of an older release too."""
        by_class = {
            name: MappingProxyType({MemberClass(key): count for key, count in body[name].items()})
            for name in ("total_by_class", "present_by_class")
        }
        return cls(**{**body, **by_class})


@dataclass(frozen=True, slots=True)
class Counted:
    """One member of the roll, as far as counting goes: no name."""

    member_class: MemberClass
    status: MemberStatus
    state: AttendanceState


def figures(
    rules: RuleSet,
    roll: Iterable[Counted],
    *,
    visitors: int,
    guests: int = 0,
    unconfirmed: int = 0,
    counted: int = 0,
    are_expected: bool = True,
) -> Figures:
    """Count a meeting's roll by these rules; an event whose people are not expected has no ratio."""
    roll = tuple(roll)
    here = [line for line in roll if line.state.is_here]
    within = [line for line in roll if are_expected and line.status not in rules.outside_ratio]
    numerator = sum(line.state.is_here for line in within)
    without_reason = sum(line.state is AttendanceState.ABSENT for line in within)
    statuses = Counter(line.status for line in roll)
    return Figures(
        rules_version=rules.version,
        line_percent=rules.line_percent,
        total_by_class=_by_class(roll),
        present_by_class=_by_class(here),
        exempt=statuses[MemberStatus.EXEMPT],
        special_duty=statuses[MemberStatus.SPECIAL_DUTY],
        away=statuses[MemberStatus.AWAY],
        late=sum(line.state is AttendanceState.LATE for line in roll),
        absent_with_reason=len(within) - numerator - without_reason,
        absent_without_reason=without_reason,
        visitors=visitors,
        numerator=numerator,
        denominator=len(within),
        guests=guests,
        unconfirmed=unconfirmed,
        counted=counted,
    )


def _by_class(roll: Iterable[Counted]) -> Mapping[MemberClass, int]:
    counts = Counter(line.member_class for line in roll)
    return MappingProxyType({member_class: counts[member_class] for member_class in MemberClass})


def _changed(value: Any, before: Any, after: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _changed(value.get(key, 0), before[key], after[key]) for key in before})
    return value + after - before
