"""Profiles by name, and the policy that belongs to a profile."""

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.errors import InvalidInput, PolicyError
from verifier.evidence.requirements import checks_named
from verifier.reading.profile import CardProfile
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.verification.policy import Policy

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "thechip.card_profiles"


def load_profile(name: str) -> CardProfile:
    """Return a profile by its name: a built-in one, else one that an installed package announces.

    Built in are ``icao-mrtd``, ``vn-cccd`` and ``party-card``; nobody can announce another by these names. A package
    announces a ``CardProfile`` under its own name in the entry point group ``thechip.card_profiles``.

    Raises:
        InvalidInput: there is none of this name. PolicyError: what was announced is not such a profile.

    >>> load_profile("vn-cccd").title
    'Vietnamese citizen identity card with chip'
    """
    if name in BUILT_IN_PROFILES:
        return BUILT_IN_PROFILES[name]
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes a tenth of the import time of the whole SDK

    announced = entry_points(group=ENTRY_POINT_GROUP)
    for entry_point in announced:
        if entry_point.name == name:
            return _load(entry_point)
    known = ", ".join([*BUILT_IN_PROFILES, *sorted(announced.names)])
    msg = f"there is no card profile of this name; known are {known}"
    raise InvalidInput(msg)


def policy_for(profile: CardProfile) -> Policy:
    """Return what a profile requires as a policy; alter it with ``dataclasses.replace``.

    >>> sorted(policy_for(load_profile("vn-cccd")).issuing_states)
    ['VNM']
    """
    meant = Policy(issuing_states=profile.issuing_states, document_types=profile.document_types)
    if profile.required_checks is None:
        return meant
    return replace(meant, required=checks_named(profile.required_checks))


def _load(entry_point: "EntryPoint") -> CardProfile:
    try:
        profile = entry_point.load()
    except (ImportError, AttributeError) as error:
        msg = f"the card profile {entry_point.name} was announced, but cannot be loaded"
        raise PolicyError(msg) from error
    if not isinstance(profile, CardProfile) or profile.name != entry_point.name:
        msg = f"what was announced as the card profile {entry_point.name} is none of this name"
        raise PolicyError(msg)
    return profile
