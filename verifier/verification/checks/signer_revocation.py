"""Has the signer's certificate been revoked, or one above it? (ICAO 9303-12, 6.1.2; RFC 5280, 6.3)"""

from typing import Final

from verifier.pki.revocation import RevocationReasonCode, revocation_status
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_CLAUSE = "ICAO 9303-12, 6.1.2"


def _ruling(outcome: Outcome, reason: str, sentence: str) -> Ruling:
    return Ruling(CheckName.SIGNER_REVOCATION, outcome, reason, sentence, _CLAUSE)


NOT_TRUSTED = _ruling(Outcome.NOT_PERFORMED, "no-trusted-signer", "There is no trusted signer to look up.")
_INVALID = _ruling(
    Outcome.INDETERMINATE, "crl-invalid", "The revocation list of the signer's authority is forged or damaged."
)

RULINGS: Final = {
    RevocationReasonCode.NOT_REVOKED: _ruling(
        Outcome.PASSED, "signer-not-revoked", "The card's signer has not been revoked."
    ),
    RevocationReasonCode.SIGNER_REVOKED: _ruling(
        Outcome.FAILED, "signer-revoked", "The card's signer has been revoked by its authority."
    ),
    RevocationReasonCode.ISSUER_REVOKED: _ruling(
        Outcome.FAILED, "issuer-revoked", "The authority of the card's signer has been revoked."
    ),
    RevocationReasonCode.NO_CRL: _ruling(
        Outcome.INDETERMINATE,
        "crl-missing",
        "There is no revocation list of the signer's authority, so nobody knows whether the signer is revoked.",
    ),
    RevocationReasonCode.CRL_ISSUER_UNKNOWN: _ruling(
        Outcome.INDETERMINATE, "crl-issuer-unknown", "The revocation list comes from an authority that is not trusted."
    ),
    RevocationReasonCode.CRL_SIGNATURE_INVALID: _INVALID,
    RevocationReasonCode.CRL_UNUSABLE: _INVALID,
    RevocationReasonCode.CRL_NOT_YET_VALID: _ruling(
        Outcome.INDETERMINATE,
        "crl-not-yet-valid",
        "The revocation list was issued after the time of this verification: check the clock.",
    ),
    RevocationReasonCode.CRL_STALE: _ruling(
        Outcome.INDETERMINATE,
        "crl-stale",
        "The revocation list of the signer's authority is too old to say whether the signer is revoked.",
    ),
    RevocationReasonCode.CRL_ALGORITHM_DEPRECATED: _ruling(
        Outcome.INDETERMINATE,
        "crl-algorithm-deprecated",
        "The revocation list does not name the signer, but its signature no longer protects against forgery.",
    ),
}
_GRAVITY: Final = (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.PASSED)


def check_signer_revocation(case: Case) -> tuple[CheckResult, Case]:
    """Look the trusted signers up in the trust store's CRLs; ``Policy.max_crl_age`` bounds how late a CRL counts.

    A revocation counts however old the list is. Of several signers the worst decides.
    """
    if case.trusted is None:
        return NOT_TRUSTED.result(), case
    statuses = [
        revocation_status(
            path[0],
            path,
            case.trust,
            case.at,
            case.policy.max_crl_age,
            tolerates=case.tolerates,
            at_least=not case.clock_trusted,
        )
        for path in case.trusted.paths
    ]
    worst = min(statuses, key=lambda status: _GRAVITY.index(RULINGS[status.reason].outcome))
    return RULINGS[worst.reason].result_tolerable(worst.code), case.noting(worst.tolerated)
