"""Against which lists the cards of one meeting were checked: from the records of its check-ins, the worst first.

Lists may change while a meeting runs, and an appliance may stand in a village for weeks: the minutes say both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.lists.freshness import Light, ListsAge

LISTS: Final = "lists"
"""The field of an entry's body that says which lists a card was checked against; older releases wrote none."""
_WORST_LAST: Final = (Light.GREEN, Light.AMBER, Light.RED, Light.NONE)


@dataclass(frozen=True, slots=True)
class CheckedAgainst:
    """What several cards were checked against.

    ``light`` is the worst one, ``age_days`` the highest age, ``None`` where it may be any. ``numbers`` are the
    lowest and the highest number of the signed lists, ``card_status`` those of the card status lists; ``None`` where
    no record has one.
    """

    light: Light
    age_days: int | None
    numbers: tuple[int, int] | None
    card_status: tuple[int, int] | None

    @classmethod
    def over(cls, ages: Iterable[ListsAge]) -> "CheckedAgainst | None":
        """Sum up records; ``None`` where there are none.

        >>> CheckedAgainst.over([ListsAge(Light.GREEN, 3, timestamp=12), ListsAge(Light.AMBER, 8, timestamp=11)])
        CheckedAgainst(light=<Light.AMBER: 'amber'>, age_days=8, numbers=(11, 12), card_status=None)
        """
        known = tuple(ages)
        if not known:
            return None
        days = [age.age_days for age in known if age.age_days is not None]
        return cls(
            light=max((age.light for age in known), key=_WORST_LAST.index),
            age_days=None if any(age.at_least for age in known) else max(days, default=None),
            numbers=_span(age.timestamp for age in known),
            card_status=_span(age.card_status for age in known),
        )


def _span(numbers: Iterable[int | None]) -> tuple[int, int] | None:
    known = [number for number in numbers if number is not None]
    return (min(known), max(known)) if known else None
