"""Is EF.SOD really signed, whoever the signer may be? (ICAO 9303-11, 5.1.1; RFC 5652, 5)"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.lds.security_object import SecurityObject
from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData, SignerReason
from verifier.pki.cms_signer import SignerInfo
from verifier.pki.trust_store import TrustStore
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
INVALID = Ruling(
    _CHECK,
    Outcome.FAILED,
    "sod-signature-invalid",
    "The signature on the card's data is not valid: the data is forged or damaged.",
    _PASSIVE,
)


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
    return _judge(case.with_security_object(security_object), security_object.signed_data)


def _judge(case: Case, signed_data: SignedData) -> tuple[CheckResult, Case]:
    if not signed_data.signers:
        return NOT_SIGNED.result(), case
    signers: dict[Certificate, None] = {}
    reasons = set()
    for signer, certificate in islice(_candidates(signed_data, case.trust), _MAX_ATTEMPTS):
        verdict = signed_data.verify(signer, certificate)
        reasons.add(verdict.reason)
        if verdict.valid:
            signers[certificate] = None
    if signers:
        return VALID.result(), case.with_signers(tuple(signers))
    return _why_not(reasons).result(), case


def _why_not(reasons: set[SignerReason]) -> Ruling:
    if not reasons:
        return NO_CERTIFICATE
    return UNSUPPORTED_ALGORITHM if reasons == {SignerReason.UNSUPPORTED_ALGORITHM} else INVALID


def _candidates(signed_data: SignedData, trust: TrustStore) -> Iterator[tuple[SignerInfo, Certificate]]:
    """Yield each signer with the certificates that it names; with any enclosed one where it names none."""
    for signer in signed_data.signers:
        named = dict.fromkeys(signed_data.certificates_of(signer))
        named |= dict.fromkeys(certificate for certificate in trust.certificates if signer.identifies(certificate))
        for certificate in named or dict.fromkeys(signed_data.certificates):
            yield signer, certificate
