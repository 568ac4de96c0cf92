"""Is EF.SOD really signed, whoever the signer may be? (ICAO 9303-11, 5.1.1; RFC 5652, 5)"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.lds.security_object import SecurityObject
from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData, SignerReason
from verifier.pki.cms_signer import SignerInfo
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.strength import weaknesses_of_signature
from verifier.pki.keys.algorithms import SignatureAlgorithm
from verifier.pki.path import Observation, Tolerates
from verifier.pki.path_rules import tolerate_nothing
from verifier.pki.trust.trust_store import TrustStore
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_CHECK = CheckName.SOD_SIGNATURE
_PASSIVE = "ICAO 9303-11, 5.1.1"
_STRUCTURE = "ICAO 9303-10, 4.6.2"
_MAX_ATTEMPTS: Final = 8
"""Signatures tried at most: a hostile SOD must not keep a station busy with long keys."""

VALID = Ruling(_CHECK, Outcome.PASSED, "sod-signature-valid", "The signature on the card's data is valid.", _PASSIVE)
MISSING = Ruling(
    _CHECK,
    Outcome.NOT_PERFORMED,
    "sod-missing",
    "The card did not give its signed data (EF.SOD), so nothing on it can be checked.",
    _STRUCTURE,
)
MALFORMED = Ruling(_CHECK, Outcome.FAILED, "sod-malformed", "EF.SOD is not readable: {detail}.", _STRUCTURE)
UNSUPPORTED = Ruling(
    _CHECK, Outcome.INDETERMINATE, "sod-unsupported", "EF.SOD cannot be judged by this version: {detail}.", _STRUCTURE
)
UNSUPPORTED_ALGORITHM = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "sod-unsupported-algorithm",
    "The signature on the card's data is of a kind that this version cannot verify.",
    _PASSIVE,
)
NOT_SIGNED = Ruling(_CHECK, Outcome.FAILED, "sod-not-signed", "Nobody signed the card's data.", _PASSIVE)
NO_CERTIFICATE = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "signer-certificate-missing",
    "The certificate of the card's signer is neither on the card nor in the trust store.",
    _PASSIVE,
)
DEPRECATED = Ruling(
    _CHECK,
    Outcome.FAILED,
    "sod-algorithm-deprecated",
    "The signature on the card's data is valid, but of a kind that no longer protects against forgery.",
    "ICAO 9303-12, 4.1.6",
)
INVALID = Ruling(
    _CHECK,
    Outcome.FAILED,
    "sod-signature-invalid",
    "The signature on the card's data is not valid: the data is forged or damaged.",
    _PASSIVE,
)
RULINGS = (
    VALID,
    MISSING,
    MALFORMED,
    UNSUPPORTED,
    UNSUPPORTED_ALGORITHM,
    NOT_SIGNED,
    NO_CERTIFICATE,
    DEPRECATED,
    INVALID,
)
"""Everything that this check may say."""


def check_sod_signature(case: Case) -> tuple[CheckResult, Case]:
    """Decode EF.SOD and verify its signature with the signer's certificate, from the SOD or else the trust store.

    Every certificate whose key made a valid signature is kept: which of them is to be believed, its path decides.
    """
    raw = case.evidence.files.get("EF.SOD")
    if raw is None:
        return MISSING.result(), case
    try:
        security_object = SecurityObject.decode(raw)
    except MalformedData as error:
        return MALFORMED.result(detail=error.sentence), case
    except UnsupportedFeature as error:
        return UNSUPPORTED.result(detail=error.sentence), case
    return _judge(case.with_security_object(security_object), security_object.signed_data, hashlib.sha256(raw).digest())


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of the signatures."""

    signers: tuple[Certificate, ...]
    reasons: frozenset[SignerReason]
    weakness: Deviation | None
    """What is deprecated, and not tolerated, about a signature that is otherwise valid."""
    tolerated: tuple[Observation, ...]
    deviations: tuple[Observation, ...]


