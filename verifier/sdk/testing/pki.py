"""SyntheticPki: a country signing authority, its document signers, its revocation lists. Nobody trusts it."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from verifier.evidence.arguments import require_zone
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.trust_store import TrustStore
from verifier.sdk.testing.certificates import (
    Entity,
    Validity,
    distinguished_name,
    write_crl,
    write_csca_certificate,
    write_signer_certificate,
)
from verifier.sdk.testing.curves import Random
from verifier.sdk.testing.signing import KeyKind, SigningKey

CSCA_LIFETIME = timedelta(days=15 * 365)
SIGNER_LIFETIME = timedelta(days=int(10.5 * 365))
CRL_LIFETIME = timedelta(days=90)
_ORGANISATION = "Synthetic test material"


@dataclass(frozen=True)
class Csca:
    """A generation of the country signing authority."""

    certificate: bytes = field(repr=False)
    """Self-signed, DER."""
    authority: Entity = field(repr=False)
    validity: Validity


@dataclass(frozen=True)
class DocumentSigner:
    """Who signs document security objects."""

    certificate: bytes = field(repr=False)
    """DER."""
    key: SigningKey = field(repr=False)
    serial: int
    csca: Csca = field(repr=False)


class SyntheticPki:
    """A PKI of one state, made for tests, quickly and from nothing.

    Everything starts at ``at`` unless told otherwise. With a seeded ``random`` all EC keys and serial numbers are the
    same each time; RSA keys never are. Every time that is handed in needs a zone, else ``InvalidInput`` is raised.

        pki = SyntheticPki(at=now)
        signer = pki.issue_document_signer()
        trust = pki.trust_store()
    """

    def __init__(
        self,
        *,
        at: datetime,
        country: str = "VN",
        state: str = "VNM",
        name: str = "Synthetic CSCA",
        key_kind: KeyKind = KeyKind.BRAINPOOL_P384,
        explicit_parameters: bool = False,
        lifetime: timedelta = CSCA_LIFETIME,
        random: Random = secrets.token_bytes,
    ) -> None:
        require_zone(at, "a PKI's foundation")
        self.at = at
        self.country = country
        self.state = state
        self.name = name
        self.link_certificates: list[bytes] = []
        """Old key signs new, new key signs old, for each roll-over (ICAO 9303-12, 4.1.4.3)."""
        self._random = random
        self._signer_count = 0
        self._generations: list[Csca] = []
        self._revoked: dict[int, list[int]] = {}
        self._crls: list[bytes] = []
        self._add_generation(at, key_kind, explicit_parameters, lifetime)

    @property
    def csca(self) -> Csca:
        """The present generation of the authority."""
        return self._generations[-1]

    @property
    def generations(self) -> tuple[Csca, ...]:
        """All generations, oldest first."""
        return tuple(self._generations)

    def issue_document_signer(
        self,
        *,
        at: datetime | None = None,
        lifetime: timedelta = SIGNER_LIFETIME,
        key_kind: KeyKind = KeyKind.P256,
        explicit_parameters: bool = False,
        csca: Csca | None = None,
    ) -> DocumentSigner:
        """Issue a document signer under the present authority, or under the given generation of it."""
        issuer = csca or self.csca
        start = self.at if at is None else at
        require_zone(start, "a document signer's issue")
        self._signer_count += 1
        common_name = f"Synthetic Document Signer {self._signer_count} – not a real issuer"
        key = SigningKey.generate(key_kind, explicit_parameters=explicit_parameters, random=self._random)
        serial = self._serial()
        certificate = write_signer_certificate(
            Entity(distinguished_name(self.country, _ORGANISATION, common_name), key),
            issuer.authority,
            serial,
            Validity(start, start + lifetime),
            self.state,
        )
        return DocumentSigner(certificate, key, serial, issuer)

    def roll_over(
        self,
        *,
        at: datetime,
        key_kind: KeyKind = KeyKind.BRAINPOOL_P384,
        explicit_parameters: bool = False,
        lifetime: timedelta = CSCA_LIFETIME,
    ) -> Csca:
        """Begin a new generation and link it both ways; return it."""
        require_zone(at, "a roll-over")
        old = self.csca
        new = self._add_generation(at, key_kind, explicit_parameters, lifetime)
        linked_until = Validity(at, old.validity.not_after)
        for subject, issuer in ((new, old), (old, new)):
            self.link_certificates.append(
                write_csca_certificate(subject.authority, issuer.authority, self._serial(), linked_until, self.state)
            )
        return new

    def revoke(self, signer: DocumentSigner) -> None:
        """Name the signer in every CRL that is issued from now on."""
        self._revoked.setdefault(self._generations.index(signer.csca), []).append(signer.serial)

    def issue_crl(
        self, *, at: datetime | None = None, lifetime: timedelta = CRL_LIFETIME, csca: Csca | None = None
    ) -> bytes:
        """Issue the CRL of the present authority, or of the given generation; return its DER."""
        issuer = csca or self.csca
        start = self.at if at is None else at
        require_zone(start, "a CRL's issue")
        revoked = self._revoked.get(self._generations.index(issuer), [])
        encoded = write_crl(issuer.authority, len(self._crls) + 1, start, start + lifetime, revoked)
        self._crls.append(encoded)
        return encoded

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

    def _add_generation(self, at: datetime, key_kind: KeyKind, explicit_parameters: bool, lifetime: timedelta) -> Csca:
        key = SigningKey.generate(key_kind, explicit_parameters=explicit_parameters, random=self._random)
        number = f" {len(self._generations) + 1}" if self._generations else ""
        name = distinguished_name(self.country, _ORGANISATION, f"{self.name}{number} – not a real issuer")
        authority, validity = Entity(name, key), Validity(at, at + lifetime)
        certificate = write_csca_certificate(authority, authority, self._serial(), validity, self.state)
        self._generations.append(Csca(certificate, authority, validity))
        return self.csca

    def _serial(self) -> int:
        """Positive, at most 20 bytes, with 127 random bits (RFC 5280, 4.1.2.2)."""
        return int.from_bytes(self._random(16)) | 1 << 126


def trust_store_of(pkis: Iterable[SyntheticPki]) -> TrustStore:
    """Return one trust store of several PKIs."""
    known = tuple(pkis)
    return TrustStore.from_certificates(
        [Certificate.decode(encoded) for pki in known for encoded in pki.certificates()],
        [CertificateRevocationList.decode(encoded) for pki in known for encoded in pki.crls()],
    )
