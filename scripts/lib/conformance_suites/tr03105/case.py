"""A case of BSI TR-03105-5.1, and what our code makes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance_suites.tr03105.world import World

SUCCESS, FAILURE = "successful", "failed"
"""What an inspection must end in, in the plan's words."""


@dataclass(frozen=True)
class Seen:
    """How an inspection of ours ended, and why: the report's reason, or that of the error.

    ``named`` are the deviations that the report of a card that was believed names, or the lint on its security object.
    """

    result: str
    reason: str
    named: tuple[str, ...] = ()

    def __str__(self) -> str:
        why = self.result if self.reason == "verified" else f"{self.result}: {self.reason}"
        return why + "".join(f", `{code}`" for code in self.named)


@dataclass(frozen=True)
class Case:
    """One case: its number in the plan, what is odd about the card, and how the inspection must end.

    ``expected`` is ``None`` where no text that says so could be read: such a case is excluded, whatever ours makes of
    it. ``run`` is ``None`` where nothing is run, for the reason in ``excluded``. ``deviating`` says why ours ends
    otherwise, on purpose. Of a case that was moved into ICAO's own plan (RF and Protocol Testing, part 4) only the
    title is left, from which ``expected`` then follows.
    """

    id: str
    about: str
    expected: str | None = None
    run: "Callable[[World], Seen] | None" = None
    deviating: str = ""
    excluded: str = ""


@dataclass(frozen=True)
class Unit:
    """One unit of the plan: ``LDS_H``, and what it is about."""

    id: str
    title: str
    cases: tuple[Case, ...]
