"""How fresh the lists are: an age, and a colour for it.

Age never stops anybody by itself: an officer decides, and every record says how old the lists were. While the clock is
not trusted they may be older than they seem: then only red is certain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

_DAY = timedelta(days=1)


class Light(StrEnum):
    """What a page shows beside the age; each has a shape and words of its own, too."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"
    """There are no lists, they were signed in the future of this clock, or it is not known what time it is."""


@dataclass(frozen=True, slots=True)
class FreshnessPolicy:
    """Until which age lists are green, and amber; days."""

    green_days: int = 7
    amber_days: int = 30

    def light_of(self, age: timedelta | None) -> Light:
        """Return the colour of an age.

        >>> FreshnessPolicy().light_of(timedelta(days=8)).value
        'amber'
        """
        if age is None:
            return Light.NONE
        if age <= timedelta(days=self.green_days):
            return Light.GREEN
        return Light.AMBER if age <= timedelta(days=self.amber_days) else Light.RED


@dataclass(frozen=True, slots=True)
class ListsAge:
    """Which lists were in use at one moment, and how old they were: what every check-in is recorded with.

    ``content`` and ``timestamp`` are of a signed set; lists that somebody placed by hand have none. ``age_days`` are
    whole days since they were issued, ``None`` where there are no lists or no age; with ``at_least`` it may be more.
    """

    light: Light
    age_days: int | None = None
    issued: datetime | None = None
    timestamp: int | None = None
    card_status: int | None = None
    content: str | None = None
    at_least: bool = False

    @classmethod
    def at(
        cls,
        moment: datetime,
        policy: FreshnessPolicy,
        *,
        issued: datetime | None,
        timestamp: int | None = None,
        card_status: int | None = None,
        content: str | None = None,
    ) -> "ListsAge":
        """Judge lists by when they were issued. A moment before that has no age: the clock is wrong."""
        age = None if issued is None or issued > moment + _DAY else max(moment - issued, timedelta(0))
        days = None if age is None else age // _DAY
        return cls(policy.light_of(age), days, issued, timestamp, card_status, content)

    @property
    def by_hand(self) -> bool:
        """Whether there are lists, and nobody signed them as a set: somebody placed them on the device."""
        return self.issued is not None and self.timestamp is None

    def by_clock(self, *, trusted: bool) -> "ListsAge":
        """Return the age as it may be told by a clock that is trusted, or is not.

        >>> ListsAge(Light.GREEN, 3).by_clock(trusted=False).light.value
        'none'
        """
        if trusted or self.age_days is None:
            return self
        return replace(self, light=self.light if self.light is Light.RED else Light.NONE, at_least=True)

    def as_body(self) -> dict[str, Any]:
        """Return what the ledger holds: no more than proves which lists a card was checked against."""
        body: dict[str, Any] = {"freshness": self.light.value}
        if self.age_days is not None:
            body["age_days"] = self.age_days
        if self.at_least:
            body["at_least"] = True
        if self.timestamp is not None:
            body["timestamp"] = self.timestamp
        if self.card_status is not None:
            body["card_status"] = self.card_status
        if self.content is not None:
            body["content"] = self.content[:16]
        return body

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "ListsAge":
        """Read what ``as_body`` returned."""
        return cls(
            light=Light(body["freshness"]),
            age_days=body.get("age_days"),
            timestamp=body.get("timestamp"),
            card_status=body.get("card_status"),
            content=body.get("content"),
            at_least=body.get("at_least", False),
        )
