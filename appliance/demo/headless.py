"""The headless demo: tap each card once through the whole real path, and say of each whether it was treated right."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation
from appliance.station.answers import TapResult


@dataclass(frozen=True, slots=True)
class Treated:
    """A card of the tray and what became of it."""

    card: DemoCard
    result: TapResult

    @property
    def is_right(self) -> bool:
        """Whether decision and reason are those that the card must get."""
        return (self.result.decision, self.result.reason) == (self.card.decision, self.card.reason)

    def as_json(self) -> str:
        """Return one line for programs; no person is in it."""
        fields = {
            "card": self.card.key,
            "outcome": self.result.outcome.value,
            "reason": self.result.reason,
            "decision": self.result.decision.value,
            "elapsed_ms": self.result.elapsed_ms,
            "apdus": self.result.apdus,
            "bytes": self.result.bytes,
            "as_expected": self.is_right,
        }
        return json.dumps(fields)

    def as_text(self) -> str:
        """Return one line for people."""
        mark = "✓" if self.is_right else f"✗ (must be {self.card.decision}, {self.card.reason})"
        return (
            f"{self.card.title_en:40} {self.result.outcome:14} {self.result.decision:17} {self.result.reason:26}"
            f"{self.result.elapsed_ms:7.0f} ms {self.result.apdus:3d} APDUs {self.result.bytes:6d} bytes  {mark}"
        )


def tap_every_card(simulation: Simulation) -> Iterator[Treated]:
    """Tap the tray's cards in their order."""
    for card in simulation.stage.cards:
        if card.is_chosen_by_name:
            simulation.choose(card.member)
        yield Treated(card, simulation.tap(card))
