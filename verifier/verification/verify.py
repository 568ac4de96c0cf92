"""``verify``: the steps of a verification, in their order."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from types import NoneType
from typing import Final, TypeAlias

from verifier.cardstatus.card_status_list import CardStatusList
from verifier.evidence.arguments import require_kind, require_zone
from verifier.evidence.record import Evidence
from verifier.evidence.requirements import checks_named
from verifier.pki.trust.trust_store import TrustStore
from verifier.verification.case import Case
from verifier.verification.checks.access import check_access
from verifier.verification.checks.card_status import check_card_status
from verifier.verification.checks.chip_authenticity import check_chip_authenticity
from verifier.verification.checks.data_group_hashes import check_data_group_hashes
from verifier.verification.checks.document_validity import check_document_validity
from verifier.verification.checks.issuing_state import check_issuing_state
from verifier.verification.checks.signer_path import check_signer_path
from verifier.verification.checks.signer_revocation import check_signer_revocation
from verifier.verification.checks.sod_signature import check_sod_signature
from verifier.verification.clock import also_required, without_the_time
from verifier.verification.headline import passed_sentence
from verifier.verification.holder import holder_of, is_vouched_for
from verifier.verification.owed_proof import owes_proof
from verifier.verification.policy import Policy
from verifier.verification.protected import protected_groups
from verifier.verification.report import CheckName, CheckResult, Outcome, Report

Check: TypeAlias = Callable[[Case], tuple[CheckResult, Case]]

CHECKS: Final[tuple[Check, ...]] = (
    check_sod_signature,  # 1. is the data signed at all?
    check_signer_path,  # 2. by one whom we trust?
    check_signer_revocation,  # 3. and who is still trusted?
    check_issuing_state,  # 4. and who may sign for this state?
    check_data_group_hashes,  # 5. is the data what was signed?
    check_access,  # 6. was the reader let in as well as the signed data says that it could be?
    check_chip_authenticity,  # 7. is this the chip that it was signed for?
    check_document_validity,  # 8. is it a card of the kind that is meant, and valid on that day?
    check_card_status,  # 9. and not revoked, suspended or lost?
)
"""Every check, in the order in which it is made; each sees what the earlier ones established."""

REPORTED: Final = tuple(CheckName)
"""The order of the results in a report: that of a tap, which begins with letting the reader in."""

DECISIVE: Final = (
    CheckName.SOD_SIGNATURE,
    CheckName.SIGNER_PATH,
    CheckName.SIGNER_REVOCATION,
    CheckName.ISSUING_STATE,
    CheckName.DATA_GROUP_HASHES,
    CheckName.CHIP_AUTHENTICITY,
    CheckName.CARD_STATUS,
    CheckName.DOCUMENT_VALIDITY,
    CheckName.ACCESS,
)
"""What a person is told first: a forged card is not "expired", and how it was opened matters least."""

PASSED_REASON: Final = "verified"


def verify(
    evidence: Evidence,
    trust: TrustStore,
    policy: Policy,
    *,
    at: datetime,
    card_status: CardStatusList | None = None,
    clock_trusted: bool = True,
) -> Report:
    """Judge what was read from a card, as of ``at``.

    Pure: the same arguments give the same report, at any time and place. Hostile bytes in ``evidence`` end in a report
    and never in an exception. Every check is made and reported, whatever an earlier one found.

    Where ``clock_trusted`` is false, the true time is ``at`` or any later one. What is wrong then and for ever still
    fails; what the time decides is INDETERMINATE, ``clock-not-trusted``.

    Raises ``InvalidInput`` where ``at`` has no time zone, or an argument is of another kind than its type says.
    """
    require_zone(at, "a verification")
    require_judgeable(trust, policy, card_status, clock_trusted)
    require_kind(evidence, Evidence, "evidence is an Evidence: Evidence.from_bytes makes one of a file's bytes")
    case = Case(evidence, trust, policy, at, card_status, clock_trusted)
    results = []
    for check in CHECKS:
        result, case = check(case)
        results.append(result if clock_trusted else without_the_time(result))
    outcome, reason, sentence = _decide(results, _required(case, results))
    return Report(
        outcome=outcome,
        reason=reason,
        sentence=sentence,
        profile=evidence.profile,
        at=at,
        results=tuple(sorted(results, key=lambda result: REPORTED.index(result.check))),
        tolerated=case.tolerated,
        remarks=case.remarks,
        holder=holder_of(case, results),
        chip_key_hash=_key_hash(case, results),
        not_readable=protected_groups(case),
    )


def require_judgeable(trust: object, policy: object, card_status: object, clock_trusted: object = True) -> None:
    """Raise ``InvalidInput`` unless these are what ``verify`` judges by."""
    require_kind(trust, TrustStore, "trust is a TrustStore: TrustStore.from_folder(path) makes one")
    require_kind(policy, Policy, "policy is a Policy: policy_for(profile) makes one")
    require_kind(
        card_status, (CardStatusList, NoneType), "card_status is a CardStatusList: CardStatusList.open makes one"
    )
    require_kind(clock_trusted, bool, "clock_trusted is True, or False where at is only the earliest that it may be")


def _key_hash(case: Case, results: Sequence[CheckResult]) -> bytes | None:
    if case.proven_key is None or not is_vouched_for(results):
        return None
    return hashlib.sha256(case.proven_key).digest()


def _required(case: Case, results: Sequence[CheckResult]) -> frozenset[CheckName]:
    """Return what the policy requires of this very card, at this very clock."""
    required = also_required(checks_named(case.policy.required), clock_trusted=case.clock_trusted)
    if CheckName.CHIP_AUTHENTICITY in required or not case.policy.proof_where_offered:
        return required
    found = next(result for result in results if result.check is CheckName.CHIP_AUTHENTICITY)
    return required | {CheckName.CHIP_AUTHENTICITY} if owes_proof(case, found) else required


def _decide(results: Sequence[CheckResult], required: frozenset[CheckName]) -> tuple[Outcome, str, str]:
    """Any failure fails, required or not; then everything required must be among what passed."""
    by_weight = sorted(results, key=lambda result: DECISIVE.index(result.check))
    failed = [result for result in by_weight if result.outcome is Outcome.FAILED]
    if failed:
        return Outcome.FAILED, failed[0].reason, failed[0].sentence
    passed = {result.check for result in results if result.outcome is Outcome.PASSED}
    if required and required <= passed:
        return Outcome.PASSED, PASSED_REASON, passed_sentence(results)
    lacking = [result for result in by_weight if result.check in required - passed]
    looked = any(r.outcome is not Outcome.NOT_PERFORMED for r in results if r.check is not CheckName.ACCESS)
    return (Outcome.INDETERMINATE if looked else Outcome.NOT_PERFORMED), lacking[0].reason, lacking[0].sentence
