"""Has this card been revoked, suspended or reported lost? Asked of the card status list."""

import hashlib
from typing import Final

from verifier.cardstatus.card_status_list import CardStatusList
from verifier.cardstatus.layout import CardState
from verifier.errors import TrustMaterialError
from verifier.pki.asn1.der_time import whole_seconds
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_CHECK = CheckName.CARD_STATUS
_CLAUSE = "thechip card status list, version 1"

NOT_LISTED = Ruling(
    _CHECK, Outcome.PASSED, "card-not-listed", "The card is neither revoked, suspended nor reported lost.", _CLAUSE
)
REVOKED = Ruling(_CHECK, Outcome.FAILED, "card-revoked", "The card has been revoked.", _CLAUSE)
SUSPENDED = Ruling(_CHECK, Outcome.FAILED, "card-suspended", "The card is suspended.", _CLAUSE)
LOST = Ruling(_CHECK, Outcome.FAILED, "card-reported-lost", "The card has been reported lost.", _CLAUSE)
MISSING = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "card-status-list-missing",
    "There is no card status list, so nobody knows whether the card is revoked.",
    _CLAUSE,
)
STALE = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "card-status-list-stale",
    "The card status list is too old to say whether the card is revoked.",
    _CLAUSE,
)
NOT_YET_VALID = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "card-status-list-not-yet-valid",
    "The card status list was issued after the time of this verification: check the clock.",
    _CLAUSE,
)
DAMAGED = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "card-status-list-damaged",
    "The card status list was changed or lost while it was in use, so nobody knows whether the card is revoked.",
    _CLAUSE,
)
NOT_AUTHENTIC = Ruling(
    _CHECK,
    Outcome.NOT_PERFORMED,
    "card-not-identified",
    "Nothing authentic identifies the card, so no list can be asked about it.",
    _CLAUSE,
)
RULINGS = (
    NOT_LISTED,
    REVOKED,
    SUSPENDED,
    LOST,
    MISSING,
    STALE,
    NOT_YET_VALID,
    DAMAGED,
    NOT_AUTHENTIC,
)
"""Everything that this check may say."""
_RULING_OF: Final = {CardState.REVOKED: REVOKED, CardState.SUSPENDED: SUSPENDED, CardState.LOST: LOST}


def check_card_status(case: Case) -> tuple[CheckResult, Case]:
    """Look the card up under every hash that a list may know it by: its signed keys, what its SOD signs, its SOD.

    What the SOD signs is the one that cannot be helped: a card may keep one of two keys from the reader and prove the
    other, and EF.SOD can be written in another encoding, or with one more certificate in it, and still verifies.

    A hit counts whatever the age of the list and wherever the hash came from: what once was revoked stays so, and who
    presents a revoked card's SOD presents a revoked card. A miss counts only for a card that is authentic, in a list
    that is fresh.
    """
    return _judge(case, case.card_status).result(), case


def _judge(case: Case, card_status: CardStatusList | None) -> Ruling:
    try:
        state = None if card_status is None else _state(case, card_status)
    except TrustMaterialError:
        return DAMAGED
    if state is not None:
        return _RULING_OF[state]
    if case.trusted is None:
        return NOT_AUTHENTIC
    return MISSING if card_status is None else _judge_miss(case, card_status)


def _state(case: Case, card_status: CardStatusList) -> CardState | None:
    identities = [] if case.trusted is None else list(case.trusted.chip_keys)
    if case.proven_key is not None:  # of EF.CardSecurity, perhaps
        identities.append(case.proven_key)
    if case.security_object is not None:
        identities.append(case.security_object.signed_data.encap_content)
    if "EF.SOD" in case.evidence.files:
        identities.append(case.evidence.files["EF.SOD"])
    for identity in identities:
        status = card_status.status_of(hashlib.sha256(identity).digest())
        if status is not None:
            return status.state
    return None


def _judge_miss(case: Case, card_status: CardStatusList) -> Ruling:
    at = whole_seconds(case.at)
    if card_status.issued_at > at:
        return NOT_YET_VALID
    if at - card_status.issued_at > case.policy.max_card_status_age:
        return STALE
    return NOT_LISTED
