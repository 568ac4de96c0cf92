"""Whether a document signer, or a certificate above it, was revoked (RFC 5280, 6.3; ICAO 9303-12, 6.1.2, D.1.2).

A CSCA signs one CRL for all its certificates, with the key of the day (4.1.5): the list for a document signer under an
old key usually bears the signature of a later one. Any trusted CSCA certificate of the CRL's name is tried, also one
that is reached over link certificates; a CSCA that changed its name signs for the old one where a link certificate says
so. By the standard the country alone would do (7.1.4, note 1); here two authorities of one state, say for passports and
for members' cards, do not revoke each other's signers.

A revocation does not expire. A properly signed list that names the signer counts however old it is, and whatever it is
signed with; that a signer is *not* revoked needs a list of today, and a signature of this day's strength. Where
only the earliest time that it may be is known (``at_least``), a list that was issued later counts, and its signer.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from verifier.errors import InvalidInput, VerifierError
from verifier.pki.asn1.der_time import whole_seconds
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.strength import weaknesses_of_signature
from verifier.pki.crl import CertificateRevocationList, RevokedCertificate
from verifier.pki.extensions import KeyUsage
from verifier.pki.names import Name
from verifier.pki.path import find_issuer_path
from verifier.pki.path_rules import Observation, Tolerates, tolerate_nothing
from verifier.pki.trust.trust_store import TrustStore

MAX_SIGNATURES = 128
"""CRL signatures verified in one look-up: more than all lists that a directory may bring of one issuer can cost."""
MAX_CANDIDATES = 8
"""CSCA certificates tried for one CRL."""


class RevocationState(StrEnum):
    """The answer."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class RevocationReasonCode(StrEnum):
    """Why that is the answer; the codes are stable. Those of UNKNOWN stand in order, the furthest last."""

    NOT_REVOKED = "not-revoked"
    SIGNER_REVOKED = "signer-revoked"
    ISSUER_REVOKED = "issuer-revoked"
    NO_CRL = "no-crl"
    CRL_ISSUER_UNKNOWN = "crl-issuer-unknown"
    CRL_SIGNATURE_INVALID = "crl-signature-invalid"
    CRL_UNUSABLE = "crl-unusable"
    CRL_NOT_YET_VALID = "crl-not-yet-valid"
    CRL_STALE = "crl-stale"
    CRL_ALGORITHM_DEPRECATED = "crl-algorithm-deprecated"


_ORDER = {code: index for index, code in enumerate(RevocationReasonCode)}
_Unknown = tuple[RevocationReasonCode, str]


@dataclass(frozen=True, slots=True)
class RevocationStatus:
    """What the CRLs say."""

    state: RevocationState
    reason: RevocationReasonCode
    sentence: str
    entry: RevokedCertificate | None = None
    """When and why, where something is revoked."""
    crl: CertificateRevocationList | None = None
    """The list that decided."""
    tolerated: tuple[Observation, ...] = ()
    """What only the caller's tolerance let pass: deviations of whoever signed the list."""
    code: Deviation | None = None
    """What would have to be tolerated, where that would have helped with this reason."""


def revocation_status(
    signer: Certificate,
    path: tuple[Certificate, ...],
    store: TrustStore,
    at: datetime,
    max_crl_age: timedelta = timedelta(0),
    *,
    tolerates: Tolerates = tolerate_nothing,
    at_least: bool = False,
) -> RevocationStatus:
    """Look the signer up, and every certificate above it, in the store's CRLs.

    ``path`` is that of ``find_path``: signer first, root last. ``max_crl_age`` is how long after its nextUpdate a CRL
    still shows that the signer is good; ``tolerates`` is asked about deviations of whoever signed a list. Never raises
    for what CRLs contain.
    """
    if at.tzinfo is None:
        msg = "the time of verification needs a time zone"
        raise InvalidInput(msg)
    lookup = _Lookup(store, whole_seconds(at), max_crl_age, tolerates, at_least=at_least)
    chain = tuple(pairwise((*path, path[-1]))) if path else ((signer, signer),)
    for certificate, issuer in chain:
        for crl in _crls_for(certificate, issuer, store):
            entry = crl.revoked.get(certificate.serial)
            if entry is not None and lookup.accepts(crl, certificate, issuer):
                return replace(_revoked(certificate == signer, entry, crl), tolerated=lookup.tolerated(crl))
    for crl in _crls_for(*chain[0], store):
        if signer.serial not in crl.revoked and lookup.accepts(crl, *chain[0]) and lookup.shows_good(crl, signer):
            sentence = f"The CRL of {crl.this_update:%Y-%m-%d} does not list the signer."
            return RevocationStatus(
                RevocationState.GOOD,
                RevocationReasonCode.NOT_REVOKED,
                sentence,
                crl=crl,
                tolerated=lookup.tolerated(crl),
            )
    return RevocationStatus(RevocationState.UNKNOWN, *lookup.best, code=lookup.code)


