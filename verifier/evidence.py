"""Evidence: the bytes that were read from a card, and the chip's proofs. What ``verify`` judges.

Evidence decides nothing. It can be stored, carried elsewhere, and verified again years later with the lists of that
day. The file format is described in ``docs/evidence-format.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from verifier.access.proofs import AccessRecord, ActiveAuthenticationProof, ChipAuthenticationProof
from verifier.errors import EvidenceError


@dataclass(frozen=True)
class Evidence:
    """One reading of one card.

    ``files`` maps a file's name (``EF.SOD``, ``DG1``, ``DG14``, ``EF.CardAccess`` …) to its bytes as read.
    ``refused`` maps the name of a file that was planned but not given to the card's status word.
    """

    profile: str
    captured_at: datetime
    access: AccessRecord
    files: Mapping[str, bytes] = field(repr=False)
    refused: Mapping[str, int] = field(default_factory=dict)
    chip_authentication: ChipAuthenticationProof | None = None
    active_authentication: ActiveAuthenticationProof | None = None

    def __post_init__(self) -> None:
        if self.captured_at.tzinfo is None:
            msg = "the time of capture needs a time zone"
            raise EvidenceError(msg)
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))
        object.__setattr__(self, "refused", MappingProxyType(dict(self.refused)))
