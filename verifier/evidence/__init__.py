"""Evidence: the bytes that were read from a card, and the chip's proofs. What ``verify`` judges.

Evidence decides nothing. It can be stored, carried elsewhere, and verified again years later with the lists of that
day. The file format is described in ``docs/evidence-format.md``.
"""

from verifier.evidence.record import ACTIVE_AUTHENTICATION, CHIP_AUTHENTICATION, Evidence
from verifier.evidence.trust_lists import TrustListVersion, trust_lists_in_use

__all__ = ["ACTIVE_AUTHENTICATION", "CHIP_AUTHENTICATION", "Evidence", "TrustListVersion", "trust_lists_in_use"]
