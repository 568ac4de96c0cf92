"""Do the signer, the document and the policy mean the same state? (ICAO 9303-11, 5.1.1; 9303-3, 5)

Every state's CSCA is genuine for its own documents only: a signer of one state must not make a card of another.
"""

from verifier.lds.states import signing_state_of, state_of
from verifier.verification.case import Case, TrustedData
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_CHECK = CheckName.ISSUING_STATE
_CERTIFICATES = "ICAO 9303-11, 5.1.1"
_MRZ = "ICAO 9303-3, 5"

RIGHT = Ruling(
    _CHECK, Outcome.PASSED, "issuing-state-right", "The card and its signer belong to a state that is meant.", _MRZ
)
NOT_ACCEPTED = Ruling(
    _CHECK,
    Outcome.FAILED,
    "issuing-state-not-accepted",
    "The card comes from a state whose cards are not meant here.",
    _MRZ,
)
MISMATCH = Ruling(
    _CHECK,
    Outcome.FAILED,
    "issuing-state-mismatch",
    "The card names another state than the one that signed it.",
    _CERTIFICATES,
)
SIGNER_MISMATCH = Ruling(
    _CHECK,
    Outcome.FAILED,
    "signer-state-mismatch",
    "The document signer and the authority that issued it belong to different states.",
    _CERTIFICATES,
)
UNKNOWN = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "issuing-state-unknown",
    "The certificates of the card's signer name no state.",
    _CERTIFICATES,
)
NO_DOCUMENT = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "issuing-state-not-authentic",
    "The signer's state is accepted, but there is no authentic DG1 that names the card's state.",
    _MRZ,
)
NOT_TRUSTED = Ruling(
    _CHECK, Outcome.NOT_PERFORMED, "signer-not-trusted", "The card's signer is not trusted, whatever its state.", _MRZ
)
RULINGS = (
    RIGHT,
    NOT_ACCEPTED,
    MISMATCH,
    SIGNER_MISMATCH,
    UNKNOWN,
    NO_DOCUMENT,
    NOT_TRUSTED,
)
"""Everything that this check may say."""


def check_issuing_state(case: Case) -> tuple[CheckResult, Case]:
    """Compare the states of every certificate of the signer's path, of DG1, and of ``Policy.issuing_states``."""
    if case.trusted is None:
        return NOT_TRUSTED.result(), case
    return _judge(case.trusted, case.policy.issuing_states).result(), case


def _judge(trusted: TrustedData, accepted: frozenset[str] | None) -> Ruling:
    signing_states = {
        state_of(certificate.country) for path in trusted.paths for certificate in path if certificate.country
    }
    if not signing_states:
        return UNKNOWN
    if len(signing_states) > 1:
        return SIGNER_MISMATCH
    signing_state = signing_states.pop()
    if accepted is not None and signing_state not in {signing_state_of(state) for state in accepted}:
        return NOT_ACCEPTED
    if trusted.dg1 is None:
        return NO_DOCUMENT
    return _judge_document(state_of(trusted.dg1.mrz.issuing_state), signing_state, accepted)


def _judge_document(issuing_state: str, signing_state: str, accepted: frozenset[str] | None) -> Ruling:
    if signing_state_of(issuing_state) != signing_state:
        return MISMATCH
    if accepted is not None and issuing_state not in {state_of(state) for state in accepted}:
        return NOT_ACCEPTED
    return RIGHT
