"""Policy: what must be shown before a card is believed."""

from dataclasses import dataclass
from datetime import timedelta

from verifier.access.proofs import AccessProtocol
from verifier.errors import PolicyError
from verifier.verification.report import CheckName

DEFAULT_REQUIRED = frozenset(CheckName)


@dataclass(frozen=True, slots=True)
class Policy:
    """The requirements of one purpose. An empty policy is an error: absence never passes.

    ``issuing_states`` holds the three-letter codes whose cards are meant (ICAO 9303-3, section 5), or ``None`` to
    accept every state that the trust store knows. ``document_types`` holds the document codes of the MRZ that are
    meant, or ``None`` for every one; a single letter means all codes that begin with it (as in ICAO 9303-12, 7.1.1.6).
    ``tolerate_downgrade`` is whether a card that has PACE may have been opened without; the report says so in any
    case. ``max_crl_age`` bounds how long after its nextUpdate a CRL still counts; ``max_card_status_age`` how long
    after its issue a card status list does.
    """

    required: frozenset[CheckName] = DEFAULT_REQUIRED
    issuing_states: frozenset[str] | None = None
    document_types: tuple[str, ...] | None = None
    allowed_access: frozenset[AccessProtocol] = frozenset({AccessProtocol.PACE, AccessProtocol.BAC})
    tolerate_downgrade: bool = True
    max_crl_age: timedelta = timedelta(days=0)
    max_card_status_age: timedelta = timedelta(days=45)

    def __post_init__(self) -> None:
        if not self.required:
            msg = "a policy must require at least one check"
            raise PolicyError(msg)
        if self.issuing_states is not None and not self.issuing_states:
            msg = "a policy that accepts no issuing state accepts no card; use None for every state"
            raise PolicyError(msg)
        if self.document_types is not None and not _are_codes(self.document_types):
            msg = "the document types of a policy are a tuple of codes, at least one; use None for every type"
            raise PolicyError(msg)
        if min(self.max_crl_age, self.max_card_status_age) < timedelta(0):
            msg = "an age that a policy allows a list cannot be negative"
            raise PolicyError(msg)


def _are_codes(types: object) -> bool:
    """Tell whether these are document codes: a bare "IA" would mean codes that begin with IA, and "" every one."""
    return isinstance(types, tuple) and bool(types) and all(isinstance(code, str) and code for code in types)
