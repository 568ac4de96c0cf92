"""Policy: what must be shown before a card is believed."""

from dataclasses import dataclass
from datetime import timedelta

from verifier.access.proofs import AccessProtocol
from verifier.errors import PolicyError
from verifier.evidence.arguments import members_as_set
from verifier.evidence.requirements import CheckName, checks_named, document_types_named, states_named
from verifier.evidence.tolerances import Tolerance, tolerances_named
from verifier.pki.conformity.deviation import Deviation

__all__ = ["DEFAULT_REQUIRED", "Policy", "Tolerance"]

DEFAULT_REQUIRED = frozenset(CheckName)


@dataclass(frozen=True, slots=True)
class Policy:
    """The requirements of one purpose. An empty policy is an error: absence never passes.

    ``issuing_states`` holds the three-letter codes whose cards are meant (ICAO 9303-3, section 5), or ``None`` to
    accept every state that the trust store knows. ``document_types`` holds the document codes of the MRZ that are
    meant, or ``None`` for every one; a single letter means all codes that begin with it (as in ICAO 9303-12, 7.1.1.6).
    ``tolerate_downgrade`` is whether a card that has PACE may have been opened without; the report says so in any
    case. ``max_crl_age`` bounds how long after its nextUpdate a CRL still counts; ``max_card_status_age`` how long
    after its issue a card status list does. ``tolerances`` are the deviations from the standard that are borne with
    although verification refuses them otherwise; the report lists each that was needed. ``proof_where_offered`` is for
    policies that do not require ``chip-authenticity``: then a chip need not prove itself only where the signed data
    shows that its issuer gave it nothing to do so with (``verification.owed_proof``).

    Every field is checked as the policy is made, and names of checks and protocols may be given as text. Raises
    ``PolicyError`` for what does not exist, is of another kind, or would accept nothing.
    """

    required: frozenset[CheckName] = DEFAULT_REQUIRED
    issuing_states: frozenset[str] | None = None
    document_types: tuple[str, ...] | None = None
    allowed_access: frozenset[AccessProtocol] = frozenset({AccessProtocol.PACE, AccessProtocol.BAC})
    tolerate_downgrade: bool = True
    max_crl_age: timedelta = timedelta(days=0)
    max_card_status_age: timedelta = timedelta(days=45)
    tolerances: tuple[Tolerance, ...] = ()
    proof_where_offered: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", checks_named(self.required))
        object.__setattr__(self, "issuing_states", states_named(self.issuing_states))
        if self.document_types is not None:
            document_types_named(self.document_types)
        object.__setattr__(
            self, "allowed_access", members_as_set(AccessProtocol, self.allowed_access, "access protocol")
        )
        if not self.allowed_access:
            msg = "a policy that allows no access protocol accepts no card"
            raise PolicyError(msg)
        _require_truth(self.tolerate_downgrade, "tolerates a downgrade")
        _require_truth(self.proof_where_offered, "wants a proof where the card offers one")
        _require_age(self.max_crl_age)
        _require_age(self.max_card_status_age)
        tolerances_named(self.tolerances)

    def tolerates(self, code: Deviation, country: str | None) -> bool:
        """Whether a deviation of a certificate of that country (two letters, or ``None``) is borne with."""
        return any(tolerance.covers(code, country) for tolerance in self.tolerances)


def _require_truth(value: object, what: str) -> None:
    if not isinstance(value, bool):
        msg = f"whether a policy {what} is True or False"
        raise PolicyError(msg)


def _require_age(age: object) -> None:
    if not isinstance(age, timedelta) or age < timedelta(0):
        msg = "an age that a policy allows a list is a timedelta, and not negative"
        raise PolicyError(msg)
