"""ReadingOptions and ReadingStep: how a caller tunes a reading, and how it follows one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from types import NoneType
from typing import TypeAlias

from verifier.access.chip.active_authentication import CHALLENGE_LENGTH
from verifier.access.proofs import AccessProtocol
from verifier.errors import InvalidInput
from verifier.evidence.arguments import member, members_as_tuple, require_kind
from verifier.reading.card_types import CardTypeMemory
from verifier.reading.purpose import ReadingPurpose, require_data_groups


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
class FileProgress:
    """How far a file has come. A size tells little and a name of a file nothing of its holder."""

    file: str
    """``EF.SOD``, ``DG2`` …"""
    received: int
    """Bytes that are here."""
    total: int
    """Bytes that the file has."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a card is read.

    ``access`` lists the protocols that may be used, in order: ``(PACE, BAC)`` looks for PACE first and uses BAC only
    where the card does not offer a PACE that this release speaks; ``(BAC,)`` does not look for PACE at all and saves a
    command. A protocol that failed is never followed by the next one: that would be a downgrade an attacker can cause.

    ``extended_length`` is whether reader and card carry commands and answers of more than 256 bytes; without it files
    are read in chunks of 223 (AES) or 231 (3DES) bytes.

    ``purpose`` is what the reading is for, and so how much is read: the profile says what each purpose may read.
    ``data_groups`` names less than that, such as ``("DG1", "DG11")`` of a full reading. More than the profile permits
    is a ``PolicyError`` before anything is sent.
    """

    access: tuple[AccessProtocol, ...] = (AccessProtocol.PACE, AccessProtocol.BAC)
    extended_length: bool = True
    chip_authentication: bool = True
    """Whether to make use of Chip Authentication where profile and card have it."""
    active_authentication: bool = True
    """Whether to make use of Active Authentication where profile and card have it, and the former was not."""
    purpose: ReadingPurpose = ReadingPurpose.ATTENDANCE
    data_groups: tuple[str, ...] | None = None
    memory: CardTypeMemory | None = field(default=None, compare=False, repr=False)
    """What readings have learned about types of card, and go on learning; the same object for every reading."""
    file_progress: Callable[[FileProgress], None] | None = field(default=None, compare=False, repr=False)
    """Called as the bytes of each file arrive, for a display: a face has 20,000 of them and more."""
    challenge: bytes | None = field(default=None, repr=False)
    """Eight bytes for Active Authentication to sign, from whoever is to be convinced by it (ICAO 9303-11, 6.1).
    With one it is run wherever profile and card have it, beside another proof too; else one is drawn at random."""

    def __post_init__(self) -> None:
        protocols = members_as_tuple(AccessProtocol, self.access, "access protocol", InvalidInput)
        if not protocols:
            msg = "the access protocols of a reading are at least one"
            raise InvalidInput(msg)
        object.__setattr__(self, "access", protocols)
        purpose = member(ReadingPurpose, self.purpose, "purpose of a reading", InvalidInput)
        object.__setattr__(self, "purpose", purpose)
        if self.data_groups is not None:
            require_data_groups(self.data_groups, "a reading")
        require_kind(self.memory, (CardTypeMemory, NoneType), "the memory of a reading is a CardTypeMemory")
        _require_function(self.file_progress)
        _require_challenge(self.challenge)


def _require_challenge(value: object) -> None:
    if value is not None and (not isinstance(value, bytes) or len(value) != CHALLENGE_LENGTH):
        msg = f"the challenge of a reading is {CHALLENGE_LENGTH} bytes"
        raise InvalidInput(msg)


def _require_function(value: object) -> None:
    if value is not None and not callable(value):
        msg = "file_progress is a function that is given a FileProgress"
        raise InvalidInput(msg)
