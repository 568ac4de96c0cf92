"""How chains with authorities below the root get through a path finder that knows none (ICAO 9303-12, 2).

General suites have root → authority → … → end entity. Ours is root → signer, with link certificates between roots. So
each authority is put to ``find_issuer_path`` with those above it as the roots, and to ``revocation_status`` where CRLs
matter; whoever passes is believed as a root for what it issued. Every rule is judged by the real functions; only who
counts as a root is changed.
"""

from collections.abc import Iterable
from datetime import datetime

from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.path import PathResult, find_issuer_path, find_path
from verifier.pki.revocation import RevocationState, RevocationStatus, revocation_status
from verifier.pki.trust.trust_store import TrustStore


class BelievingStore(TrustStore):
    """A store whose roots are those it was told, self-signed or not."""

    def __init__(
        self,
        certificates: Iterable[Certificate],
        crls: Iterable[CertificateRevocationList] = (),
        believed: Iterable[Certificate] = (),
    ) -> None:
        super().__init__(certificates, crls)
        self._believed = frozenset(believed)

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether the store was told to believe this certificate."""
        return certificate in self._believed


class Chains:
    """A heap of certificates and CRLs under some roots, judged step by step."""

    def __init__(
        self,
        roots: Iterable[Certificate],
        others: Iterable[Certificate],
        crls: Iterable[CertificateRevocationList] = (),
        *,
        at: datetime,
        revocation: bool,
        max_depth: int = 6,
    ) -> None:
        self.roots = tuple(roots)
        self.others = tuple(others)
        self.crls = tuple(crls)
        self.at = at
        self.revocation = revocation
        self.refused: dict[Certificate, PathResult | RevocationStatus] = {}
        """Authorities that a root issued and that may not stand in a path, with the reason."""
        self.store = self._believe(max_depth)

    def judge(self, signer: Certificate) -> str:
        """Return ``accepted``, or the reason code of the first check that refuses."""
        result = find_path(signer, self.store, self.at)
        if not result.found:
            return self._reason_above(signer) or str(result.reason)
        if not self.revocation:
            return "accepted"
        status = revocation_status(signer, result.path, self.store, self.at)
        return "accepted" if status.state is RevocationState.GOOD else str(status.reason)

    def _believe(self, max_depth: int) -> BelievingStore:
        believed = list(self.roots)
        store = BelievingStore((*self.roots, *self.others), self.crls, believed)
        left = [certificate for certificate in self.others if certificate.is_ca]
        for _ in range(max_depth):
            passed = [certificate for certificate in left if self._passes(certificate, store)]
            if not passed:
                break
            believed += passed
            left = [certificate for certificate in left if certificate not in passed]
            store = BelievingStore((*self.roots, *self.others), self.crls, believed)
        return store

    def _passes(self, authority: Certificate, store: BelievingStore) -> bool:
        """Whether a root of this store issued the authority, and may have."""
        result = find_issuer_path(authority, store, self.at)
        if not result.found:
            self.refused.setdefault(authority, result)
            return False
        if self.revocation:
            status = revocation_status(authority, result.path, store, self.at)
            if status.state is not RevocationState.GOOD:
                self.refused[authority] = status
                return False
        self.refused.pop(authority, None)
        return True

    def _reason_above(self, signer: Certificate) -> str | None:
        """The reason why the signer's issuer was refused, if that is what is wrong."""
        for candidate in self.store.issuers_of(signer):
            if candidate in self.refused and candidate != signer:
                return str(self.refused[candidate].reason)
        return None
