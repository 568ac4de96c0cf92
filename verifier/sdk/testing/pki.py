"""SyntheticPki: a country signing authority, its document signers, its lists. Nobody trusts it."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing.authority import (
    CRL_LIFETIME,
    CSCA_LIFETIME,
    SIGNER_LIFETIME,
    Csca,
    DocumentSigner,
    ListSigner,
    SyntheticAuthority,
)
from verifier.sdk.testing.writing.object_identifiers import DEVIATION_LIST, DEVIATION_LIST_SIGNER, MASTER_LIST
from verifier.sdk.testing.writing.published_lists import (
    Deviation,
    DirectoryBranch,
    DirectoryEntry,
    write_deviation_list,
    write_ldif,
    write_master_list,
)
from verifier.sdk.testing.writing.signed_data import write_signed_data

__all__ = [
    "CRL_LIFETIME",
    "CSCA_LIFETIME",
    "SIGNER_LIFETIME",
    "Csca",
    "DocumentSigner",
    "ListSigner",
    "SyntheticPki",
    "trust_store_of",
]


class SyntheticPki(SyntheticAuthority):
    """A PKI of one state, made for tests, quickly and from nothing.

    Everything starts at ``at`` unless told otherwise. With a seeded ``random`` all EC keys and serial numbers are the
    same each time; RSA keys never are. Every time that is handed in needs a zone, else ``InvalidInput`` is raised.
    ``deviating``, here for the authority or in ``issue_document_signer``, is the code of a deviation that is refused
    unless a policy tolerates it.

        pki = SyntheticPki(at=now)
        signer = pki.issue_document_signer()
        trust = pki.trust_store()
    """

    def certificates(self, *, links: bool = True) -> tuple[bytes, ...]:
        """Return the self-signed certificates of all generations, and the link certificates."""
        return (*(csca.certificate for csca in self._generations), *(self.link_certificates if links else ()))

    def crls(self) -> tuple[bytes, ...]:
        """Return every CRL issued so far."""
        return tuple(self._crls)

    def trust_store(self) -> TrustStore:
        """Return a trust store of these certificates and CRLs."""
        return trust_store_of([self])

    def write_to(self, folder: Path) -> None:
        """Write certificates and CRLs as DER files, as ``TrustStore.from_folder`` reads them."""
        folder.mkdir(parents=True, exist_ok=True)
        prefix = f"synthetic-{self.state.lower()}"
        for number, certificate in enumerate(self.certificates(), 1):
            (folder / f"{prefix}-csca-{number}.cer").write_bytes(certificate)
        for number, encoded in enumerate(self._crls, 1):
            (folder / f"{prefix}-{number}.crl").write_bytes(encoded)

    def master_list(
        self,
        others: Iterable["SyntheticPki"] = (),
        *,
        at: datetime | None = None,
        signer: ListSigner | None = None,
        more: Iterable[bytes] = (),
    ) -> bytes:
        """Return a signed master list of the certificates and links of this state and ``others``, and ``more`` (DER).

        The signer's own certificate and its CSCA's are in the signature, as ICAO 9303-12, 9.1 asks.
        """
        by = signer or self.issue_list_signer(at=at)
        listed = [*(certificate for pki in (self, *others) for certificate in pki.certificates()), *more]
        return self._signed_list(MASTER_LIST, write_master_list(listed), by, at)

    def deviation_list(
        self, deviations: Iterable[Deviation], *, at: datetime | None = None, signer: ListSigner | None = None
    ) -> bytes:
        """Return a signed list of what is wrong with this state's documents."""
        by = signer or self.issue_list_signer(purpose=DEVIATION_LIST_SIGNER, at=at)
        return self._signed_list(DEVIATION_LIST, write_deviation_list(deviations), by, at)

    def directory(self) -> tuple[DirectoryEntry, ...]:
        """Return what the ICAO directory would hold of this state: its signers and CRLs, and a master list."""
        signers = [(DirectoryBranch.SIGNER, signer.certificate) for signer in self._document_signers]
        crls = [(DirectoryBranch.CRL, encoded) for encoded in self._crls]
        entries = [*signers, *crls, (DirectoryBranch.MASTER_LIST, self.master_list())]
        return tuple(DirectoryEntry(branch, self.country, der) for branch, der in entries)

    def ldif(self, others: Iterable["SyntheticPki"] = (), *, more: Iterable[DirectoryEntry] = ()) -> bytes:
        """Return the directory of this state and ``others`` as LDIF; ``more`` adds entries, non-conformant ones too."""
        return write_ldif([*(entry for pki in (self, *others) for entry in pki.directory()), *more])

    def _signed_list(self, content_type: str, content: bytes, signer: ListSigner, at: datetime | None) -> bytes:
        certificates = (signer.certificate, signer.csca.certificate)
        return write_signed_data(
            content_type, content, signer.key, certificates, signed_at=at or self.at, by_key_identifier=True
        )


def trust_store_of(pkis: Iterable[SyntheticPki]) -> TrustStore:
    """Return one trust store of several PKIs."""
    known = tuple(pkis)
    return TrustStore.from_certificates(
        [Certificate.decode(encoded) for pki in known for encoded in pki.certificates()],
        [CertificateRevocationList.decode(encoded) for pki in known for encoded in pki.crls()],
    )
