"""Is this a document of the kind that is meant, still valid on that day, by its own signed MRZ? (ICAO 9303-3, 4.8)"""

from verifier.errors import MalformedData
from verifier.lds.mrz import MachineReadableZone
from verifier.lds.mrz_dates import date_of_expiry
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.document_types import may_sign
from verifier.pki.path import Observation
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_CHECK = CheckName.DOCUMENT_VALIDITY
_DATES = "ICAO 9303-3, 4.8"
_TYPES = "ICAO 9303-4, -5 and -6, 4.2.2"
_CHECK_DIGITS = "ICAO 9303-3, 4.9"

VALID = Ruling(_CHECK, Outcome.PASSED, "document-valid", "The card has not expired.", _DATES)
NO_EXPIRY = Ruling(_CHECK, Outcome.PASSED, "no-expiry", "The card has no date of expiry.", _DATES)
EXPIRED = Ruling(_CHECK, Outcome.FAILED, "document-expired", "The card has expired.", _DATES)
TYPE_NOT_ACCEPTED = Ruling(
    _CHECK,
    Outcome.FAILED,
    "document-type-not-accepted",
    "This is another kind of document than the one that is meant here.",
    _TYPES,
)
TYPE_NOT_OF_SIGNER = Ruling(
    _CHECK,
    Outcome.FAILED,
    "document-type-not-of-signer",
    "The one who signed this card does not sign documents of its type.",
    "ICAO 9303-12, 7.1.1.6",
)
UNREADABLE = Ruling(
    _CHECK, Outcome.INDETERMINATE, "expiry-date-unreadable", "The card's date of expiry is no date.", _DATES
)
CHECK_DIGITS_WRONG = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "mrz-check-digits-wrong",
    "The issuer signed a machine readable zone whose check digits do not agree.",
    _CHECK_DIGITS,
)
MALFORMED = Ruling(
    _CHECK, Outcome.INDETERMINATE, "dg1-malformed", "The issuer signed a DG1 that holds no readable MRZ.", _CHECK_DIGITS
)
NOT_AUTHENTIC = Ruling(
    _CHECK, Outcome.NOT_PERFORMED, "dg1-not-authentic", "There is no authentic DG1 to take the expiry from.", _DATES
)
RULINGS = (
    VALID,
    NO_EXPIRY,
    EXPIRED,
    TYPE_NOT_ACCEPTED,
    TYPE_NOT_OF_SIGNER,
    UNREADABLE,
    CHECK_DIGITS_WRONG,
    MALFORMED,
    NOT_AUTHENTIC,
)
"""Everything that this check may say."""


def check_document_validity(case: Case) -> tuple[CheckResult, Case]:
    """Compare DG1's document code with what its signer signs and ``Policy.document_types``, its expiry with ``at``.

    The day is that of the time zone that ``at`` carries; a card is valid through the whole of its last day. A genuine
    passport is no member card, though the same state signed it.
    """
    trusted = case.trusted
    if trusted is not None and "DG1" in trusted.malformed:
        return MALFORMED.result(), case
    if trusted is None or trusted.dg1 is None:
        return NOT_AUTHENTIC.result(), case
    mrz = trusted.dg1.mrz
    strangers = [path[0] for path in trusted.paths if not may_sign(path[0], mrz.document_type)]
    if any(not case.tolerates(Deviation.DOCUMENT_TYPE_NOT_LISTED, signer) for signer in strangers):
        return TYPE_NOT_OF_SIGNER.result_tolerable(Deviation.DOCUMENT_TYPE_NOT_LISTED), case
    case = case.noting(Observation(Deviation.DOCUMENT_TYPE_NOT_LISTED, signer) for signer in strangers)
    return _judge(mrz, case).result(), case


def _judge(mrz: MachineReadableZone, case: Case) -> Ruling:
    if case.policy.document_types is not None and not mrz.document_type.startswith(case.policy.document_types):
        return TYPE_NOT_ACCEPTED
    today = case.at.date()
    try:
        expiry = date_of_expiry(mrz.date_of_expiry, today=today)
    except MalformedData:
        return UNREADABLE
    if expiry is not None and expiry < today:
        return EXPIRED
    if mrz.wrong_check_digits:
        return CHECK_DIGITS_WRONG
    return NO_EXPIRY if expiry is None else VALID
