"""What a station believes today, however it came to the device."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from appliance.errors import ApplianceError
from appliance.lists.freshness import FreshnessPolicy, ListsAge
from verifier.sdk import CardStatusList, TrustStore


@dataclass(frozen=True, slots=True)
class Lists:
    """What is in use. ``trust`` may be empty; ``card_status`` is ``None`` where there never was a good list.

    ``issued`` is when they were issued, from which their age counts. ``timestamp`` and ``content`` name a signed set.
    """

    trust: TrustStore
    card_status: CardStatusList | None
    issued: datetime | None = None
    timestamp: int | None = None
    content: str | None = None

    def age(self, policy: FreshnessPolicy, *, at: datetime) -> ListsAge:
        """Return how old they are, for a record."""
        return ListsAge.at(
            at,
            policy,
            issued=self.issued,
            timestamp=self.timestamp,
            card_status=None if self.card_status is None else self.card_status.sequence,
            content=self.content,
        )


class ListStore(Protocol):
    """Lists that are looked after: taken up between two taps, never while a card waits."""

    @property
    def problem(self) -> ApplianceError | None:
        """Why lists that lie there are not used."""
        ...

    @property
    def in_use(self) -> Lists:
        """What the last look found; nothing is read."""
        ...

    def current(self) -> Lists:
        """Return what is in use, after a look whether there is something newer; it may take a second."""
        ...

    def summary(self, *, at: datetime) -> str:
        """Return in one line what is in use, how old it is, and what fails."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...
