"""What a trust store holds, in short: the same for the same certificates and CRLs, wherever and however they came."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList


@dataclass(frozen=True)
class StoreContent:
    """The SHA-256 of each one's DER, 32 bytes; to know them nothing is decoded."""

    certificates: frozenset[bytes] = field(repr=False)
    crls: frozenset[bytes] = field(repr=False)
    newest_crl: datetime | None
    """The latest thisUpdate of the CRLs; ``None`` where there is none."""

    def adding(self, certificates: Iterable[Certificate], crls: Iterable[CertificateRevocationList]) -> "StoreContent":
        """Return the content with these as well."""
        lists = tuple(crls)
        times = [crl.this_update for crl in lists] + ([] if self.newest_crl is None else [self.newest_crl])
        return StoreContent(
            self.certificates.union(certificate.fingerprint for certificate in certificates),
            self.crls.union(crl.fingerprint for crl in lists),
            max(times, default=None),
        )

    @cached_property
    def certificates_sha256(self) -> bytes:
        """SHA-256 over the sorted SHA-256 of each certificate, 32 bytes."""
        return _digest_of(self.certificates)

    @cached_property
    def crls_sha256(self) -> bytes:
        """SHA-256 over the sorted SHA-256 of each CRL, 32 bytes."""
        return _digest_of(self.crls)

    @cached_property
    def identity(self) -> str:
        """64 hexadecimal digits for certificates and CRLs together."""
        return hashlib.sha256(self.certificates_sha256 + self.crls_sha256).hexdigest()


NOTHING = StoreContent(frozenset(), frozenset(), None)


def _digest_of(members: frozenset[bytes]) -> bytes:
    return hashlib.sha256(b"".join(sorted(members))).digest()
