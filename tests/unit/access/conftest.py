"""Scripted cards, randomness with a seed, and virtual chips to run the protocols against."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import CardConnection
from verifier.sdk.testing import (
    ChipData,
    ChipOptions,
    DocumentSigner,
    SyntheticPki,
    VirtualChip,
    any_scalar,
    invented_person,
    write_chip_data,
)


class AnsweringCard:
    """Gives prepared answers one after another, whatever is asked, and remembers what was asked."""

    def __init__(self, *answers: bytes) -> None:
        self._left = list(answers)
        self.commands: list[CommandApdu] = []

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.commands.append(command)
        return ResponseApdu.decode(self._left.pop(0))


class CountingCard:
    """Passes on to another card, and counts."""

    def __init__(self, card: CardConnection) -> None:
        self._card = card
        self.commands: list[CommandApdu] = []

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.commands.append(command)
        return self._card.transmit(command)


@pytest.fixture
def answering_card() -> type[AnsweringCard]:
    return AnsweringCard


@pytest.fixture
def counting_card() -> type[CountingCard]:
    return CountingCard


@pytest.fixture
def seeded() -> Callable[[int], Callable[[int], bytes]]:
    """``seeded(7)`` is a reader's source of randomness that repeats itself, and no chip's."""
    return lambda seed: random.Random(seed).randbytes


@pytest.fixture(scope="session")
def document_signer() -> DocumentSigner:
    return SyntheticPki(at=datetime(2026, 1, 1, tzinfo=UTC)).issue_document_signer()


@pytest.fixture
def chip_data(document_signer) -> Callable[..., ChipData]:
    def make(seed: int = 1, **options: object) -> ChipData:
        source = random.Random(f"personalisation {seed}").randbytes
        return write_chip_data(document_signer, invented_person(1), options=ChipOptions(**options), random=source)

    return make


@pytest.fixture
def chip(chip_data) -> Callable[..., VirtualChip]:
    def make(seed: int = 1, *, choose_scalar=any_scalar, **options: object) -> VirtualChip:
        source = random.Random(f"chip {seed}").randbytes
        return VirtualChip(chip_data(seed, **options), random=source, choose_scalar=choose_scalar)

    return make
