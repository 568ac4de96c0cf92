"""The door to evidence: what it is made of, for those who make it elsewhere, in a phone, or look into it.

``Evidence(profile, captured_at, AccessRecord(AccessProtocol.PACE), files)`` is one reading; ``to_bytes`` and
``from_bytes`` are its file (``docs/evidence-format.md``), which raises ``EvidenceError`` where it does not fit. A proof
is what a chip answered, right or wrong: ``verify`` judges it. ``TrustListVersion`` and ``trust_lists_in_use`` note
which lists a verification was made with.
"""

from verifier.access.proofs import (
    AccessProtocol,
    AccessRecord,
    ActiveAuthenticationProof,
    ChipAuthenticationProof,
    PaceChipAuthenticationProof,
)
from verifier.evidence.record import Evidence
from verifier.evidence.trust_lists import TrustListVersion, trust_lists_in_use

__all__ = [
    "AccessProtocol",
    "AccessRecord",
    "ActiveAuthenticationProof",
    "ChipAuthenticationProof",
    "Evidence",
    "PaceChipAuthenticationProof",
    "TrustListVersion",
    "trust_lists_in_use",
]
