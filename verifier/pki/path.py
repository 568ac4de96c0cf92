"""From a document signer to a trusted root, as ICAO 9303-12 has it (6.1.2, 7.1.1, Appendix D; RFC 5280, 6).

Every candidate for an issuer is tried, those named by key identifier before those named alike, breadth first, so that
the shortest path is found. What stops a hostile store is a bound on signatures verified and on certificates in a row.

Decisions, where the standards leave room (clauses are those of ICAO 9303-12):

* Validity: every certificate of the path, the root included, must be valid at ``at``. D.1.1.3 asks it of the signer
  only; neither it nor RFC 5280 looks at a root's dates. But a CSCA certificate outlives every document signer under it
  (4.1.4.1), and a document signer every document that it signed (4.1.1.1): a genuine document that is valid has a path
  that is valid. The private key usage period binds who signs and is not looked at: most documents are verified long
  after it.
* Key usage and a CSCA's basicConstraints are mandatory (Table 6), so a certificate without them is refused as well.
* There are no authorities below a CSCA (2), whatever its pathLenConstraint, which is 0 (Table 6; in the sixth edition 1
  for links: Appendix C). So everything between signer and root must be a link certificate: self-issued, which does not
  count against the constraint (RFC 5280, 4.2.1.9), or with the extension nameChange, which has no effect on it
  (7.1.1.5). A document signer that was issued as a CA by mistake vouches for nobody. Of 520 certificates in a public
  master list 55 are links to a new name; the 20 of them without nameChange have their root beside them.
* Links are followed as a path, though the standard has them only establish one more trust anchor (2; 6.1.1). It comes
  to the same where all are valid, and nobody has to install anything.
* Country: countryName of signer and issuer must be there and be the same (Table 5), letter case aside.
* A document signer with an extended key usage is refused: the profile does not have the extension (Table 6; 9303-11,
  5.1.1), and those who have it sign something else (7.1.1.3, 7.1.2, 7.1.3). One for any purpose restricts nothing and
  is borne with.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from verifier.errors import InvalidInput, UnsupportedFeature, VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.extensions import ANY_EXTENDED_KEY_USAGE, KeyUsage
from verifier.pki.public_key import Deviation, SignatureVerdict
from verifier.pki.trust_store import TrustStore
from verifier.pki.verified_signatures import VerifiedSignatures

MAX_PATH_LENGTH = 8
"""Certificates in a row, signer and root included: six changes of a CSCA's key."""
MAX_SIGNATURES = 64
"""Signatures verified in one search."""
MAX_CANDIDATES = 256
"""Candidates looked at in one search; many may share one key and so cost one signature."""


class PathReason(StrEnum):
    """Why there is a path or none; the codes are stable."""

    PATH_FOUND = "path-found"
    ISSUER_UNKNOWN = "issuer-unknown"
    SIGNATURE_INVALID = "signature-invalid"
    KEY_UNUSABLE = "key-unusable"
    UNSUPPORTED_ALGORITHM = "unsupported-algorithm"
    ANCHOR_DAMAGED = "anchor-damaged"
    NOT_A_CA = "not-a-ca"
    NOT_A_LINK = "not-a-link"
    KEY_USAGE_WRONG = "key-usage-wrong"
    EXTENDED_KEY_USAGE_WRONG = "extended-key-usage-wrong"
    CRITICAL_EXTENSION_UNKNOWN = "critical-extension-unknown"
    COUNTRY_MISMATCH = "country-mismatch"
    ISSUER_EXPIRED = "issuer-expired"
    ISSUER_NOT_YET_VALID = "issuer-not-yet-valid"
    SIGNER_EXPIRED = "signer-expired"
    SIGNER_NOT_YET_VALID = "signer-not-yet-valid"
    TOO_MANY_CANDIDATES = "too-many-candidates"


