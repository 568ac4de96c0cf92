"""The trust store: whose certificates are believed, found by key and by name in constant time."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from verifier.errors import TrustMaterialError, VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.names import Name
from verifier.pki.trust_folder import read_folder
from verifier.pki.verified_signatures import VerifiedSignatures

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
    ) -> None:
        self.certificates = tuple(dict.fromkeys(certificates))
        """Every certificate once, in the order in which they came."""
        self.crls = tuple(dict.fromkeys(crls))
        self.problems = tuple(problems)
        self.signatures = VerifiedSignatures() if signatures is None else signatures
        """What was verified with the keys of this store; stores made by ``adding`` share it."""
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
    def from_folder(cls, folder: Path | str) -> "TrustStore":
        """Load every ``*.cer *.crt *.der *.pem *.crl`` of a folder: DER, or PEM with any number of objects.

        What cannot be used is named in ``problems`` and spoils nothing else, roots with a damaged signature included.
        Raises ``TrustMaterialError`` when there is no such folder or no root in it.
        """
        certificates, crls, problems = read_folder(Path(folder))
        store = cls((certificate for _, certificate in certificates), crls, problems)
        for name, certificate in certificates:
            sentence = store.anchor_problem(certificate)
            if sentence is not None:
                store.problems += ((name, sentence),)
        if not store.anchors:
            msg = f"the folder {folder} holds no usable root certificate"
            raise TrustMaterialError(msg)
        return store

    def adding(
        self, certificates: Iterable[Certificate] = (), crls: Iterable[CertificateRevocationList] = ()
    ) -> "TrustStore":
        """Return a store with these as well; a root among them becomes an anchor, so be sure of it."""
        return TrustStore((*self.certificates, *certificates), (*self.crls, *crls), self.problems, self.signatures)

    def issuers_of(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Return the candidates for the issuer: by authority key identifier first, then by normalised name."""
        found: dict[Certificate, None] = {}
        if certificate.authority_key_identifier is not None:
            found.update(dict.fromkeys(self._by_key_identifier.get(certificate.authority_key_identifier, ())))
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

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether this is one of the store's roots; its signature is verified once."""
        if certificate not in self._members:
            return False
        if certificate not in self._anchors:
            self._anchors[certificate] = _is_root(certificate)
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


def _is_root(certificate: Certificate) -> bool:
    """Decided by the signature: some real roots carry a wrong authority key identifier."""
    if not (certificate.is_ca and certificate.is_self_issued):
        return False
    try:
        return certificate.is_signed_by(certificate.public_key).valid
    except VerifierError:
        return False
