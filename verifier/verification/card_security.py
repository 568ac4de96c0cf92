"""Is EF.CardSecurity to be believed? As EF.SOD is: its signature, its signer's path, revocation, and the state.

The steps are those of the checks on EF.SOD (``checks``), made with the signer of the other file.
"""

import hashlib
from dataclasses import replace
from types import MappingProxyType

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.lds.card_security import CardSecurity
from verifier.lds.security_infos import SecurityInfos
from verifier.lds.states import state_of
from verifier.verification import chip_rulings
from verifier.verification.case import Case, TrustedData
from verifier.verification.checks.signer_path import check_signer_path
from verifier.verification.checks.signer_revocation import check_signer_revocation
from verifier.verification.checks.sod_signature import signers_of
from verifier.verification.report import CheckName, Outcome
from verifier.verification.ruling import Ruling


def trusted_card_security(case: Case, trusted: TrustedData) -> SecurityInfos | Ruling:
    """Return what the issuer signed in EF.CardSecurity, or why that is not known.

    ``trusted`` is what passive authentication established. Whether the signer is revoked counts as much as the policy
    makes it count for EF.SOD: a revoked signer fails, a missing CRL does where revocation is required.
    """
    raw = case.evidence.files.get("EF.CardSecurity")
    if raw is None:
        return chip_rulings.KEY_NOT_TRUSTED
    try:
        card_security = CardSecurity.decode(raw)
    except MalformedData:
        return chip_rulings.CARD_SECURITY_FORGED
    except UnsupportedFeature:
        return chip_rulings.UNSUPPORTED
    document = hashlib.sha256(raw).digest()
    signers, unsupported = signers_of(card_security.signed_data, document, case.trust, case.tolerates)
    if not signers:
        return chip_rulings.UNSUPPORTED if unsupported else chip_rulings.CARD_SECURITY_FORGED
    other = replace(case, hash_matches=MappingProxyType({}), signers=signers, trusted=None)
    _, other = check_signer_path(other)
    if other.trusted is None:
        return (
            chip_rulings.CARD_SECURITY_UNPROVEN if _may_be_ours(other, trusted) else chip_rulings.CARD_SECURITY_FOREIGN
        )
    return _problem(case, other, trusted, other.trusted) or card_security.security_infos


def _problem(case: Case, other: Case, trusted: TrustedData, signer: TrustedData) -> Ruling | None:
    revocation, _ = check_signer_revocation(other)
    if revocation.outcome is Outcome.FAILED:
        return chip_rulings.CARD_SECURITY_REVOKED
    if revocation.outcome is not Outcome.PASSED and CheckName.SIGNER_REVOCATION in case.policy.required:
        return chip_rulings.CARD_SECURITY_UNPROVEN
    return None if _states(signer) == _states(trusted) else chip_rulings.CARD_SECURITY_FOREIGN


def _may_be_ours(other: Case, trusted: TrustedData) -> bool:
    """Whether a signer who is not trusted at least claims to be of the state that signed the data.

    Then an authority of that state may be missing here: nobody can tell. Who claims another state is not meant anyhow.
    """
    claimed = {state_of(name.country) for one in other.signers for name in (one, one.issuer) if name.country}
    return claimed <= _states(trusted)


def _states(trusted: TrustedData) -> set[str]:
    return {state_of(certificate.country) for path in trusted.paths for certificate in path if certificate.country}
