"""Does a trusted authority vouch for the one who signed the card's data? (ICAO 9303-12, 6.1; RFC 5280, 6)"""

from typing import Final

from verifier.pki.path import PathReason, Tolerates, find_path
from verifier.pki.path_rules import tolerate_nothing
from verifier.verification.announced import announcing
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_TRUST = "ICAO 9303-12, 6.1"
_PROFILE = "ICAO 9303-12, 7.1.1"


def _ruling(outcome: Outcome, reason: str, sentence: str, clause: str = _TRUST) -> Ruling:
    return Ruling(CheckName.SIGNER_PATH, outcome, reason, sentence, clause)


TRUSTED = _ruling(Outcome.PASSED, "signer-trusted", "A trusted authority vouches for the card's signer.")
NO_SIGNER = _ruling(
    Outcome.NOT_PERFORMED, "signer-unknown", "There is no valid signature whose signer could be looked up."
)
TRUST_STORE_EMPTY = _ruling(
    Outcome.INDETERMINATE, "trust-store-empty", "There is no trusted authority in the trust store."
)
_ISSUER_UNKNOWN = _ruling(
    Outcome.FAILED, "issuer-unknown", "The card's signer comes from an authority that is not known here."
)

RULINGS: Final = {
    PathReason.PATH_FOUND: TRUSTED,
    PathReason.ISSUER_UNKNOWN: _ISSUER_UNKNOWN,
    PathReason.SIGNATURE_INVALID: _ruling(
        Outcome.FAILED,
        "signer-certificate-forged",
        "The certificate of the card's signer names a trusted authority, but was not issued by it.",
    ),
    PathReason.KEY_UNUSABLE: _ruling(
        Outcome.INDETERMINATE, "issuer-key-unusable", "The authority's key in the trust store is not usable."
    ),
    PathReason.UNSUPPORTED_ALGORITHM: _ruling(
        Outcome.INDETERMINATE,
        "signer-unsupported-algorithm",
        "The signature on the signer's certificate is of a kind that this version cannot verify.",
    ),
    PathReason.ANCHOR_DAMAGED: _ruling(
        Outcome.INDETERMINATE, "anchor-damaged", "The authority's certificate in the trust store is damaged."
    ),
    PathReason.NOT_A_CA: _ruling(
        Outcome.FAILED, "not-a-ca", "The card's signer was certified by one who is no authority.", _PROFILE
    ),
    PathReason.NOT_A_LINK: _ruling(
        Outcome.FAILED,
        "not-a-link",
        "The card's signer was certified by somebody whom an authority certified, which no state provides for.",
        _PROFILE,
    ),
    PathReason.KEY_USAGE_WRONG: _ruling(
        Outcome.FAILED, "key-usage-wrong", "A certificate of the card's signer is not meant for signing.", _PROFILE
    ),
    PathReason.EXTENDED_KEY_USAGE_WRONG: _ruling(
        Outcome.FAILED,
        "extended-key-usage-wrong",
        "The certificate of the card's signer is meant for something other than cards.",
        _PROFILE,
    ),
    PathReason.CRITICAL_EXTENSION_UNKNOWN: _ruling(
        Outcome.FAILED,
        "critical-extension-unknown",
        "A certificate of the card's signer has a condition that this version does not know.",
        _PROFILE,
    ),
    PathReason.COUNTRY_MISMATCH: _ruling(
        Outcome.FAILED,
        "signer-country-mismatch",
        "The card's signer and the authority that vouches for it belong to different states.",
        _PROFILE,
    ),
    PathReason.ISSUER_EXPIRED: _ruling(
        Outcome.FAILED, "issuer-expired", "The certificate of the signer's authority has expired."
    ),
    PathReason.ISSUER_NOT_YET_VALID: _ruling(
        Outcome.INDETERMINATE,
        "issuer-not-yet-valid",
        "The certificate of the signer's authority is not valid yet: check the clock.",
    ),
    PathReason.SIGNER_EXPIRED: _ruling(
        Outcome.FAILED, "signer-expired", "The certificate of the card's signer has expired."
    ),
    PathReason.SIGNER_NOT_YET_VALID: _ruling(
        Outcome.INDETERMINATE,
        "signer-not-yet-valid",
        "The certificate of the card's signer is not valid yet: check the clock.",
    ),
    PathReason.SIGNER_IS_CA: _ruling(
        Outcome.FAILED,
        "signer-is-ca",
        "The card's signer is an authority itself, and authorities do not sign cards.",
        _PROFILE,
    ),
    PathReason.ALGORITHM_DEPRECATED: _ruling(
        Outcome.FAILED,
        "signer-algorithm-deprecated",
        "The authority vouches for the card's signer with a signature that no longer protects against forgery.",
        "ICAO 9303-12, 4.1.6",
    ),
    PathReason.TOO_MANY_CANDIDATES: _ruling(
        Outcome.INDETERMINATE, "too-many-candidates", "The trust store holds too many authorities of this name."
    ),
}
"""What each answer of the path search means here; "could not tell" is where store, clock or version is at fault."""


def check_signer_path(case: Case) -> tuple[CheckResult, Case]:
    """Find a path from those who signed to an anchor of the trust store.

    An SOD has one signer; where a card brings several, one trusted signer is enough, since all of them signed the same.
    Whoever is trusted is looked at further: one of two trusted signers who is revoked condemns the card.
    """
    if not case.signers:
        return NO_SIGNER.result(), case
    results = [
        find_path(signer, case.trust, case.at, _tolerance_of(case), at_least=not case.clock_trusted)
        for signer in case.signers
    ]
    found = [result for result in results if result.found]
    if found:
        for result in found:
            case = case.noting(result.tolerated, result.deviations)
        return TRUSTED.result(), announcing(case.with_paths(tuple(result.path for result in found)))
    ruling = RULINGS[results[0].reason]
    if ruling is _ISSUER_UNKNOWN and not case.trust.anchors:
        ruling = TRUST_STORE_EMPTY
    return ruling.result_tolerable(results[0].code), case


def _tolerance_of(case: Case) -> Tolerates:
    """Without tolerances one search does."""
    return case.tolerates if case.policy.tolerances else tolerate_nothing
