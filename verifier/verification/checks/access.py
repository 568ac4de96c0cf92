"""Was the reader let in as the policy wants it, and as well as the card can? (ICAO 9303-11, 4.2)

EF.CardAccess, which says that a chip offers PACE, is not signed: whoever stands between reader and card can take it
away, and the reader falls back to BAC. DG14 repeats its contents under the issuer's signature (9.2.11), so that the
trick is seen afterwards. What it gains is BAC's weaker secrecy: the data and the chip are as genuine as before. A card
that offers several kinds of PACE may likewise be opened with a weaker one; ``choose_pace`` says what that means.
"""

from collections.abc import Iterator

from verifier.access.pace.protocols import pace_strength
from verifier.access.proofs import AccessProtocol
from verifier.errors import MalformedData
from verifier.lds.card_access import CardAccess
from verifier.lds.security_infos import PaceInfo
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_CLAUSE = "ICAO 9303-11, 4.2"
_CLAUSE_PACE = "ICAO 9303-11, 4.4.1"

PACE = Ruling(CheckName.ACCESS, Outcome.PASSED, "access-pace", "The card was opened with PACE.", _CLAUSE)
BAC = Ruling(CheckName.ACCESS, Outcome.PASSED, "access-bac", "The card was opened with BAC.", _CLAUSE)
OPEN = Ruling(CheckName.ACCESS, Outcome.PASSED, "access-open", "The card opens without a password.", _CLAUSE)
DOWNGRADED = Ruling(
    CheckName.ACCESS,
    Outcome.PASSED,
    "pace-downgraded-to-bac",
    "The card offers PACE, but was opened with the weaker BAC, which the policy allows.",
    _CLAUSE,
)
DOWNGRADE_REFUSED = Ruling(
    CheckName.ACCESS,
    Outcome.FAILED,
    "pace-downgraded-to-bac",
    "The card offers PACE, but was opened with the weaker BAC, which the policy does not allow.",
    _CLAUSE,
)
HIDDEN = Ruling(
    CheckName.ACCESS,
    Outcome.PASSED,
    "pace-hidden",
    "The issuer signed that the card offers PACE, but nothing of it was seen when the card was opened without.",
    _CLAUSE,
)
HIDDEN_REFUSED = Ruling(
    CheckName.ACCESS,
    Outcome.FAILED,
    "pace-hidden",
    "The issuer signed that the card offers PACE, but it was opened without, which the policy does not allow.",
    _CLAUSE,
)
WEAKER = Ruling(
    CheckName.ACCESS,
    Outcome.PASSED,
    "pace-weaker-than-offered",
    "The card offers a stronger PACE than the one it was opened with, which the policy allows.",
    _CLAUSE_PACE,
)
WEAKER_REFUSED = Ruling(
    CheckName.ACCESS,
    Outcome.FAILED,
    "pace-weaker-than-offered",
    "The card offers a stronger PACE than the one it was opened with, which the policy does not allow.",
    _CLAUSE_PACE,
)
NOT_ALLOWED = Ruling(
    CheckName.ACCESS,
    Outcome.FAILED,
    "access-not-allowed",
    "The card was opened in a way that the policy does not allow.",
    _CLAUSE,
)
RULINGS = (
    PACE,
    BAC,
    OPEN,
    DOWNGRADED,
    DOWNGRADE_REFUSED,
    HIDDEN,
    HIDDEN_REFUSED,
    WEAKER,
    WEAKER_REFUSED,
    NOT_ALLOWED,
)
"""Everything that this check may say."""
_RULING_OF = {AccessProtocol.PACE: PACE, AccessProtocol.BAC: BAC, AccessProtocol.OPEN: OPEN}


def check_access(case: Case) -> tuple[CheckResult, Case]:
    """Judge the access record against the policy, and against the PACE infos of an authentic DG14.

    A policy that allows BAC allows it also where the card has PACE, since a reader may have had no CAN and a chip's
    PACE may not work; the reason says so, and a ledger can count it. ``Policy.tolerate_downgrade`` ends that: then BAC
    is for cards that have nothing better. DG14 is read only for Chip Authentication: without it, nobody can tell.
    """
    allowed = case.evidence.access.protocol in case.policy.allowed_access
    rulings = _lapse(case)
    if rulings is None:
        ruling = _RULING_OF[case.evidence.access.protocol] if allowed else NOT_ALLOWED
    else:
        tolerated, refused = rulings
        ruling = tolerated if allowed and case.policy.tolerate_downgrade else refused
    return ruling.result(), case


def _lapse(case: Case) -> tuple[Ruling, Ruling] | None:
    """Return the rulings on a card that was opened in a weaker way than it can: where that is tolerated, and where not.

    It was opened without PACE though it has PACE, or with a weaker PACE than its strongest.
    """
    record, dg14 = case.evidence.access, None if case.trusted is None else case.trusted.dg14
    if record.protocol is AccessProtocol.PACE:
        return (WEAKER, WEAKER_REFUSED) if _is_weaker(case) else None
    signed = dg14 is not None and bool(dg14.security_infos.pace)
    if not (signed or record.pace_offered):
        return None
    if record.protocol is AccessProtocol.BAC and record.pace_offered is not False:
        return DOWNGRADED, DOWNGRADE_REFUSED
    if not signed:
        return None
    return HIDDEN, NOT_ALLOWED if record.protocol is AccessProtocol.OPEN else HIDDEN_REFUSED


def _is_weaker(case: Case) -> bool:
    """Tell whether a PACE that this release carries, and that the card offers, is stronger than the one that ran."""
    record = case.evidence.access
    used = None if record.pace_oid is None else pace_strength(record.pace_oid, record.pace_parameter_id)
    if used is None:
        return False
    strengths = (pace_strength(info.oid, info.parameter_id) for info in _offers(case))
    return any(strength is not None and strength > used for strength in strengths)


def _offers(case: Case) -> Iterator[PaceInfo]:
    """What the issuer signed in DG14, and what EF.CardAccess said without a signature."""
    if case.trusted is not None and case.trusted.dg14 is not None:
        yield from case.trusted.dg14.security_infos.pace
    raw = case.evidence.files.get("EF.CardAccess")
    if raw is None:
        return
    try:
        yield from CardAccess.decode(raw).security_infos.pace
    except MalformedData:  # for check_data_group_hashes to tell
        return
