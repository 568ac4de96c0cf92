"""The catalogue of cards that must be treated right: some genuine, all others misbehaving.

    scene = Scene(at=now)
    for card in CATALOGUE.values():
        print(card.name, card.situation, card.expectation)
        chip = card.make(scene)

``FORGED_CARDS`` and ``CLONED_CARDS`` can be read, and the report must say what is wrong with them. ``ROGUE_CARDS``
break the protocol, so that reading raises. ``MAPPING_CARDS`` and ``PROTOCOL_CARDS`` are of both
kinds, and about the rarer protocols.
"""

from verifier.sdk.testing.cards.catalogue import Catalogue, Expectation, TestCard
from verifier.sdk.testing.cards.cloned_cards import CLONED_CARDS
from verifier.sdk.testing.cards.forged_cards import FORGED_CARDS
from verifier.sdk.testing.cards.mapping_cards import MAPPING_CARDS
from verifier.sdk.testing.cards.protocol_cards import PROTOCOL_CARDS
from verifier.sdk.testing.cards.rogue_cards import ROGUE_CARDS
from verifier.sdk.testing.cards.scene import Scene

__all__ = [
    "CATALOGUE",
    "CLONED_CARDS",
    "FORGED_CARDS",
    "MAPPING_CARDS",
    "PROTOCOL_CARDS",
    "ROGUE_CARDS",
    "Catalogue",
    "Expectation",
    "Scene",
    "TestCard",
]

CATALOGUE = Catalogue(FORGED_CARDS | CLONED_CARDS | MAPPING_CARDS | PROTOCOL_CARDS | ROGUE_CARDS)
"""Every test card by name."""
