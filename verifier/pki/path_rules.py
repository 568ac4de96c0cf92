"""What forbids a certificate its place in a path, rule by rule, and which deviation would have to be tolerated.

A rule that a deviation code belongs to may be waived by a policy; one without never is. Decisions, where the standards
leave room (clauses are those of ICAO 9303-12), stand in ``path``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from verifier.errors import VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.strength import weaknesses_of_signature
from verifier.pki.extensions import ANY_EXTENDED_KEY_USAGE, KeyUsage

Tolerates: TypeAlias = Callable[[Deviation, Certificate], bool]
"""Whether a policy tolerates a deviation of that certificate."""


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
    SIGNER_IS_CA = "signer-is-ca"
    ALGORITHM_DEPRECATED = "algorithm-deprecated"
    TOO_MANY_CANDIDATES = "too-many-candidates"


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that a certificate breaks."""

    reason: PathReason
    sentence: str
    code: Deviation | None = None
    """The deviation that a policy may tolerate; ``None``: nothing helps."""
    certificate: Certificate | None = None
    """Whose deviation it is."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A deviation of a certificate that a verification met, and let pass."""

    code: Deviation
    certificate: Certificate


def tolerate_nothing(code: Deviation, certificate: Certificate) -> bool:  # noqa: ARG001 - it says no to everything
    """Tolerate no deviation: the strict default."""
    return False


def waive(problems: Iterable[Problem], tolerates: Tolerates) -> tuple[Problem | None, tuple[Observation, ...]]:
    """Return the first problem that is not tolerated, and what was tolerated before it."""
    waived: list[Observation] = []
    for problem in problems:
        if problem.code is None or problem.certificate is None or not tolerates(problem.code, problem.certificate):
            return problem, tuple(waived)
        waived.append(Observation(problem.code, problem.certificate))
    return None, tuple(waived)


def issuer_problems(issuer: Certificate, at: datetime, *, at_least: bool = False) -> Iterator[Problem]:
    """Yield what forbids a certificate to issue others at that time; with ``at_least``, then and ever after."""
    name = issuer.subject
    if not issuer.is_ca:
        missing = issuer.basic_constraints is None
        code = Deviation.BASIC_CONSTRAINTS_MISSING if missing else Deviation.BASIC_CONSTRAINTS_NOT_CA
        yield Problem(PathReason.NOT_A_CA, f"{name} is not a certification authority.", code, issuer)
    if KeyUsage.KEY_CERT_SIGN not in (issuer.key_usage or ()):
        missing = issuer.key_usage is None
        code = Deviation.KEY_USAGE_MISSING if missing else Deviation.KEY_USAGE_WITHOUT_CERT_SIGN
        yield Problem(PathReason.KEY_USAGE_WRONG, f"{name} may not sign certificates.", code, issuer)
    if issuer.unknown_critical_extensions:
        yield _unknown_extension(issuer)
    if at < issuer.not_before and not at_least:
        sentence = f"{name} is valid only from {issuer.not_before:%Y-%m-%d}."
        yield Problem(PathReason.ISSUER_NOT_YET_VALID, sentence)
    if at > issuer.not_after:
        yield Problem(PathReason.ISSUER_EXPIRED, f"{name} expired on {issuer.not_after:%Y-%m-%d}.")


def step_problems(child: Certificate, issuer: Certificate, *, is_root: bool) -> Iterator[Problem]:
    """Yield what forbids an issuer, whose signature on the child is good, to stand above it."""
    yield from _country_problems(child, issuer)
    leads_on = issuer.is_self_issued or issuer.has_name_change  # that it is a CA was asked of it before
    if not is_root and not leads_on:
        sentence = f"{issuer.subject} is neither a trusted root nor a link to one."
        code = Deviation.NAME_CHANGE_MISSING if _could_be_a_link(issuer) else None
        yield Problem(PathReason.NOT_A_LINK, sentence, code, issuer)
    for code in _weaknesses(child, issuer):
        yield Problem(
            PathReason.ALGORITHM_DEPRECATED, f"The signature on {child.subject} no longer protects it.", code, child
        )


def signer_problems(signer: Certificate, at: datetime, *, at_least: bool = False) -> Iterator[Problem]:
    """Yield what forbids a certificate to sign documents at that time (ICAO 9303-12, 7.1.1), or then and ever after."""
    if signer.is_ca:
        sentence = "The document signer's certificate is that of an authority."
        yield Problem(PathReason.SIGNER_IS_CA, sentence, Deviation.SIGNER_IS_CA, signer)
    if KeyUsage.DIGITAL_SIGNATURE not in (signer.key_usage or ()):
        missing = signer.key_usage is None
        code = Deviation.KEY_USAGE_MISSING if missing else Deviation.KEY_USAGE_WITHOUT_DIGITAL_SIGNATURE
        yield Problem(PathReason.KEY_USAGE_WRONG, "The document signer's key may not sign.", code, signer)
    if signer.extended_key_usage is not None and ANY_EXTENDED_KEY_USAGE not in signer.extended_key_usage:
        sentence = "The document signer's key is for another purpose."
        yield Problem(PathReason.EXTENDED_KEY_USAGE_WRONG, sentence, Deviation.EXTENDED_KEY_USAGE_PRESENT, signer)
    if signer.unknown_critical_extensions:
        yield _unknown_extension(signer)
    if at < signer.not_before and not at_least:
        sentence = f"The document signer is valid only from {signer.not_before:%Y-%m-%d}."
        yield Problem(PathReason.SIGNER_NOT_YET_VALID, sentence)
    if at > signer.not_after:
        yield Problem(PathReason.SIGNER_EXPIRED, f"The document signer expired on {signer.not_after:%Y-%m-%d}.")


def _could_be_a_link(certificate: Certificate) -> bool:
    """Whether an authority's key is for certificates alone: a document signer made a CA by mistake signs data too."""
    usage = certificate.key_usage or frozenset()
    return (certificate.is_ca or KeyUsage.KEY_CERT_SIGN in usage) and KeyUsage.DIGITAL_SIGNATURE not in usage


def _country_problems(child: Certificate, issuer: Certificate) -> Iterator[Problem]:
    """Countries that differ are never tolerated: a state's authority speaks for that state alone."""
    sentence = f"A certificate of {child.country or 'no country'} is signed by {issuer.country or 'no country'}."
    if len({child.country, child.issuer.country, issuer.country} - {None}) > 1:
        yield Problem(PathReason.COUNTRY_MISMATCH, sentence)
    for certificate in (child, issuer):
        if certificate.country is None:
            yield Problem(PathReason.COUNTRY_MISMATCH, sentence, Deviation.COUNTRY_MISSING, certificate)


def _weaknesses(child: Certificate, issuer: Certificate) -> tuple[Deviation, ...]:
    try:
        return weaknesses_of_signature(child.signature_algorithm.hash_name, issuer.public_key)
    except VerifierError:  # then there was no good signature to begin with
        return ()


def _unknown_extension(certificate: Certificate) -> Problem:
    oid = certificate.unknown_critical_extensions[0]
    sentence = f"{certificate.subject} has a critical extension {oid}, which is not known."
    return Problem(PathReason.CRITICAL_EXTENSION_UNKNOWN, sentence)
