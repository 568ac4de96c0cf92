"""From a document signer to a trusted root, as ICAO 9303-12 has it (6.1.2, 7.1.1, Appendix D; RFC 5280, 6).

Every candidate for an issuer is tried, CAs first, those named by key identifier before those named alike, breadth
first, so that the shortest path is found. What stops a hostile store is a bound on signatures verified and on
certificates in a row.

Decisions, where the standards leave room (clauses are those of ICAO 9303-12):

* Validity: every certificate of the path, the root included, must be valid at ``at``. D.1.1.3 asks it of the signer
  only; neither it nor RFC 5280 looks at a root's dates. But a CSCA certificate outlives every document signer under it
  (4.1.4.1), and a document signer every document that it signed (4.1.1.1): a genuine document that is valid has a path
  that is valid. The private key usage period binds who signs: most documents are verified long after it. A certificate
  that was issued outside its issuer's is named as a deviation, and believed: whoever stole a key writes the dates.
  Dates are whole seconds, and the last one belongs to them (RFC 5280, 4.1.2.5): fractions of ``at`` do not count.
  Where ``at`` is only the earliest that it may be (``at_least``), nothing is refused for being not valid yet: what a
  path then says is whether it could be valid, and what it refuses, it refuses for ever.
* Key usage and a CSCA's basicConstraints are mandatory (Table 6), so a certificate without them is refused as well,
  unless the policy tolerates it by its code. A search without tolerances comes first: what needs none is preferred.
* The signature of every certificate below the root must be of this day's strength (``conformity.strength``). A root is
  believed because it is in the store, so nobody looks at how it signed itself.
* There are no authorities below a CSCA (2), whatever its pathLenConstraint, which is 0 (Table 6; in the sixth edition 1
  for links: Appendix C). So everything between signer and root must be a link certificate: self-issued, which does not
  count against the constraint (RFC 5280, 4.2.1.9), or with the extension nameChange, which has no effect on it
  (7.1.1.5). A document signer that was issued as a CA by mistake vouches for nobody. Of 520 certificates in a public
  master list 55 are links to a new name; the 20 of them without nameChange have their root beside them.
* Links are followed as a path, though the standard has them only establish one more trust anchor (2; 6.1.1). It comes
  to the same where all are valid, and nobody has to install anything.
* Name: an issuer that is found by its key and named differently is borne with and told. The signature is what binds the
  two; who could make it could write any name. CSCAs do change names (4.1.4.3), and signers were issued under either.
* Country: countryName of signer and issuer must be there and be the same (Table 5), letter case aside.
* A document signer with an extended key usage is refused: the profile does not have the extension (Table 6; 9303-11,
  5.1.1), and those who have it sign something else (7.1.1.3, 7.1.2, 7.1.3). One for any purpose restricts nothing and
  is borne with. One who is a CA is refused as well (Table 6): who signs documents all day must not make signers.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime

from verifier.errors import InvalidInput, UnsupportedFeature, VerifierError
from verifier.pki.asn1.der_time import whole_seconds
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.usage_period import was_issued_outside_usage_period
from verifier.pki.keys.public_key import SignatureVerdict
from verifier.pki.path_rules import (
    Observation,
    PathReason,
    Problem,
    Tolerates,
    issuer_problems,
    signer_problems,
    step_problems,
    tolerate_nothing,
    waive,
)
from verifier.pki.trust.trust_store import TrustStore
from verifier.pki.trust.verified_signatures import VerifiedSignatures

__all__ = ["Observation", "PathReason", "PathResult", "Tolerates", "find_issuer_path", "find_path"]

MAX_PATH_LENGTH = 8
"""Certificates in a row, signer and root included: six changes of a CSCA's key."""
MAX_SIGNATURES = 64
"""Signatures verified in one search."""
MAX_CANDIDATES = 256
"""Candidates looked at in one search; many may share one key and so cost one signature."""


@dataclass(frozen=True, slots=True)
class PathResult:
    """A path, or the reason why the best candidate failed."""

    reason: PathReason
    sentence: str
    path: tuple[Certificate, ...] = ()
    """Document signer first, root last; empty where none was found."""
    deviations: tuple[Observation, ...] = ()
    """What is odd about the path, and borne with."""
    tolerated: tuple[Observation, ...] = ()
    """What only the caller's tolerance let pass."""
    code: Deviation | None = None
    """What would have to be tolerated, where that would have helped with this reason."""

    @property
    def found(self) -> bool:
        """Whether the signer is to be believed at that time; revocation is another question."""
        return self.reason is PathReason.PATH_FOUND


