"""Was the reader let in as the policy wants it, and as well as the card can? (ICAO 9303-11, 4.2)

EF.CardAccess, which says that a chip offers PACE, is not signed: whoever stands between reader and card can take it
away, and the reader falls back to BAC. DG14 repeats its contents under the issuer's signature (9.2.11), so that the
trick is seen afterwards. What it gains is BAC's weaker secrecy: the data and the chip are as genuine as before.
"""

from verifier.access.proofs import AccessProtocol
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_CLAUSE = "ICAO 9303-11, 4.2"

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
NOT_ALLOWED = Ruling(
    CheckName.ACCESS,
    Outcome.FAILED,
    "access-not-allowed",
    "The card was opened in a way that the policy does not allow.",
    _CLAUSE,
)
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
    """Return the rulings on a card that has PACE and was opened without: where that is tolerated, and where not."""
    record, dg14 = case.evidence.access, None if case.trusted is None else case.trusted.dg14
    signed = dg14 is not None and bool(dg14.security_infos.pace)
    if record.protocol is AccessProtocol.PACE or not (signed or record.pace_offered):
        return None
    if record.protocol is AccessProtocol.BAC and record.pace_offered is not False:
        return DOWNGRADED, DOWNGRADE_REFUSED
    if not signed:
        return None
    return HIDDEN, NOT_ALLOWED if record.protocol is AccessProtocol.OPEN else HIDDEN_REFUSED
