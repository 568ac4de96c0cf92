"""What a suite gives: groups of cases with their counts."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Group:
    """Cases that are judged alike: one line of the table.

    ``failures`` names each case that was run and came out wrong, with what came out. ``notes`` say what a reader must
    know of those that were run, ``reasons`` why others were not; ``reported`` counts the deviations that our functions
    reported on what they accepted.
    """

    name: str
    run: int = 0
    passed: int = 0
    deviating: int = 0
    excluded: int = 0
    notes: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    reported: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def judge(self, case: str, good: bool, seen: str) -> None:
        """Count one case that was run."""
        self.run += 1
        if good:
            self.passed += 1
        else:
            self.failures.append(f"{case}: {seen}")

    def deviate(self, case: str, as_decided: bool, seen: str, why: str) -> None:
        """Count a case that was run and comes out otherwise than the suite has it, on purpose."""
        self.run += 1
        if not as_decided:
            self.failures.append(f"{case}: a decided deviation does not hold any more: {seen}")
            return
        self.deviating += 1
        if why not in self.notes:
            self.notes.append(why)

    def exclude(self, cases: int, reason: str) -> None:
        """Count cases that were not run."""
        self.excluded += cases
        if reason not in self.reasons:
            self.reasons.append(reason)

    def add(self, other: "Group") -> None:
        """Count another group's cases here."""
        self.run += other.run
        self.passed += other.passed
        self.deviating += other.deviating
        self.excluded += other.excluded
        self.notes += [note for note in other.notes if note not in self.notes]
        self.reasons += [reason for reason in other.reasons if reason not in self.reasons]
        self.reported += other.reported
        self.failures += other.failures


@dataclass
class Suite:
    """A suite: where it comes from, what was done with it, and its groups."""

    title: str
    text: str
    groups: list[Group]
    footnotes: str = ""

    @property
    def total(self) -> Group:
        """All groups in one."""
        whole = Group(self.title)
        for group in self.groups:
            whole.add(group)
        return whole

    @property
    def failures(self) -> list[str]:
        """Every case that came out wrong."""
        return [f"{group.name}: {failure}" for group in self.groups for failure in group.failures]