def find_path(
    signer: Certificate,
    store: TrustStore,
    at: datetime,
    tolerates: Tolerates = tolerate_nothing,
    *,
    at_least: bool = False,
) -> PathResult:
    """Return the path from a document signer to one of the store's roots, all of it valid at ``at`` (aware).

    With ``at_least`` the true time is unknown but no earlier, and the path may be valid then. ``tolerates`` is asked
    about each deviation that would stop the path. Never raises for what certificates contain. Where no path is found
    the reason is that of the candidate that came furthest. The signer's own defects count only when somebody known
    signed it: otherwise nothing in it means anything.
    """
    if at.tzinfo is None:
        msg = "the time of verification needs a time zone"
        raise InvalidInput(msg)
    at = whole_seconds(at)
    search = _Search(store, at, at_least=at_least)
    result = search.run_twice(signer, tolerates)
    if not search.start_is_known:
        return result
    problem, waived = waive(signer_problems(signer, at, at_least=at_least), tolerates)
    if problem is not None:
        return _failure(problem)
    return replace(result, tolerated=(*waived, *result.tolerated)) if result.found else result


def find_issuer_path(
    issuer: Certificate,
    store: TrustStore,
    at: datetime,
    tolerates: Tolerates = tolerate_nothing,
    *,
    at_least: bool = False,
) -> PathResult:
    """Return the path from a CA certificate, which may be a root itself, to one of the store's roots."""
    at = whole_seconds(at)
    problem, waived = waive(issuer_problems(issuer, at, at_least=at_least), tolerates)
    if problem is not None:
        return _failure(problem)
    search = _Search(store, at, at_least=at_least)
    if search.is_root(issuer):
        sentence = "The certificate is a trusted root."
        return PathResult(PathReason.PATH_FOUND, sentence, (issuer,), tolerated=waived)
    result = search.run_twice(issuer, tolerates)
    return replace(result, tolerated=(*waived, *result.tolerated)) if result.found else result


def _failure(problem: Problem) -> PathResult:
    return PathResult(problem.reason, problem.sentence, code=problem.code)


_FURTHEST = 3
_PROGRESS = {
    PathReason.ISSUER_UNKNOWN: 0,
    PathReason.SIGNATURE_INVALID: 1,
    PathReason.KEY_UNUSABLE: 1,
    PathReason.UNSUPPORTED_ALGORITHM: 2,
}
"""How far a candidate came; every other reason is given after a good signature and is ``_FURTHEST``."""
_NOBODY = Problem(PathReason.ISSUER_UNKNOWN, "No certificate of the issuer is in the trust store.")


@dataclass(frozen=True, slots=True)
class _Way:
    """A way that leads up from the start, so far."""

    path: tuple[Certificate, ...]
    deviations: tuple[Observation, ...] = ()
    tolerated: tuple[Observation, ...] = ()

    def longer(
        self, issuer: Certificate, deviations: tuple[Observation, ...], tolerated: tuple[Observation, ...]
    ) -> "_Way":
        return _Way((*self.path, issuer), (*self.deviations, *deviations), (*self.tolerated, *tolerated))


