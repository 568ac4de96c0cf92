"""The trust store: whose certificates are believed, found by key and by name in constant time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.errors import TrustMaterialError, VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.names import Name
from verifier.pki.sources.deviation_list import DeviationList, KnownDeviation
from verifier.pki.sources.pkd import PkdRemark
from verifier.pki.trust_folder import scan_folder
from verifier.pki.verified_signatures import VerifiedSignatures

if TYPE_CHECKING:
    from verifier.pki.sources.signed_list import ListSigners

Problem = tuple[str, str]
"""(file name, sentence): something in a folder that was not loaded, or is loaded but damaged."""


class TrustStore:
    """CSCA certificates, link certificates and CRLs. Never changes; ``adding`` returns another.

    A certificate is an *anchor* when it is in the store, is a CA, is self-issued and its signature is its own: a root.
    It is believed because whoever keeps the store put it there (ICAO 9303-12, 6.1.1). Link certificates only lead from
    one CSCA key to another (4.1.4.3); they, and document signers that lie in the same folder, never anchor anything. A
    document signer in the store serves cards whose EF.SOD does not enclose its certificate.

    May be shared between threads. ``adding`` is cheap, and keeps what was verified before.
    """

    def __init__(
        self,
        certificates: Iterable[Certificate],
        crls: Iterable[CertificateRevocationList] = (),
        problems: Iterable[Problem] = (),
        signatures: VerifiedSignatures | None = None,
        *,
        deviation_lists: Iterable[DeviationList] = (),
        remarks: Mapping[bytes, PkdRemark] | None = None,
    ) -> None:
        self.certificates = tuple(dict.fromkeys(certificates))
        """Every certificate once, in the order in which they came."""
        self.crls = tuple(dict.fromkeys(crls))
        self.problems = tuple(problems)
        self.signatures = VerifiedSignatures() if signatures is None else signatures
        """What was verified with the keys of this store; stores made by ``adding`` share it."""
        self.deviation_lists = tuple(deviation_lists)
        self.remarks: Mapping[bytes, PkdRemark] = remarks or {}
        """What the ICAO directory says of a certificate or CRL, by its SHA-256."""
        self._by_key_identifier: defaultdict[bytes, list[Certificate]] = defaultdict(list)
        self._by_subject: defaultdict[Name, list[Certificate]] = defaultdict(list)
        self._crls_by_issuer: defaultdict[Name, list[CertificateRevocationList]] = defaultdict(list)
        self._members = frozenset(self.certificates)
        self._anchors: dict[Certificate, bool] = {}
        for certificate in self.certificates:
            self._by_subject[certificate.subject].append(certificate)
            if certificate.subject_key_identifier is not None:
                self._by_key_identifier[certificate.subject_key_identifier].append(certificate)
        for crl in self.crls:
            for name in dict.fromkeys(crl.issuers):
                self._crls_by_issuer[name].append(crl)

    def __repr__(self) -> str:
        return f"<TrustStore: {len(self.certificates)} certificates, {len(self.crls)} CRLs>"

    @classmethod
    def from_certificates(
        cls, certificates: Iterable[Certificate], crls: Iterable[CertificateRevocationList] = ()
    ) -> "TrustStore":
        """Make a store of what is in memory."""
        return cls(certificates, crls)

    @classmethod
    def from_folder(
        cls, folder: Path | str, *, list_signers: "ListSigners | None" = None, directory_signers: bool = False
    ) -> "TrustStore":
        """Load a folder: certificates and CRLs as DER or PEM, signed lists (``.ml``), the ICAO directory (``.ldif``).

        A certificate that lies there as a file is believed, for somebody put it there. Master lists and deviation lists
        count if ``list_signers`` vouch for them. Of the directory CRLs are taken, and with ``directory_signers`` its
        tens of thousands of document signers. What cannot be used is named in ``problems`` and spoils nothing else,
        roots with a damaged signature included. Raises ``TrustMaterialError`` when there is no such folder or no root
        in it.
        """
        content = scan_folder(Path(folder), directory_signers=directory_signers)
        store = cls(
            (certificate for _, certificate in content.certificates),
            content.crls,
            content.problems,
            remarks=content.remarks,
        )
        for name, certificate in content.certificates:
            sentence = store.anchor_problem(certificate)
            if sentence is not None:
                store.problems += ((name, sentence),)
        if list_signers is not None:
            store = list_signers.extend(store, content.signed_lists)
        else:
            nobody = "a signed list that adds nothing: nobody was named who may vouch for it (list signers)"
            store.problems += tuple((name, nobody) for name, _ in content.signed_lists)
        if not store.has_anchor:
            msg = f"the folder {folder} holds no usable root certificate"
            raise TrustMaterialError(msg)
        return store

    def adding(
        self,
        certificates: Iterable[Certificate] = (),
        crls: Iterable[CertificateRevocationList] = (),
        deviation_lists: Iterable[DeviationList] = (),
        problems: Iterable[Problem] = (),
    ) -> "TrustStore":
        """Return a store with these as well; a root among them becomes an anchor, so be sure of it."""
        return TrustStore(
            (*self.certificates, *certificates),
            (*self.crls, *crls),
            (*self.problems, *problems),
            self.signatures,
            deviation_lists=(*self.deviation_lists, *deviation_lists),
            remarks=self.remarks,
        )

    def known_deviations(self, signer: Certificate) -> tuple[KnownDeviation, ...]:
        """Return what the state of a document signer says is wrong with documents of it (deviation lists)."""
        return tuple(known for listed in self.deviation_lists for known in listed.of(signer))

    def with_key_identifier(self, identifier: bytes) -> tuple[Certificate, ...]:
        """Return the certificates with this subject key identifier."""
        return tuple(self._by_key_identifier.get(identifier, ()))

    def issuers_of(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Return the candidates for the issuer: by authority key identifier first, then by normalised name."""
        found: dict[Certificate, None] = {}
        if certificate.authority_key_identifier is not None:
            found.update(dict.fromkeys(self.with_key_identifier(certificate.authority_key_identifier)))
        found.update(dict.fromkeys(self.named(certificate.issuer)))
        return tuple(found)

    def crl_signers_of(self, crl: CertificateRevocationList) -> tuple[Certificate, ...]:
        """Return the candidates for who signed a CRL: they bear its name, and those with its key come first."""
        candidates = dict.fromkeys(candidate for name in crl.issuers for candidate in self.named(name))
        key = crl.authority_key_identifier
        return tuple(sorted(candidates, key=lambda candidate: candidate.subject_key_identifier != key))

    def named(self, subject: Name) -> tuple[Certificate, ...]:
        """Return the certificates of this subject."""
        return tuple(self._by_subject.get(subject, ()))

    def crls_of(self, issuer: Certificate | Name) -> tuple[CertificateRevocationList, ...]:
        """Return the CRLs that claim this issuer, by any name that they give it; none of them verified."""
        name = issuer.subject if isinstance(issuer, Certificate) else issuer
        return tuple(self._crls_by_issuer.get(name, ()))

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        """Every root, its own signature verified."""
        return tuple(certificate for certificate in self.certificates if self.is_anchor(certificate))

    @property
    def has_anchor(self) -> bool:
        """Whether there is a root at all."""
        return any(self.is_anchor(certificate) for certificate in self.certificates)

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether this is one of the store's roots; its signature is verified once."""
        if certificate not in self._members:
            return False
        if certificate not in self._anchors:
            self._anchors[certificate] = is_root(certificate)
        return self._anchors[certificate]

    def anchor_problem(self, certificate: Certificate) -> str | None:
        """Return what is wrong with a certificate that was meant as a root; ``None`` for a good one or another kind."""
        if not looks_like_root(certificate) or self.is_anchor(certificate):
            return None
        return f"the self-signature of {certificate.subject} is damaged or of an unsupported kind"


def looks_like_root(certificate: Certificate) -> bool:
    """Whether a certificate claims to be a root: a CA that names itself, and no other key, as its issuer."""
    return (
        certificate.is_ca
        and certificate.is_self_issued
        and certificate.authority_key_identifier in {None, certificate.subject_key_identifier}
    )


def is_root(certificate: Certificate) -> bool:
    """Whether a certificate is a root: a CA under its own name, signed with its own key.

    Decided by the signature: some real roots carry a wrong authority key identifier.
    """
    if not (certificate.is_ca and certificate.is_self_issued):
        return False
    try:
        return certificate.is_signed_by(certificate.public_key).valid
    except VerifierError:
        return False
