"""Evidence: what one reading of one card brought. ``docs/evidence-format.md`` describes its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Self

from verifier.access.proofs import (
    AccessRecord,
    ActiveAuthenticationProof,
    ChipAuthenticationProof,
    PaceChipAuthenticationProof,
)
from verifier.errors import EvidenceError
from verifier.evidence import file_format
from verifier.evidence.trust_lists import TrustListVersion

CHIP_AUTHENTICATION = "chip-authentication"
ACTIVE_AUTHENTICATION = "active-authentication"


@dataclass(frozen=True)
class Evidence:
    """One reading of one card.

    ``files`` maps a file's name (``EF.SOD``, ``DG1``, ``DG14``, ``EF.CardAccess`` …) to its bytes as read.
    ``refused`` maps what was planned but not given to the card's status word: the name of a file, or
    ``chip-authentication`` or ``active-authentication`` where the chip declined to prove itself.

    A proof holds what the chip answered, right or wrong: a clone that lacks the key leaves a proof that does not
    verify, not an absent one.
    """

    profile: str
    captured_at: datetime
    access: AccessRecord
    files: Mapping[str, bytes] = field(repr=False)
    refused: Mapping[str, int] = field(default_factory=dict)
    chip_authentication: ChipAuthenticationProof | None = None
    active_authentication: ActiveAuthenticationProof | None = None
    pace_chip_authentication: PaceChipAuthenticationProof | None = None
    trust_lists: tuple[TrustListVersion, ...] = ()
    """The lists by which it was judged as it was read, where anybody noted them: for those who judge it again."""

    def __post_init__(self) -> None:
        _require_kinds(self.access, self.files, self.refused)
        object.__setattr__(self, "captured_at", _in_utc(self.captured_at))
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))
        object.__setattr__(self, "refused", MappingProxyType(dict(self.refused)))

    def to_bytes(self) -> bytes:
        """Return the evidence file: UTF-8 JSON, the same bytes for equal evidence with files in the same order.

        Raises ``EvidenceError`` where a name or a number does not fit the format: what is written can be read.
        """
        encoded = file_format.encode(self)
        if self.from_bytes(encoded) != self:
            msg = "the evidence does not fit its file format"
            raise EvidenceError(msg)
        return encoded

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Self:
        """Decode an evidence file of any version so far; raise ``EvidenceError`` on anything else."""
        return cls(**file_format.decode(encoded))


def _require_kinds(access: object, files: object, refused: object) -> None:
    if not (isinstance(access, AccessRecord) and isinstance(files, Mapping) and isinstance(refused, Mapping)):
        msg = "evidence has an AccessRecord, and maps the names of files to bytes or to status words"
        raise EvidenceError(msg)
    if not all(isinstance(content, bytes) for content in files.values()):
        msg = "the files of evidence are bytes"
        raise EvidenceError(msg)


def _in_utc(at: object) -> datetime:
    if not isinstance(at, datetime) or at.utcoffset() is None:
        msg = "the time of capture is a datetime, and needs a time zone"
        raise EvidenceError(msg)
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        msg = "the time of capture lies outside the years 1 to 9999"
        raise EvidenceError(msg) from error