@dataclass(frozen=True, slots=True)
class PathResult:
    """A path, or the reason why the best candidate failed."""

    reason: PathReason
    sentence: str
    path: tuple[Certificate, ...] = ()
    """Document signer first, root last; empty where none was found."""
    deviations: tuple[Deviation, ...] = ()
    """What was odd about signatures that were good."""

    @property
    def found(self) -> bool:
        """Whether the signer is to be believed at that time; revocation is another question."""
        return self.reason is PathReason.PATH_FOUND


def find_path(signer: Certificate, store: TrustStore, at: datetime) -> PathResult:
    """Return the path from a document signer to one of the store's roots, all of it valid at ``at`` (aware).

    Never raises for what certificates contain. Where no path is found the reason is that of the candidate that came
    furthest. The signer's own defects count only when somebody known signed it: otherwise nothing in it means
    anything.
    """
    if at.tzinfo is None:
        msg = "the time of verification needs a time zone"
        raise InvalidInput(msg)
    search = _Search(store, at)
    result = search.run(signer)
    if not search.signer_is_known:
        return result
    problem = _signer_problem(signer, at)
    return result if problem is None else PathResult(*problem)


def find_issuer_path(issuer: Certificate, store: TrustStore, at: datetime) -> PathResult:
    """Return the path from a CA certificate, which may be a root itself, to one of the store's roots."""
    problem = _issuer_problem(issuer, at)
    if problem is not None:
        return PathResult(*problem)
    if store.is_anchor(issuer):
        return PathResult(PathReason.PATH_FOUND, "The certificate is a trusted root.", (issuer,))
    return _Search(store, at).run(issuer)


_Failure = tuple[PathReason, str]
_FURTHEST = 3
_PROGRESS = {
    PathReason.ISSUER_UNKNOWN: 0,
    PathReason.SIGNATURE_INVALID: 1,
    PathReason.KEY_UNUSABLE: 1,
    PathReason.UNSUPPORTED_ALGORITHM: 2,
}
"""How far a candidate came; every other reason is given after a good signature and is ``_FURTHEST``."""


@dataclass(slots=True)
class _Search:
    """One breadth-first search."""

    store: TrustStore
    at: datetime
    signatures: int = 0
    candidates: int = 0
    signer_is_known: bool = False
    """Somebody in the store made the signature on the certificate that the search began with."""
    best: _Failure = (PathReason.ISSUER_UNKNOWN, "No certificate of the issuer is in the trust store.")
    verdicts: dict[tuple[Certificate, bytes], SignatureVerdict | _Failure] = field(default_factory=dict)

    def run(self, start: Certificate) -> PathResult:
        reached = {start}
        ends: deque[tuple[tuple[Certificate, ...], tuple[Deviation, ...]]] = deque([((start,), ())])
        while ends:
            path, deviations = ends.popleft()
            for candidate in self.store.issuers_of(path[-1]):
                if candidate in reached:
                    continue
                if self.candidates >= MAX_CANDIDATES or self.signatures >= MAX_SIGNATURES:
                    msg = f"No path was found within {self.signatures} signatures; the store holds too many candidates."
                    return PathResult(PathReason.TOO_MANY_CANDIDATES, msg)
                self.candidates += 1
                step = self._step(path[-1], candidate, first=len(path) == 1)
                if step is None:
                    continue
                longer, odd = (*path, candidate), (*deviations, *step)
                if self.store.is_anchor(candidate):
                    return PathResult(PathReason.PATH_FOUND, f"A path leads to {candidate.subject}.", longer, odd)
                reached.add(candidate)
                self._note_anchor_problem(candidate)
                if len(longer) < MAX_PATH_LENGTH:
                    ends.append((longer, odd))
        return PathResult(*self.best)

    def _step(self, child: Certificate, candidate: Certificate, *, first: bool) -> tuple[Deviation, ...] | None:
        """Judge one candidate: ``None``, with the failure noted, or what was odd about the good signature."""
        verdict = self._verdict(child, candidate)
        if not isinstance(verdict, SignatureVerdict):
            self._note(verdict)
            return None
        self.signer_is_known |= first
        problem = _issuer_problem(candidate, self.at) or _country_problem(child, candidate)
        if problem is None and not candidate.is_link and not self.store.is_anchor(candidate):
            problem = PathReason.NOT_A_LINK, f"{candidate.subject} is neither a trusted root nor a link to one."
        if problem is not None:
            self._note(problem)
            return None
        return verdict.deviations

    def _verdict(self, child: Certificate, candidate: Certificate) -> SignatureVerdict | _Failure:
        """Verify the child's signature, once for each different key."""
        key = (child, candidate.public_key_der)
        if key not in self.verdicts:
            self.signatures += 1
            self.verdicts[key] = _verify(child, candidate, self.store.signatures)
        return self.verdicts[key]

    def _note(self, failure: _Failure) -> None:
        if _PROGRESS.get(failure[0], _FURTHEST) > _PROGRESS.get(self.best[0], _FURTHEST):
            self.best = failure

    def _note_anchor_problem(self, candidate: Certificate) -> None:
        sentence = self.store.anchor_problem(candidate)
        if sentence is not None:
            self._note((PathReason.ANCHOR_DAMAGED, sentence))