def _judge(case: Case, signed_data: SignedData, document: bytes) -> tuple[CheckResult, Case]:
    if not signed_data.signers:
        return NOT_SIGNED.result(), case
    tried = _try_signers(signed_data, document, case.trust, case.tolerates)
    if tried.signers:
        case = case.noting(tried.tolerated, (*tried.deviations, *_lds_deviations(case, tried.signers[0])))
        return VALID.result(), case.with_signers(tried.signers)
    if tried.weakness is not None:
        return DEPRECATED.result_tolerable(tried.weakness), case
    return _why_not(tried.reasons).result(), case


def signers_of(
    signed_data: SignedData, document: bytes, trust: TrustStore, tolerates: Tolerates = tolerate_nothing
) -> tuple[tuple[Certificate, ...], bool]:
    """Return the certificates under whose keys a signature is valid, and whether none was only for want of means.

    ``document`` is the SHA-256 of what ``signed_data`` was decoded from.
    """
    tried = _try_signers(signed_data, document, trust, tolerates)
    return tried.signers, not tried.signers and tried.weakness is None and _why_not(tried.reasons) is not INVALID


def _try_signers(signed_data: SignedData, document: bytes, trust: TrustStore, tolerates: Tolerates) -> _Tried:
    signers: dict[Certificate, None] = {}
    reasons = set()
    weakness: Deviation | None = None
    tolerated: list[Observation] = []
    deviations: list[Observation] = []
    for signer, certificate in islice(_candidates(signed_data, trust, signers), _MAX_ATTEMPTS):
        verdict = trust.signatures.verify_document(document, signed_data, signer, certificate)
        reasons.add(verdict.reason)
        if not verdict.valid:
            continue
        weak = _weaknesses(signer, certificate)
        refused = [code for code in weak if not tolerates(code, certificate)]
        if refused:
            weakness = refused[0]
            continue
        signers[certificate] = None
        tolerated += [Observation(code, certificate) for code in weak]
        deviations += [Observation(code, certificate) for code in verdict.deviations]
    return _Tried(tuple(signers), frozenset(reasons), weakness, tuple(tolerated), tuple(deviations))


def _weaknesses(signer: SignerInfo, certificate: Certificate) -> tuple[Deviation, ...]:
    """What is deprecated about a valid signature: either hash of it, or the key."""
    named = SignatureAlgorithm.decode(signer.signature_algorithm_der).hash_name
    hashes = dict.fromkeys(filter(None, (signer.hash_name, named)))
    return tuple(
        dict.fromkeys(code for name in hashes for code in weaknesses_of_signature(name, certificate.public_key))
    )


def _lds_deviations(case: Case, signer: Certificate) -> tuple[Observation, ...]:
    """SHA-1 over the data groups is named, and borne with: to swap one takes a second preimage, not a collision."""
    if case.security_object is None or case.security_object.hash_algorithm != "sha1":
        return ()
    return (Observation(Deviation.DEPRECATED_LDS_HASH_SHA1, signer),)


def _why_not(reasons: frozenset[SignerReason]) -> Ruling:
    if not reasons:
        return NO_CERTIFICATE
    return UNSUPPORTED_ALGORITHM if reasons == {SignerReason.UNSUPPORTED_ALGORITHM} else INVALID


def _candidates(
    signed_data: SignedData, trust: TrustStore, found: Collection[Certificate]
) -> Iterator[tuple[SignerInfo, Certificate]]:
    """Yield each signer with the enclosed certificates that it names, or with any where it names none of them.

    The store is searched only where nothing is ``found`` by then: its certificates need not even be decoded else.
    """
    for signer in signed_data.signers:
        named = signed_data.certificates_of(signer)
        for certificate in dict.fromkeys(named or signed_data.certificates):
            yield signer, certificate
    if not found:
        for signer in signed_data.signers:
            stored = dict.fromkeys(certificate for certificate in trust.certificates if signer.identifies(certificate))
            yield from ((signer, certificate) for certificate in stored)
