"""What remains of a verification where nobody knows what time it is, only that it is no earlier than ``at``.

A device without a battery for its clock knows a time that has certainly passed: that of the newest signed list it saw,
of its last record. At that time the checks are made, and nothing counts as not yet valid. What is refused then is
refused at every later time, too: a card that has expired, a signer who was revoked, a copy. What passes may have
expired since; so it is not called good, and because the clock is at fault nobody is called bad.
"""

from typing import Final

from verifier.pki.revocation import RevocationReasonCode
from verifier.verification.checks import card_status, document_validity, signer_path, signer_revocation
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

REASON: Final = "clock-not-trusted"
_NOT_REVOKED: Final = signer_revocation.RULINGS[RevocationReasonCode.NOT_REVOKED]


def _ruling(decided: Ruling, sentence: str) -> Ruling:
    return Ruling(decided.check, Outcome.INDETERMINATE, REASON, sentence, decided.clause)


PATH = _ruling(
    signer_path.TRUSTED,
    "A trusted authority vouches for the card's signer, but the clock cannot say whether it still does.",
)
REVOCATION = _ruling(
    _NOT_REVOKED,
    "The revocation list does not name the signer, but the clock cannot say whether the list is recent enough.",
)
VALIDITY = _ruling(
    document_validity.VALID,
    "The card had not expired at the last time that is certain, but the clock cannot say what day it is.",
)
STATUS = _ruling(
    card_status.NOT_LISTED,
    "The card status list does not name the card, but the clock cannot say whether the list is recent enough.",
)
RULINGS: Final = (PATH, REVOCATION, VALIDITY, STATUS)
"""Everything that is said instead."""

UNDECIDED: Final = {
    signer_path.TRUSTED.reason: PATH,
    _NOT_REVOKED.reason: REVOCATION,
    document_validity.VALID.reason: VALIDITY,
    card_status.NOT_LISTED.reason: STATUS,
    card_status.NOT_YET_VALID.reason: STATUS,
}
"""What the time decided, and what is said of it. A card without a date of expiry is valid at any time."""

_OF_ANY_TIME: Final = frozenset({CheckName.SOD_SIGNATURE, CheckName.ACCESS})
"""The checks that do not rest on the signer's path, which the time decides."""


def without_the_time(result: CheckResult) -> CheckResult:
    """Return what can be said of a check's result by somebody who does not know the time."""
    undecided = UNDECIDED.get(result.reason)
    return result if undecided is None else undecided.result()


def also_required(required: frozenset[CheckName], *, clock_trusted: bool) -> frozenset[CheckName]:
    """Return what is required, and the signer's path where anything rests on it that nobody knows to be valid."""
    return required if clock_trusted or required <= _OF_ANY_TIME else required | {CheckName.SIGNER_PATH}
