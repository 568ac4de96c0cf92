"""ReadingOptions and ReadingStep: how a caller tunes a reading, and how it follows one."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from verifier.access.proofs import AccessProtocol
from verifier.errors import InvalidInput
from verifier.evidence.arguments import members_as_tuple


class ReadingStep(StrEnum):
    """Where a reading is, for a progress display. Says nothing about the holder."""

    LOOKING = "looking"
    """Which access protocols the card offers."""
    OPENING = "opening"
    """PACE or BAC: the slowest step on most chips."""
    READING = "reading"
    PROVING = "proving"
    """Chip or Active Authentication."""
    DONE = "done"


Progress: TypeAlias = Callable[[ReadingStep], None]


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a card is read.

    ``access`` lists the protocols that may be used, in order: ``(PACE, BAC)`` looks for PACE first and uses BAC only
    where the card does not offer a PACE that this release speaks; ``(BAC,)`` does not look for PACE at all and saves a
    command. A protocol that failed is never followed by the next one: that would be a downgrade an attacker can cause.

    ``extended_length`` is whether reader and card carry commands and answers of more than 256 bytes; without it files
    are read in chunks of 223 (AES) or 231 (3DES) bytes.
    """

    access: tuple[AccessProtocol, ...] = (AccessProtocol.PACE, AccessProtocol.BAC)
    extended_length: bool = True
    chip_authentication: bool = True
    """Whether to make use of Chip Authentication where profile and card have it."""
    active_authentication: bool = True
    """Whether to make use of Active Authentication where profile and card have it, and the former was not."""

    def __post_init__(self) -> None:
        protocols = members_as_tuple(AccessProtocol, self.access, "access protocol", InvalidInput)
        if not protocols:
            msg = "the access protocols of a reading are at least one"
            raise InvalidInput(msg)
        object.__setattr__(self, "access", protocols)
