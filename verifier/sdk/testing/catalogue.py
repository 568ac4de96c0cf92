"""How a test card is described: a function that makes it, and what must be said of it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from verifier.errors import VerifierError
from verifier.sdk.testing.card_status import chip_key_hash
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.scene import Scene
from verifier.verification.report import CheckName, Outcome


class CardMaker(Protocol):
    """Makes a card of the scene for a holder. Its docstring draws the situation and names the rule."""

    def __call__(self, scene: Scene, holder: Person) -> VirtualChip:
        """Return a new chip, powered on."""
        ...


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must become of a card that is read with the scene's CAN and verified with every check required.

    Either reading raises ``error`` or one of its subclasses, or the report has ``outcome``, and the result of ``check``
    has ``reason``.
    """

    outcome: Outcome | None = None
    check: CheckName | None = None
    reason: str | None = None
    error: type[VerifierError] | None = None


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card of the catalogue."""

    __test__ = False

    name: str
    maker: CardMaker
    expectation: Expectation
    card_status: str | None = None
    """``revoked``, ``suspended`` or ``lost`` where the card stands on the card status list (``Scene.listed``)."""

    @property
    def situation(self) -> str:
        """The situation and its rule, for people."""
        return inspect.cleandoc(self.maker.__doc__ or "")

    def make(self, scene: Scene, holder: Person | None = None) -> VirtualChip:
        """Make the card for ``holder``, or for the scene's own; a revoked one is then on the scene's list."""
        chip = self.maker(scene, holder or scene.holder)
        if self.card_status:
            scene.listed[chip_key_hash(chip.data)] = self.card_status
        return chip


class Catalogue(dict[str, TestCard]):
    """Test cards by name, in the order in which they were defined."""

    def card(
        self,
        name: str,
        *,
        outcome: Outcome | None = None,
        check: CheckName | None = None,
        reason: str | None = None,
        error: type[VerifierError] | None = None,
        card_status: str | None = None,
    ) -> Callable[[CardMaker], CardMaker]:
        """Enter the decorated function under a name, with its expectation."""

        def enter(maker: CardMaker) -> CardMaker:
            self[name] = TestCard(name, maker, Expectation(outcome, check, reason, error), card_status)
            return maker

        return enter
