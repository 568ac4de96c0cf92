"""How a test card is described: a function that makes it, and what must be said of it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from verifier.access.password import CanPassword, MrzPassword, Password
from verifier.cardstatus.layout import CardState
from verifier.errors import VerifierError
from verifier.sdk.testing.cards.scene import Scene
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.people import Person
from verifier.verification.report import CheckName, Outcome


class CardMaker(Protocol):
    """Makes a card of the scene for a holder. Its docstring draws the situation and names the rule."""

    def __call__(self, scene: Scene, holder: Person) -> VirtualChip:
        """Return a new chip, powered on."""
        ...


_Enter: TypeAlias = Callable[[CardMaker], CardMaker]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must become of a card that is read with ``TestCard.password`` and verified with every check required.

    Either reading raises ``error`` or one of its subclasses, or the report has ``outcome``, and the result of ``check``
    has ``reason``.
    """

    outcome: Outcome | None = None
    check: CheckName | None = None
    reason: str | None = None
    error: type[VerifierError] | None = None
    check_outcome: Outcome | None = None
    """What ``check`` says, where that is not what the report says."""


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card of the catalogue."""

    __test__ = False

    name: str
    maker: CardMaker
    expectation: Expectation
    card_status: CardState | None = None
    """Where the card stands on the card status list: as what."""
    opened_by_mrz: bool = False
    """Whether the situation is one in which the reader was given the MRZ rather than the CAN."""

    @property
    def situation(self) -> str:
        """The situation and its rule, for people."""
        return inspect.cleandoc(self.maker.__doc__ or "")

    def make(self, scene: Scene, holder: Person | None = None) -> VirtualChip:
        """Make the card for ``holder``, or for the scene's own; a revoked one is then on the scene's list."""
        chip = self.maker(scene, holder or scene.holder)
        if self.card_status:
            scene.card_status.enter(chip.data, self.card_status)
        return chip

    def password(self, scene: Scene, chip: VirtualChip) -> Password:
        """Return what the reader is told: the scene's CAN, or the chip's MRZ where the situation is about that."""
        return (
            MrzPassword.from_mrz(chip.data.mrz_information.decode()) if self.opened_by_mrz else CanPassword(scene.can)
        )


class Catalogue(dict[str, TestCard]):
    """Test cards by name, in the order in which they were defined."""

    def passes(
        self, name: str, check: CheckName | None = None, reason: str | None = None, *, opened_by_mrz: bool = False
    ) -> _Enter:
        """Enter the decorated function under a name: a card that must be believed, ``check`` saying ``reason``."""
        return self._enter(name, Expectation(Outcome.PASSED, check, reason), opened_by_mrz=opened_by_mrz)

    def fails(self, name: str, check: CheckName, reason: str, *, card_status: CardState | None = None) -> _Enter:
        """Enter the decorated function: a card of which ``check`` must say ``reason``."""
        return self._enter(name, Expectation(Outcome.FAILED, check, reason), card_status=card_status)

    def undecided(self, name: str, check: CheckName, reason: str) -> _Enter:
        """Enter the decorated function: a card that cannot be believed, because ``check`` found nothing to judge by."""
        expectation = Expectation(Outcome.INDETERMINATE, check, reason, check_outcome=Outcome.NOT_PERFORMED)
        return self._enter(name, expectation)

    def raises(self, name: str, error: type[VerifierError]) -> _Enter:
        """Enter the decorated function: a card that cannot be read."""
        return self._enter(name, Expectation(error=error))

    def _enter(
        self,
        name: str,
        expectation: Expectation,
        *,
        card_status: CardState | None = None,
        opened_by_mrz: bool = False,
    ) -> _Enter:
        def enter(maker: CardMaker) -> CardMaker:
            self[name] = TestCard(name, maker, expectation, card_status, opened_by_mrz)
            return maker

        return enter
