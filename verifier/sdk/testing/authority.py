"""The authority behind ``SyntheticPki``: its generations, whom it certifies, whom it revokes."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from verifier.evidence.arguments import require_zone
from verifier.sdk.testing.arithmetic.groups import Random
from verifier.sdk.testing.writing.certificates import (
    Entity,
    Validity,
    distinguished_name,
    write_crl,
    write_csca_certificate,
    write_list_signer_certificate,
    write_signer_certificate,
)
from verifier.sdk.testing.writing.deviating import deviating_key
from verifier.sdk.testing.writing.object_identifiers import MASTER_LIST_SIGNER
from verifier.sdk.testing.writing.signing import KeyKind, SigningKey

CSCA_LIFETIME = timedelta(days=15 * 365)
SIGNER_LIFETIME = timedelta(days=int(10.5 * 365))
CRL_LIFETIME = timedelta(days=90)
LIST_SIGNER_LIFETIME = timedelta(days=3 * 365)
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


@dataclass(frozen=True)
class ListSigner:
    """Who signs master lists, or deviation lists."""

    certificate: bytes = field(repr=False)
    """DER."""
    key: SigningKey = field(repr=False)
    csca: Csca = field(repr=False)


class SyntheticAuthority:
    """A country signing authority in all its generations; see ``SyntheticPki``."""

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
        deviating: str | None = None,
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
        self._document_signers: list[DocumentSigner] = []
        self._generations: list[Csca] = []
        self._revoked: dict[int, list[int]] = {}
        self._crls: list[bytes] = []
        self._deviating = deviating
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
        deviating: str | None = None,
    ) -> DocumentSigner:
        """Issue a document signer under the present authority, or under the given generation of it.

        ``deviating`` makes it one that is refused unless the policy tolerates that code: ``deprecated-hash-sha1``,
        ``deprecated-rsa-1024`` or ``key-usage-missing``; else ``InvalidInput`` is raised.
        """
        issuer = csca or self.csca
        start = self.at if at is None else at
        require_zone(start, "a document signer's issue")
        self._signer_count += 1
        common_name = f"Synthetic Document Signer {self._signer_count} – not a real issuer"
        key = deviating_key(deviating, key_kind, explicit_parameters=explicit_parameters, random=self._random)
        serial = self._serial()
        certificate = write_signer_certificate(
            Entity(distinguished_name(self.country, _ORGANISATION, common_name), key),
            issuer.authority,
            serial,
            Validity(start, start + lifetime),
            self.state,
            deviating=deviating,
        )
        signer = DocumentSigner(certificate, key, serial, issuer)
        self._document_signers.append(signer)
        return signer

    def roll_over(
        self,
        *,
        at: datetime,
        key_kind: KeyKind = KeyKind.BRAINPOOL_P384,
        explicit_parameters: bool = False,
        lifetime: timedelta = CSCA_LIFETIME,
        keep_name: bool = False,
    ) -> Csca:
        """Begin a new generation and link it both ways; return it.

        It has a name of its own, which its link certificates announce (ICAO 9303-12, 7.1.1.5), unless ``keep_name``.
        """
        require_zone(at, "a roll-over")
        old = self.csca
        new = self._add_generation(at, key_kind, explicit_parameters, lifetime, old.authority if keep_name else None)
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
        self,
        *,
        at: datetime | None = None,
        lifetime: timedelta = CRL_LIFETIME,
        csca: Csca | None = None,
        all_generations: bool = False,
    ) -> bytes:
        """Issue the CRL of the present authority, or of the given generation; return its DER.

        With ``all_generations`` it names the revoked signers of all of them: one CRL of a state, by its latest key.
        """
        issuer = csca or self.csca
        start = self.at if at is None else at
        require_zone(start, "a CRL's issue")
        own = self._generations.index(issuer)
        revoked = [s for generation, s in self._revocations() if all_generations or generation == own]
        encoded = write_crl(issuer.authority, len(self._crls) + 1, start, start + lifetime, revoked)
        self._crls.append(encoded)
        return encoded

    def issue_list_signer(
        self,
        *,
        purpose: str = MASTER_LIST_SIGNER,
        at: datetime | None = None,
        lifetime: timedelta = LIST_SIGNER_LIFETIME,
        key_kind: KeyKind = KeyKind.P256,
        csca: Csca | None = None,
    ) -> ListSigner:
        """Issue a signer of master lists, or with ``DEVIATION_LIST_SIGNER`` as ``purpose`` of deviation lists."""
        issuer = csca or self.csca
        start = self.at if at is None else at
        require_zone(start, "a list signer's issue")
        name = distinguished_name(self.country, _ORGANISATION, "Synthetic List Signer – not a real issuer")
        subject = Entity(name, SigningKey.generate(key_kind, random=self._random))
        validity = Validity(start, start + lifetime)
        certificate = write_list_signer_certificate(
            subject, issuer.authority, self._serial(), validity, self.state, purpose=purpose
        )
        return ListSigner(certificate, subject.key, issuer)

    def _revocations(self) -> Iterable[tuple[int, int]]:
        return ((generation, serial) for generation, serials in self._revoked.items() for serial in serials)

    def _add_generation(
        self,
        at: datetime,
        key_kind: KeyKind,
        explicit_parameters: bool,
        lifetime: timedelta,
        namesake: Entity | None = None,
    ) -> Csca:
        key = deviating_key(self._deviating, key_kind, explicit_parameters=explicit_parameters, random=self._random)
        number = f" {len(self._generations) + 1}" if self._generations else ""
        own_name = distinguished_name(self.country, _ORGANISATION, f"{self.name}{number} – not a real issuer")
        name = namesake.name if namesake else own_name
        authority, validity = Entity(name, key), Validity(at, at + lifetime)
        certificate = write_csca_certificate(
            authority, authority, self._serial(), validity, self.state, deviating=self._deviating
        )
        self._generations.append(Csca(certificate, authority, validity))
        return self.csca

    def _serial(self) -> int:
        """Positive, at most 20 bytes, with 127 random bits (RFC 5280, 4.1.2.2)."""
        return int.from_bytes(self._random(16)) | 1 << 126
