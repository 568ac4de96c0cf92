"""Tolerances: which deviations a policy or a profile bears with, by code, for some states or for all."""

from dataclasses import dataclass
from difflib import get_close_matches

from verifier.errors import PolicyError
from verifier.evidence.arguments import quoted
from verifier.evidence.requirements import states_named
from verifier.lds.states import signing_state_of
from verifier.pki.conformity.catalogue import entry_of
from verifier.pki.conformity.deviation import Deviation, Treatment


@dataclass(frozen=True, slots=True)
class Tolerance:
    """One deviation that is borne with although the standard forbids it.

    ``code`` is a ``Deviation`` or its text (``docs/deviations.md`` lists all), and is kept as a ``Deviation``;
    ``states`` holds the three-letter codes of the issuing states whose certificates it is meant for (as in
    ``Policy.issuing_states``), ``None`` every one.
    Raises ``PolicyError`` for a code that does not exist, and for one that nobody may tolerate.
    """

    code: Deviation | str
    states: frozenset[str] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", _tolerable(self.code))
        object.__setattr__(self, "states", states_named(self.states))

    def covers(self, code: Deviation, country: str | None) -> bool:
        """Whether this deviation of a certificate of that country (``VN``, ``None`` without one) is borne with."""
        if code is not self.code:
            return False
        return self.states is None or (
            country is not None and signing_state_of(country) in {signing_state_of(state) for state in self.states}
        )


def tolerances_named(tolerances: object) -> tuple[Tolerance, ...]:
    """Return a tuple of tolerances. Raises ``PolicyError`` for anything else."""
    if not isinstance(tolerances, tuple) or not all(isinstance(one, Tolerance) for one in tolerances):
        msg = "tolerances stand in a tuple, as in (Tolerance('deprecated-hash-sha1', frozenset({'UTO'})),)"
        raise PolicyError(msg)
    return tolerances


def _tolerable(code: object) -> Deviation:
    known = [deviation.value for deviation in Deviation]
    if not isinstance(code, str) or code not in known:
        near = get_close_matches(code, known, n=1, cutoff=0.5) if isinstance(code, str) else []
        hint = f"; the nearest is {near[0]!r}" if near else ""
        msg = f"there is no deviation {quoted(code)}{hint}"
        raise PolicyError(msg)
    deviation = Deviation(code)
    if entry_of(deviation).treatment is Treatment.NEVER:
        msg = f"the deviation {deviation.value!r} may not be tolerated: whoever did would believe anybody"
        raise PolicyError(msg)
    return deviation
