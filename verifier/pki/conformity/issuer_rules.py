"""A certificate beside its issuer's: the signature, the key identifier, and the time in which the issuer signs."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from verifier.errors import VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.usage_period import was_issued_outside_usage_period
from verifier.pki.crl import CertificateRevocationList

MAX_ISSUERS = 8
"""Candidates that are tried."""
FindIssuers: TypeAlias = Callable[[Certificate], Iterable[Certificate]]
"""Returns the candidates for a certificate's issuer, as ``TrustStore.issuers_of`` does."""


def check_self_signature(certificate: Certificate) -> Iterator[Finding]:
    """Yield what is wrong with a root's signature; one that cannot be verified is told by its key."""
    try:
        verdict = certificate.is_signed_by(certificate.public_key)
    except VerifierError:
        return
    if not verdict:
        yield Finding(Deviation.SELF_SIGNATURE_INVALID)
    yield from map(Finding, verdict.deviations)


def check_whether_root(certificate: Certificate) -> Iterator[Finding]:
    """Yield what is wrong with a certificate that names itself, but another key, as its issuer, and is a root yet."""
    try:
        verdict = certificate.is_signed_by(certificate.public_key)
    except VerifierError:
        return
    if verdict:
        yield Finding(Deviation.AUTHORITY_KEY_IDENTIFIER_WRONG, "A root's issuer is itself, and it names another key.")


def check_issuer(certificate: Certificate, candidates: Iterable[Certificate]) -> Iterator[Finding]:
    """Yield what is wrong between a certificate and its issuer, if that is among the candidates."""
    claimed = False
    for issuer in list(candidates)[:MAX_ISSUERS]:
        try:
            verdict = certificate.is_signed_by(issuer.public_key)
        except VerifierError:
            return
        if verdict:
            yield from map(Finding, verdict.deviations)
            yield from _check_beside(certificate, issuer)
            return
        claimed |= certificate.authority_key_identifier == issuer.subject_key_identifier is not None
    if claimed:
        yield Finding(Deviation.SIGNATURE_INVALID)


def _check_beside(child: Certificate, issuer: Certificate) -> Iterator[Finding]:
    if child.issuer != issuer.subject:
        yield Finding(Deviation.ISSUER_NAME_DIFFERS)
    if child.authority_key_identifier is not None and child.authority_key_identifier != issuer.subject_key_identifier:
        yield Finding(Deviation.AUTHORITY_KEY_IDENTIFIER_WRONG)
    if was_issued_outside_usage_period(child, issuer):
        yield Finding(Deviation.PRIVATE_KEY_USAGE_PERIOD_EXCEEDED)


def check_crl_issuer(crl: CertificateRevocationList, candidates: Iterable[Certificate]) -> Iterator[Finding]:
    """Yield what is wrong between a CRL and its issuer, if that is among the candidates."""
    claimed = False
    for issuer in list(candidates)[:MAX_ISSUERS]:
        try:
            verdict = crl.is_signed_by(issuer.public_key)
        except VerifierError:
            return
        if verdict:
            yield from map(Finding, verdict.deviations)
            if crl.authority_key_identifier not in {None, issuer.subject_key_identifier}:
                yield Finding(Deviation.AUTHORITY_KEY_IDENTIFIER_WRONG)
            return
        claimed |= crl.authority_key_identifier == issuer.subject_key_identifier is not None
    if claimed:
        yield Finding(Deviation.SIGNATURE_INVALID)
