"""CardProfile: what is known, or assumed, about one kind of card."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from verifier.errors import PolicyError
from verifier.evidence.arguments import members_as_tuple
from verifier.evidence.requirements import checks_named, document_types_named, states_named
from verifier.lds.elementary_files import DATA_GROUPS, LDS1_AID
from verifier.lds.mrz import MachineReadableZone

MIN_AID = 5
MAX_AID = 16
"""Bytes of an application identifier (ISO/IEC 7816-4: a registered provider of 5 bytes, up to 11 of its own)."""
_NAME = re.compile(r"[a-z0-9-]+", re.ASCII)

SENSITIVE = frozenset({"DG3", "DG4"})
"""Fingerprints and irises: behind Extended Access Control, and never of any use here."""


class ChipProof(StrEnum):
    """How a chip shows that it is no copy (ICAO 9303-11, 6)."""

    CHIP_AUTHENTICATION = "chip-authentication"
    ACTIVE_AUTHENTICATION = "active-authentication"


class HolderData(Protocol):
    """The part of a holder's data from which an identifier is made."""

    @property
    def document_number(self) -> str:
        """The document number of the MRZ, without fillers."""
        ...

    @property
    def personal_number(self) -> str | None:
        """The optional data of the MRZ, where there is any."""
        ...


def document_number(holder: HolderData) -> str:
    """Identify a holder by the number of the document: right where a new card means a new enrolment."""
    return holder.document_number


def personal_number_else_document_number(holder: HolderData) -> str:
    """Identify a holder by the first word of the optional data, or by the document number where there is none."""
    personal_number = (holder.personal_number or "").partition("<")[0]
    return personal_number or holder.document_number


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_aid(value: object) -> bool:
    return isinstance(value, bytes) and MIN_AID <= len(value) <= MAX_AID


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise PolicyError(sentence)


def _require_texts(texts: object, what: str) -> None:
    _require(isinstance(texts, tuple) and all(isinstance(text, str) for text in texts), f"{what} are a tuple of texts")


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What is read, and nothing beyond it: least data.

    EF.SOD always comes first, since nothing can be verified without it. ``data_groups`` follow in their order, then the
    first of ``chip_proofs`` that the card's SOD lists the data group of: DG14 for Chip Authentication, DG15 for Active
    Authentication.
    """

    data_groups: tuple[str, ...] = ("DG1",)
    chip_proofs: tuple[ChipProof, ...] = (ChipProof.CHIP_AUTHENTICATION, ChipProof.ACTIVE_AUTHENTICATION)

    def __post_init__(self) -> None:
        _require_texts(self.data_groups, "the data groups of a reading plan")
        object.__setattr__(self, "chip_proofs", members_as_tuple(ChipProof, self.chip_proofs, "chip proof"))
        known = {file.name for file in DATA_GROUPS} - SENSITIVE
        if unknown := [name for name in self.data_groups if name not in known]:
            msg = f"a reading plan cannot hold {unknown[0]!r}"
            raise PolicyError(msg)
        if len(set(self.data_groups)) != len(self.data_groups):
            msg = "a reading plan names a data group twice"
            raise PolicyError(msg)


@dataclass(frozen=True, slots=True)
class CardProfile:
    """One kind of card: how it is recognised, what is read from it, and what must be shown before it is believed.

    An integrator adds a kind of card by making one of these and passing it, or by announcing it in the entry point
    group ``thechip.card_profiles``. Whatever is not known for certain belongs into ``assumptions``, as a sentence each.

    ``required_checks`` holds the names of checks (``"chip-authenticity"``, ``"card-status"`` …); ``None`` requires all.

    Every field is checked as the profile is made. Raises ``PolicyError`` for what cannot be, such as a check that does
    not exist.
    """

    name: str
    """A short name for files and command lines: lower-case letters, digits, hyphens."""
    title: str
    assumptions: tuple[str, ...] = ()
    issuing_states: frozenset[str] | None = None
    """Three-letter codes as in the MRZ (ICAO 9303-3, section 5), or ``None`` for every state that is trusted."""
    document_types: tuple[str, ...] = ("P", "I", "A", "C")
    """Document codes of the MRZ, or their first letters; what verifies as another kind of document is refused."""
    aid: bytes = LDS1_AID
    plan: ReadingPlan = field(default=ReadingPlan())
    required_checks: frozenset[str] | None = None
    holder_identifier: Callable[[HolderData], str] = document_number
    """The text by which a roster knows the holder; a rule of the card's kind, since numbers differ in meaning."""

    def __post_init__(self) -> None:
        _require(_is_name(self.name), "a profile's name has lower-case letters, digits and hyphens only")
        _require(isinstance(self.title, str), "a profile's title is a text")
        _require_texts(self.assumptions, "the assumptions of a profile")
        object.__setattr__(self, "issuing_states", states_named(self.issuing_states))
        document_types_named(self.document_types)
        _require(_is_aid(self.aid), f"an application identifier has {MIN_AID} to {MAX_AID} bytes")
        _require(isinstance(self.plan, ReadingPlan), "a profile's plan is a ReadingPlan")
        if self.required_checks is not None:
            object.__setattr__(self, "required_checks", checks_named(self.required_checks))
        _require(callable(self.holder_identifier), "a profile's holder_identifier is a function of the holder's data")

    def recognises(self, zone: MachineReadableZone) -> bool:
        """Tell whether a printed or read MRZ fits this kind of card; says nothing about its being genuine."""
        fits_state = self.issuing_states is None or zone.issuing_state in self.issuing_states
        return fits_state and zone.document_type.startswith(tuple(self.document_types))