@dataclass(slots=True)
class _Search:
    """One breadth-first search."""

    store: TrustStore
    at: datetime
    at_least: bool
    tolerates: Tolerates = tolerate_nothing
    signatures: int = 0
    candidates: int = 0
    start_is_known: bool = False
    """Somebody in the store made the signature on the certificate that the search began with."""
    best: Problem = _NOBODY
    verdicts: dict[tuple[Certificate, bytes], SignatureVerdict | Problem] = field(default_factory=dict)

    def run_twice(self, start: Certificate, tolerates: Tolerates) -> PathResult:
        """Search strictly, and only where that finds nothing with what is tolerated; signatures are verified once."""
        result = self._run(start)
        if result.found or tolerates is tolerate_nothing:
            return result
        self.tolerates, self.candidates, self.best = tolerates, 0, _NOBODY
        return self._run(start)

    def _run(self, start: Certificate) -> PathResult:
        reached = {start}
        ends = deque([_Way((start,))])
        while ends:
            way = ends.popleft()
            for candidate in sorted(self.store.issuers_of(way.path[-1]), key=_says_nothing_of_a_ca):
                if candidate in reached:
                    continue
                if self.candidates >= MAX_CANDIDATES or self.signatures >= MAX_SIGNATURES:
                    msg = f"No path was found within {self.signatures} signatures; the store holds too many candidates."
                    return PathResult(PathReason.TOO_MANY_CANDIDATES, msg)
                self.candidates += 1
                longer = self._step(way, candidate)
                if longer is None:
                    continue
                if self.is_root(candidate):
                    sentence = f"A path leads to {candidate.subject}."
                    return PathResult(PathReason.PATH_FOUND, sentence, longer.path, longer.deviations, longer.tolerated)
                reached.add(candidate)
                self._note_anchor_problem(candidate)
                if len(longer.path) < MAX_PATH_LENGTH:
                    ends.append(longer)
        return _failure(self.best)

    def is_root(self, certificate: Certificate) -> bool:
        """Whether this is a root of the store; one that does not say that it is a CA has signed itself all the same."""
        if (
            certificate.is_ca
            or not certificate.is_self_issued
            or certificate not in self.store.named(certificate.subject)
        ):
            return self.store.is_anchor(certificate)
        return isinstance(verdict := self._verdict(certificate, certificate), SignatureVerdict) and verdict.valid

    def _step(self, way: _Way, candidate: Certificate) -> _Way | None:
        """Judge one candidate: the longer way, or ``None`` with the failure noted."""
        child = way.path[-1]
        verdict = self._verdict(child, candidate)
        if not isinstance(verdict, SignatureVerdict):
            self._note(verdict)
            return None
        self.start_is_known |= len(way.path) == 1
        problem, waived = waive(issuer_problems(candidate, self.at, at_least=self.at_least), self.tolerates)
        if problem is None:
            steps = step_problems(child, candidate, is_root=self.is_root(candidate))
            problem, more = waive(steps, self.tolerates)
            waived += more
        if problem is not None:
            self._note(problem)
            return None
        return way.longer(candidate, _oddities(child, candidate, verdict), waived)

    def _verdict(self, child: Certificate, candidate: Certificate) -> SignatureVerdict | Problem:
        """Verify the child's signature, once for each different key."""
        key = (child, candidate.public_key_der)
        if key not in self.verdicts:
            self.signatures += 1
            self.verdicts[key] = _verify(child, candidate, self.store.signatures)
        return self.verdicts[key]

    def _note(self, failure: Problem) -> None:
        if _PROGRESS.get(failure.reason, _FURTHEST) > _PROGRESS.get(self.best.reason, _FURTHEST):
            self.best = failure

    def _note_anchor_problem(self, candidate: Certificate) -> None:
        sentence = self.store.anchor_problem(candidate)
        if sentence is not None:
            self._note(Problem(PathReason.ANCHOR_DAMAGED, sentence))


def _says_nothing_of_a_ca(candidate: Certificate) -> bool:
    """CAs come first: else whoever fills a directory with namesakes could use up the bound on candidates."""
    return not candidate.is_ca


def _verify(child: Certificate, candidate: Certificate, signatures: VerifiedSignatures) -> SignatureVerdict | Problem:
    try:
        verdict = signatures.verify(child, candidate.public_key)
    except UnsupportedFeature as error:
        return Problem(PathReason.UNSUPPORTED_ALGORITHM, error.sentence)
    except VerifierError as error:
        return Problem(PathReason.KEY_UNUSABLE, error.sentence)
    if verdict:
        return verdict
    sentence = f"The signature of {child.subject} was not made by {candidate.subject}."
    return Problem(PathReason.SIGNATURE_INVALID, sentence)


def _oddities(child: Certificate, issuer: Certificate, verdict: SignatureVerdict) -> tuple[Observation, ...]:
    codes = verdict.deviations
    if was_issued_outside_usage_period(child, issuer):
        codes = (*codes, Deviation.PRIVATE_KEY_USAGE_PERIOD_EXCEEDED)
    if child.issuer != issuer.subject:
        codes = (*codes, Deviation.ISSUER_NAME_DIFFERS)
    return tuple(Observation(code, child) for code in codes)
