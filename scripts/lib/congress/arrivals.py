"""Who comes to the congress, when, to which door, and what goes wrong: a script by a seed, and the list it must make.

Of a hundred people three have a bad tap, or as many as asked for: pulled away early, another card's code scanned, a
card that expired, was revoked or is a clone, the same person at two doors in one second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from congress.hand import How
from crowd import CrowdPlan

APART_S = 0.3
"""Between the two taps of somebody who comes to two doors at once."""


class Mishap(StrEnum):
    """What goes wrong with a person's tap."""

    PULLED_EARLY = "pulled early"
    WRONG_SCAN = "wrong scan"
    EXPIRED = "expired card"
    REVOKED = "revoked card"
    CLONE = "clone"
    TWO_DOORS = "two doors in one second"


NOT_LET_IN = frozenset((Mishap.EXPIRED, Mishap.REVOKED, Mishap.CLONE))
_FIRST_TRY = {Mishap.PULLED_EARLY: How.PULLED_EARLY, Mishap.WRONG_SCAN: How.WRONG_SCAN, Mishap.CLONE: How.CLONE}


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody comes to a door so many seconds after it opened, and holds the card so often, in these ways."""

    at_s: float
    person: int
    tries: tuple[How, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that happens at the doors, and what the attendance list must say afterwards."""

    plan: CrowdPlan
    doors: Mapping[str, Sequence[Arrival]]
    mishaps: Mapping[int, Mishap]

    @property
    def present(self) -> frozenset[int]:
        """Who must be on the list."""
        everybody = {arrival.person for arrivals in self.doors.values() for arrival in arrivals}
        return frozenset(person for person in everybody if self.mishaps.get(person) not in NOT_LET_IN)

    @property
    def refused(self) -> int:
        """How many refusals must be on record."""
        return sum(mishap in NOT_LET_IN for mishap in self.mishaps.values())

    @property
    def taps(self) -> int:
        """How often a card is held to a reader."""
        return sum(len(arrival.tries) for arrivals in self.doors.values() for arrival in arrivals)


def write_script(*, people: int, doors: int, minutes: float, bad_share: float, absent: int, seed: int) -> Script:
    """Return the script of a congress: ``absent`` more are members and do not come.

    People come at random times, more of them in the middle of the arrival than at its ends, and to any door.
    """
    random = Random(seed)  # noqa: S311 – who comes when
    names = [str(number) for number in range(1, doors + 1)]
    numbers = random.sample(range(1, people + absent + 1), people)
    kinds = [mishap for mishap in Mishap if doors > 1 or mishap is not Mishap.TWO_DOORS]
    bad = random.sample(numbers, round(people * bad_share))
    mishaps = {person: kinds[place % len(kinds)] for place, person in enumerate(bad)}
    at_doors: dict[str, list[Arrival]] = {name: [] for name in names}
    for person in numbers:
        mishap, at_s = mishaps.get(person), random.triangular(0.0, minutes * 60.0)
        first, *others = random.sample(names, 2 if mishap is Mishap.TWO_DOORS else 1)
        at_doors[first].append(Arrival(at_s, person, _tries(mishap)))
        at_doors[others[0] if others else first].extend(Arrival(at_s + APART_S, person, _tries(None)) for _ in others)
    plan = CrowdPlan(
        people + absent,
        revoked=frozenset(person for person, mishap in mishaps.items() if mishap is Mishap.REVOKED),
        expired=frozenset(person for person, mishap in mishaps.items() if mishap is Mishap.EXPIRED),
    )
    ordered = {name: sorted(arrivals, key=lambda arrival: arrival.at_s) for name, arrivals in at_doors.items()}
    return Script(plan, ordered, mishaps)


def _tries(mishap: Mishap | None) -> tuple[How, ...]:
    """Whoever was asked for once more tries once more, properly."""
    match mishap:
        case Mishap.PULLED_EARLY | Mishap.WRONG_SCAN:
            return _FIRST_TRY[mishap], How.PROPERLY
        case Mishap.CLONE:
            return (How.CLONE,)
        case _:
            return (How.PROPERLY,)
