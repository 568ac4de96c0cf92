"""What a table changes, and that none of it passes again by mistake.

A table that was cut off, or holds only what is new, looks like one by which everybody else's card was found again. So
few cards may leave the list unasked; who means more says how many.
"""

from dataclasses import dataclass

from publisher.card_status.known_list import KnownList
from publisher.errors import TableIncomplete
from verifier.sdk.card_status import CardStatusDelta
from verifier.sdk.publishing import make_card_status_delta

_PART = 20
"""One of so many listed cards may leave the list unasked."""
_FEW = 2
"""So many may always, unless they are more than half of the list."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A list compared with the one before it, by numbers of cards."""

    listed: int
    """Before."""
    new: int
    gone: int
    """No longer listed: they pass again."""
    changed: int

    @property
    def unasked(self) -> int:
        """How many may leave the list without a word."""
        return max(self.listed // _PART, min(_FEW, self.listed // 2))

    def require_meant(self, no_longer_listed: int | None) -> None:
        """Raise ``TableIncomplete`` where many cards would leave the list, or other than were said."""
        if no_longer_listed is None and self.gone <= self.unasked:
            return
        if no_longer_listed != self.gone:
            raise TableIncomplete(self._question)

    @property
    def _question(self) -> str:
        return (
            f"{self.gone:,} of the {self.listed:,} cards listed now are missing in this table, and would pass again; "
            "a table holds every card that is not good, not only the new ones; "
            f"if these are good again, say how many: --no-longer-listed {self.gone}"
        )


def difference(before: KnownList | None, encoded: bytes, count: int) -> Difference:
    """Compare the list ``encoded``, of ``count`` cards, with the one before it, a part at a time."""
    if before is None:
        return Difference(0, count, 0, 0)
    with before.whole() as path:
        delta = CardStatusDelta.decode(make_card_status_delta(path, encoded))
    new = count - before.count + delta.removed_count
    return Difference(before.count, new, delta.removed_count, delta.changed_count - new)
