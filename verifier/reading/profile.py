"""CardProfile: what is known, or assumed, about one kind of card."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from verifier.errors import PolicyError
from verifier.evidence.arguments import member
from verifier.evidence.requirements import checks_named, document_types_named, states_named
from verifier.evidence.tolerances import Tolerance, tolerances_named
from verifier.lds.elementary_files import DG2, LDS1_AID
from verifier.lds.mrz import MachineReadableZone
from verifier.reading.purpose import (
    READABLE,
    SENSITIVE,
    ChipProof,
    ReadingPlan,
    ReadingPurpose,
    require_data_groups,
)

__all__ = [
    "SENSITIVE",
    "CardProfile",
    "ChipProof",
    "HolderData",
    "ReadingPlan",
    "ReadingPurpose",
    "document_number",
    "personal_number_else_document_number",
]

MIN_AID = 5
MAX_AID = 16
"""Bytes of an application identifier (ISO/IEC 7816-4: a registered provider of 5 bytes, up to 11 of its own)."""
_NAME = re.compile(r"[a-z0-9-]+", re.ASCII)


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
    """What is read for attendance, the purpose that is meant where none is named."""
    plans: Mapping[ReadingPurpose, ReadingPlan] | None = field(default=None, hash=False)
    """What the other purposes read; a purpose that is not in here is not permitted. ``None`` permits both: DG2 beside
    the plan for an identity check, and every data group that is not protected for a full reading."""
    required_checks: frozenset[str] | None = None
    holder_identifier: Callable[[HolderData], str] = document_number
    """The text by which a roster knows the holder; a rule of the card's kind, since numbers differ in meaning."""
    tolerances: tuple[Tolerance, ...] = ()
    """Deviations from the standard that its issuer is known for, and that are borne with."""
    proof_where_offered: bool = False
    """Whether a chip must prove itself where its issuer signed a key for it, though ``chip-authenticity`` is not
    required of chips without one."""

    def __post_init__(self) -> None:
        _require(_is_name(self.name), "a profile's name has lower-case letters, digits and hyphens only")
        _require(isinstance(self.title, str), "a profile's title is a text")
        _require_texts(self.assumptions, "the assumptions of a profile")
        object.__setattr__(self, "issuing_states", states_named(self.issuing_states))
        document_types_named(self.document_types)
        _require(_is_aid(self.aid), f"an application identifier has {MIN_AID} to {MAX_AID} bytes")
        _require(isinstance(self.plan, ReadingPlan), "a profile's plan is a ReadingPlan")
        if self.plans is not None:
            object.__setattr__(self, "plans", _plans(self.plans))
        if self.required_checks is not None:
            object.__setattr__(self, "required_checks", checks_named(self.required_checks))
        _require(isinstance(self.proof_where_offered, bool), "proof_where_offered of a profile is True or False")
        tolerances_named(self.tolerances)
        _require(callable(self.holder_identifier), "a profile's holder_identifier is a function of the holder's data")

    def recognises(self, zone: MachineReadableZone) -> bool:
        """Tell whether a printed or read MRZ fits this kind of card; says nothing about its being genuine."""
        fits_state = self.issuing_states is None or zone.issuing_state in self.issuing_states
        return fits_state and zone.document_type.startswith(tuple(self.document_types))

    def plan_for(self, purpose: ReadingPurpose, data_groups: tuple[str, ...] | None = None) -> ReadingPlan:
        """Return what a reading for ``purpose`` reads: all that it may, or only ``data_groups`` of it.

        Raises ``PolicyError`` where the profile does not permit the purpose, or the purpose not the data groups.
        """
        purpose = member(ReadingPurpose, purpose, "purpose of a reading", PolicyError)
        permitted = self._permitted(purpose)
        if permitted is None:
            msg = f"the profile {self.name} permits no reading for the purpose {purpose}"
            raise PolicyError(msg)
        if data_groups is None:
            return permitted
        require_data_groups(data_groups, "a reading")
        if beyond := [name for name in data_groups if not permitted.permits(name)]:
            msg = f"the profile {self.name} does not permit {beyond[0]} to be read for the purpose {purpose}"
            raise PolicyError(msg)
        return replace(permitted, data_groups=data_groups)

    def _permitted(self, purpose: ReadingPurpose) -> ReadingPlan | None:
        if purpose is ReadingPurpose.ATTENDANCE:
            return self.plan
        if self.plans is not None:
            return self.plans.get(purpose)
        if purpose is ReadingPurpose.FULL:
            return replace(self.plan, data_groups=READABLE)
        face = () if DG2.name in self.plan.data_groups else (DG2.name,)
        return replace(self.plan, data_groups=(*self.plan.data_groups, *face))


def _plans(plans: object) -> Mapping[ReadingPurpose, ReadingPlan]:
    """Return the plans of the other purposes, their names checked and nobody able to alter them."""
    if not isinstance(plans, Mapping) or not all(isinstance(plan, ReadingPlan) for plan in plans.values()):
        msg = "a profile's plans are a mapping from purposes to ReadingPlans"
        raise PolicyError(msg)
    named = {member(ReadingPurpose, name, "purpose of a reading", PolicyError): plan for name, plan in plans.items()}
    _require(ReadingPurpose.ATTENDANCE not in named, "what attendance reads is a profile's plan, not one of its plans")
    return MappingProxyType(named)
