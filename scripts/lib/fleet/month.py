"""The publisher's month, and who of the appliances looks when: every day, after weeks, by stick only, from later on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from lists_desk import InventedCards, InventedDesk

START = datetime(2026, 6, 1, 6, tzinfo=UTC)
_WEEK = 7
_CRLS_DAY = 3
"""Of every week."""


class Habit(StrEnum):
    """How an appliance gets its lists."""

    DAILY = "every day"
    AWAY = "weeks offline"
    STICK = "by stick, once a week"
    LATE = "set up in mid-month"


class Visit(StrEnum):
    """Why an appliance looks."""

    FIRST = "first"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    RETURN = "return"
    ROTATED = "rotated"
    STICK = "stick"


def habit_of(number: int) -> Habit:
    """Return an appliance's habit: of ten, two were away, one has no network, one comes late."""
    return {3: Habit.AWAY, 5: Habit.STICK, 7: Habit.AWAY, 9: Habit.LATE}.get(number % 10, Habit.DAILY)


@dataclass(frozen=True)
class Day:
    """One day: ``why`` is why somebody who looks every day does so, ``at`` when."""

    number: int
    at: datetime
    why: Visit


@dataclass(frozen=True)
class Month:
    """``days`` of deltas after the base; the day after, keys are rotated."""

    days: int

    def __iter__(self) -> Iterator[Day]:
        for number in range(self.days + 2):
            why = Visit.FIRST if number == 0 else Visit.CHANGED if number <= self.days else Visit.ROTATED
            yield Day(number, START + timedelta(days=number), why)

    def visit(self, habit: Habit, day: Day) -> Visit | None:
        """Return why an appliance of this habit looks on this day; ``None`` where it does not."""
        if habit is Habit.STICK:
            return Visit.STICK if day.number % _WEEK == 0 or day.why is Visit.ROTATED else None
        begins = self.days // 2 if habit is Habit.LATE else 0
        if day.number < begins or (habit is Habit.AWAY and 0 < day.number <= self.days):
            return None
        if day.number == begins:
            return Visit.FIRST
        return Visit.RETURN if habit is Habit.AWAY else day.why


class Publisher:
    """The desk's part: what is published on which day. All of it is invented."""

    def __init__(
        self, folder: Path, month: Month, recipient: str, *, issuers: int, cards: int, changes: int, seed: int
    ) -> None:
        self.desk = InventedDesk(folder, at=START, seed=seed)
        self._cards = InventedCards(cards, seed=seed)
        self._changes = changes
        self._month = month
        self._recipient = recipient
        self.desk.found_province(at=START)
        self.desk.add_issuers(issuers, at=START)
        self.desk.add_rules("2026-1")
        self.members = 0
        self._add_members(40, at=START)

    def publish(self, day: Day) -> None:
        """Publish what a day brings."""
        if day.why is Visit.ROTATED:
            self._rotate(day.at)
            return
        if day.number:
            self._cards.change(self._changes)
        if day.number % _WEEK == _CRLS_DAY:
            self.desk.renew_crls(at=day.at)
        if day.number == self._month.days // 2:
            self.desk.add_rules("2026-2", late_after_minutes=10)
        if day.number == self._month.days * 2 // 3:
            self._add_members(1, at=day.at)
        self.desk.add_cards(self._cards, at=day.at)
        self.desk.publish(at=day.at)

    def _rotate(self, at: datetime) -> None:
        """The timestamp's key, then two of root's, one after the other."""
        for role in ("timestamp", "root", "root"):
            self.desk.rotate(role, at=at)
            self.desk.publish(at=at)

    def _add_members(self, count: int, *, at: datetime) -> None:
        self.members += count
        self.desk.add_roster(self.members, [self._recipient], at=at)
