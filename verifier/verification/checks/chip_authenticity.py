"""Is this the chip that the issuer made, or a copy of its data? (ICAO 9303-11, 4.4.3.5, 6.1 and 6.2)

A chip is authentic when it shows the private half of a key that the issuer signed. A proof against any other key shows
nothing, so passive authentication of DG14, DG15 or EF.CardSecurity comes first.
"""

from verifier.access.chip.active_authentication import verify_active_authentication
from verifier.access.chip.chip_authentication import offer_of_proof, verify_chip_authentication
from verifier.access.proofs import ActiveAuthenticationProof, ChipAuthenticationProof
from verifier.errors import VerifierError
from verifier.evidence.record import ACTIVE_AUTHENTICATION, CHIP_AUTHENTICATION
from verifier.verification.case import Case, TrustedData
from verifier.verification.chip_rulings import (
    AUTHENTIC_AA,
    AUTHENTIC_CA,
    AUTHENTIC_CAM,
    CARD_SECURITY_FOREIGN,
    CARD_SECURITY_FORGED,
    CARD_SECURITY_REVOKED,
    CARD_SECURITY_UNLINKED,
    CARD_SECURITY_UNPROVEN,
    KEY_NOT_TRUSTED,
    NOT_AUTHENTIC,
    NOT_PERFORMED,
    NOT_SUPPORTED,
    REFUSED,
    UNSUPPORTED,
)
from verifier.verification.mapping_verdict import judge_mapping_proof
from verifier.verification.owed_proof import offers_mapping
from verifier.verification.report import CheckResult, Outcome
from verifier.verification.ruling import Ruling

RULINGS = (
    AUTHENTIC_CA,
    AUTHENTIC_CAM,
    AUTHENTIC_AA,
    NOT_AUTHENTIC,
    REFUSED,
    CARD_SECURITY_FORGED,
    CARD_SECURITY_REVOKED,
    CARD_SECURITY_FOREIGN,
    CARD_SECURITY_UNPROVEN,
    CARD_SECURITY_UNLINKED,
    KEY_NOT_TRUSTED,
    UNSUPPORTED,
    NOT_SUPPORTED,
    NOT_PERFORMED,
)
"""Everything that this check may say."""

_PRECEDENCE = (Outcome.FAILED, Outcome.PASSED, Outcome.INDETERMINATE, Outcome.NOT_PERFORMED)
_DECIDED = (Outcome.FAILED, Outcome.PASSED)


def check_chip_authenticity(case: Case) -> tuple[CheckResult, Case]:
    """Verify the chip's proofs against its signed keys; one good proof is enough, one bad proof condemns.

    Any protocol counts: a reader that ran Active Authentication although DG14 has a key too loses nothing, since
    both keys are signed and neither can be copied. Without any proof the chip is not called a copy, unless it refused;
    and a proof that decides nothing does not make up for one that was refused.
    """
    findings = []
    if case.evidence.pace_chip_authentication is not None:
        findings.append(judge_mapping_proof(case, case.evidence.pace_chip_authentication))
    if case.evidence.chip_authentication is not None:
        findings.append(_judge_chip_authentication(case, case.evidence.chip_authentication))
    if case.evidence.active_authentication is not None:
        findings.append(_judge_active_authentication(case, case.evidence.active_authentication))
    if not findings:
        return _without_proof(case).result(), case
    ruling, key = min(findings, key=lambda finding: _PRECEDENCE.index(finding[0].outcome))
    if ruling.outcome not in _DECIDED and _refused(case):
        return REFUSED.result(), case
    if key is None or ruling.outcome is not Outcome.PASSED:
        return ruling.result(), case
    return ruling.result(), case.with_proven_key(key)


_Finding = tuple[Ruling, bytes | None]


def _judge_chip_authentication(case: Case, proof: ChipAuthenticationProof) -> _Finding:
    trusted = case.trusted
    if trusted is None or trusted.dg14 is None:
        return _without_key(case, "DG14"), None
    offer = offer_of_proof(trusted.dg14.security_infos, proof)
    if offer is None:
        return NOT_AUTHENTIC, None
    try:
        authentic = verify_chip_authentication(proof, offer.info, offer.public_key)
    except VerifierError:
        return UNSUPPORTED, None
    return (AUTHENTIC_CA, offer.public_key.public_key) if authentic else (NOT_AUTHENTIC, None)


def _judge_active_authentication(case: Case, proof: ActiveAuthenticationProof) -> _Finding:
    trusted = case.trusted
    if trusted is None or trusted.dg15 is None:
        return _without_key(case, "DG15"), None
    key = trusted.dg15.public_key
    infos = () if trusted.dg14 is None else trusted.dg14.security_infos.active_authentication
    unsupported = False
    for info in infos or (None,):
        try:
            if verify_active_authentication(proof, key, info):
                return AUTHENTIC_AA, key
        except VerifierError:
            unsupported = True
    return (UNSUPPORTED if unsupported else NOT_AUTHENTIC), None


def _without_key(case: Case, name: str) -> Ruling:
    """The key that the proof is about is not the issuer's: foreign where the hash says so, unknown otherwise."""
    altered = case.trusted is not None and case.hash_matches.get(name) is False
    return NOT_AUTHENTIC if altered else KEY_NOT_TRUSTED


def _without_proof(case: Case) -> Ruling:
    trusted = case.trusted
    if trusted is None or case.security_object is None:
        return NOT_PERFORMED
    if _refused(case):
        return REFUSED
    has_key = bool(trusted.chip_keys) or offers_mapping(trusted)
    return NOT_PERFORMED if has_key or _is_unread(case, trusted) else NOT_SUPPORTED


def _refused(case: Case) -> bool:
    """Whether the chip declined to prove a key that its issuer signed."""
    declined = not case.evidence.refused.keys().isdisjoint({CHIP_AUTHENTICATION, ACTIVE_AUTHENTICATION})
    return declined and case.trusted is not None and bool(case.trusted.chip_keys)


def _is_unread(case: Case, trusted: TrustedData) -> bool:
    """Whether a data group that may hold a key is signed, but cannot be looked into."""
    listed = case.security_object.data_group_hashes if case.security_object is not None else {}
    return (14 in listed and trusted.dg14 is None) or (15 in listed and trusted.dg15 is None)
