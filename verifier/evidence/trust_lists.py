"""Which lists a verification believed: written into the evidence, so that a later one can be given the same.

An entry is a claim of whoever wrote the file, like its time of capture. Nothing is judged by it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from verifier.errors import EvidenceError

if TYPE_CHECKING:  # evidence is handled by programs that never open a trust store
    from verifier.cardstatus.card_status_list import CardStatusList
    from verifier.pki.trust.trust_store import TrustStore

ISSUER_CERTIFICATES: Final = "issuer-certificates"
REVOCATION_LISTS: Final = "revocation-lists"
CARD_STATUS_LIST: Final = "card-status-list"


@dataclass(frozen=True, slots=True)
class TrustListVersion:
    """One list as it was at a certain time: its name, and whatever of its version is known."""

    name: str
    """``issuer-certificates``, ``revocation-lists``, ``card-status-list``, or the integrator's own: 1 to 64 letters."""
    version: str | None = None
    """A sequence number, a release or a count, as the list has it: 1 to 64 printable ASCII characters."""
    issued_at: datetime | None = None
    sha256: bytes | None = field(default=None, repr=False)
    """32 bytes over the list's content."""

    def __post_init__(self) -> None:
        if self.issued_at is None:
            return
        if self.issued_at.tzinfo is None:
            msg = "the time of a trust list needs a time zone"
            raise EvidenceError(msg)
        object.__setattr__(self, "issued_at", self.issued_at.astimezone(UTC))


def trust_lists_in_use(
    trust: "TrustStore", card_status: "CardStatusList | None" = None
) -> tuple[TrustListVersion, ...]:
    """Return the versions of what a verification is about to be made with.

    Certificates and CRLs are named by the SHA-256 over the sorted SHA-256 of each one's DER: the same set gives the
    same name wherever it is put together. The newest thisUpdate stands for the CRLs. Nothing of an index is decoded.
    """
    lists = _lists_of_store(trust)
    if card_status is None:
        return lists
    return (*lists, TrustListVersion(CARD_STATUS_LIST, str(card_status.sequence), card_status.issued_at))


def _lists_of_store(trust: "TrustStore") -> tuple[TrustListVersion, ...]:
    held = trust.content
    issuers = TrustListVersion(ISSUER_CERTIFICATES, str(len(held.certificates)), sha256=held.certificates_sha256)
    if not held.crls:
        return (issuers,)
    return issuers, TrustListVersion(REVOCATION_LISTS, str(len(held.crls)), held.newest_crl, held.crls_sha256)
