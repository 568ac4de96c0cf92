"""The door for those who add a kind of card, or tune a reading: profiles by name, their parts, and their policy.

``ReadingPurpose`` is what a reading is for, and a ``CardProfile`` says what each may read, by a ``ReadingPlan``.
``CardTypeMemory`` keeps what readings learn about types of card, never about cards; ``FileProgress`` is what
``ReadingOptions.file_progress`` is told.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.errors import InvalidInput, PolicyError, VerifierError
from verifier.evidence.arguments import quoted, require_kind
from verifier.evidence.requirements import checks_named
from verifier.lds.elementary_files import LDS1_AID
from verifier.reading.card_types import CardTraits, CardTypeMemory
from verifier.reading.options import FileProgress
from verifier.reading.profile import (
    CardProfile,
    ChipProof,
    HolderData,
    ReadingPlan,
    ReadingPurpose,
    document_number,
    personal_number_else_document_number,
)
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.verification.policy import Policy

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "ENTRY_POINT_GROUP",
    "LDS1_AID",
    "CardProfile",
    "CardTraits",
    "CardTypeMemory",
    "ChipProof",
    "FileProgress",
    "HolderData",
    "ReadingPlan",
    "ReadingPurpose",
    "document_number",
    "load_profile",
    "personal_number_else_document_number",
    "policy_for",
]

ENTRY_POINT_GROUP = "thechip.card_profiles"
"""Where a package announces its profiles, each under the profile's own name."""
_BROKEN = (
    ImportError,
    AttributeError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    VerifierError,
)
"""What a module of somebody else raises as it is imported."""
_MAX_WHY = 200


def load_profile(name: str) -> CardProfile:
    """Return a profile by its name: a built-in one, else one that an installed package announces.

    Built in are ``icao-mrtd``, ``vn-cccd`` and ``party-card``; nobody can announce another by these names. A package
    announces a ``CardProfile`` under its own name in the entry point group ``thechip.card_profiles``.

    Raises:
        InvalidInput: there is none of this name. PolicyError: what was announced is not such a profile.

    >>> load_profile("vn-cccd").title
    'Vietnamese citizen identity card with chip'
    """
    require_kind(name, str, "a profile is loaded by its name, such as 'party-card'")
    if name in BUILT_IN_PROFILES:
        return BUILT_IN_PROFILES[name]
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes a tenth of the import time of the whole SDK

    announced = entry_points(group=ENTRY_POINT_GROUP)
    for entry_point in announced:
        if entry_point.name == name:
            return _load(entry_point)
    known = ", ".join([*BUILT_IN_PROFILES, *sorted(announced.names)])
    msg = f"there is no card profile {quoted(name)}; known are {known}"
    raise InvalidInput(msg)


def policy_for(profile: CardProfile) -> Policy:
    """Return what a profile requires as a policy; alter it with ``dataclasses.replace``.

    >>> sorted(policy_for(load_profile("vn-cccd")).issuing_states)
    ['VNM']
    """
    require_kind(profile, CardProfile, "profile is a CardProfile: load_profile(name) returns one")
    meant = Policy(
        issuing_states=profile.issuing_states,
        document_types=profile.document_types,
        tolerances=profile.tolerances,
        proof_where_offered=profile.proof_where_offered,
    )
    if profile.required_checks is None:
        return meant
    return replace(meant, required=checks_named(profile.required_checks))


def _load(entry_point: "EntryPoint") -> CardProfile:
    try:
        profile = entry_point.load()
    except _BROKEN as error:
        why = f"{type(error).__name__}: {str(error)[:_MAX_WHY]}"
        msg = f"the card profile {entry_point.name} was announced as {entry_point.value}, but cannot be loaded: {why}"
        raise PolicyError(msg) from error
    if not isinstance(profile, CardProfile):
        msg = f"what was announced as the card profile {entry_point.name} is a {type(profile).__name__}"
        raise PolicyError(msg)
    if profile.name != entry_point.name:
        msg = f"the card profile that was announced as {entry_point.name} calls itself {profile.name}"
        raise PolicyError(msg)
    return profile