def _verify(child: Certificate, candidate: Certificate, signatures: VerifiedSignatures) -> SignatureVerdict | _Failure:
    try:
        verdict = signatures.verify(child, candidate.public_key)
    except UnsupportedFeature as error:
        return PathReason.UNSUPPORTED_ALGORITHM, error.sentence
    except VerifierError as error:
        return PathReason.KEY_UNUSABLE, error.sentence
    if verdict:
        return verdict
    return PathReason.SIGNATURE_INVALID, f"The signature of {child.subject} was not made by {candidate.subject}."


def _issuer_problem(issuer: Certificate, at: datetime) -> _Failure | None:
    """What forbids a certificate to issue others at that time."""
    name = issuer.subject
    if not issuer.is_ca:
        return PathReason.NOT_A_CA, f"{name} is not a certification authority."
    if KeyUsage.KEY_CERT_SIGN not in (issuer.key_usage or ()):
        return PathReason.KEY_USAGE_WRONG, f"{name} may not sign certificates."
    if issuer.unknown_critical_extensions:
        return _unknown_extension(issuer)
    if at < issuer.not_before:
        return PathReason.ISSUER_NOT_YET_VALID, f"{name} is valid only from {issuer.not_before:%Y-%m-%d}."
    if at > issuer.not_after:
        return PathReason.ISSUER_EXPIRED, f"{name} expired on {issuer.not_after:%Y-%m-%d}."
    return None


def _signer_problem(signer: Certificate, at: datetime) -> _Failure | None:
    """What forbids a certificate to sign documents at that time (ICAO 9303-12, 7.1.1)."""
    if KeyUsage.DIGITAL_SIGNATURE not in (signer.key_usage or ()):
        return PathReason.KEY_USAGE_WRONG, "The document signer's key may not sign."
    if signer.extended_key_usage is not None and ANY_EXTENDED_KEY_USAGE not in signer.extended_key_usage:
        return PathReason.EXTENDED_KEY_USAGE_WRONG, "The document signer's key is for another purpose."
    if signer.unknown_critical_extensions:
        return _unknown_extension(signer)
    if at < signer.not_before:
        return PathReason.SIGNER_NOT_YET_VALID, f"The document signer is valid only from {signer.not_before:%Y-%m-%d}."
    if at > signer.not_after:
        return PathReason.SIGNER_EXPIRED, f"The document signer expired on {signer.not_after:%Y-%m-%d}."
    return None


def _country_problem(child: Certificate, issuer: Certificate) -> _Failure | None:
    if child.country is not None and child.country == issuer.country and child.issuer.country in {None, issuer.country}:
        return None
    sentence = f"A certificate of {child.country or 'no country'} is signed by {issuer.country or 'no country'}."
    return PathReason.COUNTRY_MISMATCH, sentence


def _unknown_extension(certificate: Certificate) -> _Failure:
    oid = certificate.unknown_critical_extensions[0]
    return (
        PathReason.CRITICAL_EXTENSION_UNKNOWN,
        f"{certificate.subject} has a critical extension {oid}, which is not known.",
    )