def _crls_for(
    certificate: Certificate, issuer: Certificate, store: TrustStore
) -> tuple[CertificateRevocationList, ...]:
    """The CRLs of the issuer under the name in the certificate, and under the issuer's own; newest first."""
    crls = dict.fromkeys((*store.crls_of(certificate.issuer), *store.crls_of(issuer)))
    return tuple(sorted(crls, key=lambda crl: crl.this_update, reverse=True))


def _revoked(is_signer: bool, entry: RevokedCertificate, crl: CertificateRevocationList) -> RevocationStatus:
    code = RevocationReasonCode.SIGNER_REVOKED if is_signer else RevocationReasonCode.ISSUER_REVOKED
    who = "The document signer" if is_signer else "A certificate above the document signer"
    why = entry.reason.name.lower().replace("_", " ")
    sentence = f"{who} was revoked on {entry.date:%Y-%m-%d} ({why})."
    return RevocationStatus(RevocationState.REVOKED, code, sentence, entry, crl)


class _Lookup:
    """Which CRLs may be used, and how far the others came."""

    def __init__(
        self, store: TrustStore, at: datetime, max_crl_age: timedelta, tolerates: Tolerates, *, at_least: bool
    ) -> None:
        self.store = store
        self.at = at
        self.at_least = at_least
        self.max_crl_age = max_crl_age
        self.tolerates = tolerates
        self.code: Deviation | None = None
        """What would have to be tolerated for the best so far."""
        self.best: _Unknown = (RevocationReasonCode.NO_CRL, "No CRL of the issuer is in the trust store.")
        self._trusted: dict[Certificate, bool] = {}
        self._signatures = 0
        self._signers: dict[CertificateRevocationList, Certificate] = {}
        self._tolerated: dict[Certificate, dict[Observation, None]] = {}

    def accepts(self, crl: CertificateRevocationList, certificate: Certificate, issuer: Certificate) -> bool:
        """Whether a CRL is usable, and signed by who may revoke this certificate of that issuer, whatever its age."""
        problem = self._problem(crl, (certificate.issuer, issuer.subject))
        if problem is not None:
            self._note(problem)
        return problem is None

    def shows_good(self, crl: CertificateRevocationList, certificate: Certificate) -> bool:
        """Whether an accepted CRL can show that a certificate is not revoked."""
        return self._covers(crl, certificate) and self._is_fresh(crl) and self._is_strong(crl)

    def _covers(self, crl: CertificateRevocationList, certificate: Certificate) -> bool:
        if crl.covers(certificate.crl_distribution_points, certificate.issuer):
            return True
        code = None if crl.is_partial else Deviation.CRL_DISTRIBUTION_POINT_DIFFERS
        if code is not None and self._bears_with(code, self._signers[crl]):
            return True
        sentence = (
            f"The CRL of {crl.this_update:%Y-%m-%d} is for another part of the certificates, or some reasons only."
        )
        self._note((RevocationReasonCode.CRL_UNUSABLE, sentence), code)
        return False

    def tolerated(self, crl: CertificateRevocationList) -> tuple[Observation, ...]:
        """What was tolerated of whoever signed an accepted CRL."""
        return tuple(self._tolerated.get(self._signers[crl], ()))

    def _is_strong(self, crl: CertificateRevocationList) -> bool:
        signer = self._signers[crl]
        for code in weaknesses_of_signature(crl.signature_algorithm.hash_name, signer.public_key):
            if not self._bears_with(code, signer):
                sentence = f"The signature of the CRL of {crl.this_update:%Y-%m-%d} no longer protects it."
                self._note((RevocationReasonCode.CRL_ALGORITHM_DEPRECATED, sentence), code)
                return False
        return True

    def _bears_with(self, code: Deviation, certificate: Certificate) -> bool:
        if not self.tolerates(code, certificate):
            return False
        self._tolerated.setdefault(certificate, {})[Observation(code, certificate)] = None
        return True

    def _is_fresh(self, crl: CertificateRevocationList) -> bool:
        """Whether a CRL can show that something is not revoked (RFC 5280, 6.3.3, step a)."""
        if crl.this_update > self.at and not self.at_least:
            sentence = f"The CRL is of {crl.this_update:%Y-%m-%d}, which lies ahead."
            self._note((RevocationReasonCode.CRL_NOT_YET_VALID, sentence))
            return False
        if crl.next_update is None:
            self._note((RevocationReasonCode.CRL_STALE, "The CRL does not say when the next one is due."))
            return False
        if self.at - crl.next_update > self.max_crl_age:
            sentence = f"The CRL of {crl.this_update:%Y-%m-%d} was due for renewal on {crl.next_update:%Y-%m-%d}."
            self._note((RevocationReasonCode.CRL_STALE, sentence))
            return False
        return True

    def _problem(self, crl: CertificateRevocationList, names: tuple[Name, ...]) -> _Unknown | None:
        if crl.unusable is not None:
            return RevocationReasonCode.CRL_UNUSABLE, crl.unusable
        problem: _Unknown = (RevocationReasonCode.CRL_ISSUER_UNKNOWN, "Whoever signed the CRL is not trusted.")
        for candidate in self.store.crl_signers_of(crl)[:MAX_CANDIDATES]:
            if self._signatures >= MAX_SIGNATURES or not self._may_sign(candidate, names):
                continue
            self._signatures += 1
            try:
                if self.store.signatures.verify(crl, candidate.public_key):
                    self._signers[crl] = candidate
                    return None
                problem = (RevocationReasonCode.CRL_SIGNATURE_INVALID, "The CRL's signature is not its issuer's.")
            except VerifierError as error:
                problem = (RevocationReasonCode.CRL_UNUSABLE, error.sentence)
        return problem

    def _may_sign(self, candidate: Certificate, names: tuple[Name, ...]) -> bool:
        """Whether a CSCA certificate is trusted to sign CRLs for a CSCA that goes by ``names``."""
        return (
            self._usage_allows(candidate)
            and self._is_trusted(candidate)
            and (candidate.subject in names or self._is_successor(candidate, names))
        )

    def _usage_allows(self, candidate: Certificate) -> bool:
        if candidate.key_usage is None:
            return self._bears_with(Deviation.KEY_USAGE_MISSING, candidate)
        return KeyUsage.CRL_SIGN in candidate.key_usage or self._bears_with(
            Deviation.KEY_USAGE_WITHOUT_CRL_SIGN, candidate
        )

    def _is_trusted(self, candidate: Certificate) -> bool:
        if candidate not in self._trusted:
            result = find_issuer_path(candidate, self.store, self.at, self.tolerates, at_least=self.at_least)
            self._trusted[candidate] = result.found
            self._tolerated.setdefault(candidate, {}).update(dict.fromkeys(result.tolerated))
        return self._trusted[candidate]

    def _is_successor(self, candidate: Certificate, names: tuple[Name, ...]) -> bool:
        """Whether a CSCA of that name passed itself on to this key under another name, by a link certificate.

        Otherwise any trusted CSCA could sign lists in the name of any other.
        """
        for link in self.store.named(candidate.subject)[:MAX_CANDIDATES]:
            if link.public_key_der == candidate.public_key_der and link.issuer in names:
                path = find_issuer_path(link, self.store, self.at, self.tolerates, at_least=self.at_least).path
                if len(path) > 1 and path[1].subject in names:
                    return True
        return False

    def _note(self, problem: _Unknown, code: Deviation | None = None) -> None:
        if _ORDER[problem[0]] > _ORDER[self.best[0]]:
            self.best, self.code = problem, code
