"""Was the reader let in as the policy wants it? (ICAO 9303-11, 4.2)"""

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
NOT_ALLOWED = Ruling(
    CheckName.ACCESS,
    Outcome.FAILED,
    "access-not-allowed",
    "The card was opened in a way that the policy does not allow.",
    _CLAUSE,
)
_RULING_OF = {AccessProtocol.PACE: PACE, AccessProtocol.BAC: BAC, AccessProtocol.OPEN: OPEN}


def check_access(case: Case) -> tuple[CheckResult, Case]:
    """Judge the access record against ``Policy.allowed_access``.

    A policy that allows BAC allows it also where PACE was offered, since a reader may have had no CAN and a chip's PACE
    may not work; the reason says so, and a ledger can count it. A policy without BAC names the downgrade as such.
    """
    record = case.evidence.access
    downgraded = record.protocol is AccessProtocol.BAC and record.pace_offered is True
    if record.protocol in case.policy.allowed_access:
        ruling = DOWNGRADED if downgraded else _RULING_OF[record.protocol]
    else:
        ruling = DOWNGRADE_REFUSED if downgraded else NOT_ALLOWED
    return ruling.result(), case
