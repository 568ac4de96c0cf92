"""What is said of a card that passed: no more than what was asked, and what nobody knows of it beside that."""

from collections.abc import Iterable
from typing import Final

from verifier.verification.report import CheckName, CheckResult, Outcome

PASSED_SENTENCE: Final = "The card is genuine and valid."

_QUESTIONS: Final = {
    CheckName.SOD_SIGNATURE: "whether its data is signed",
    CheckName.SIGNER_PATH: "whether its signer is trusted",
    CheckName.SIGNER_REVOCATION: "whether its signer was revoked",
    CheckName.ISSUING_STATE: "whether its signer may sign for its state",
    CheckName.DATA_GROUP_HASHES: "whether its data was altered",
    CheckName.CHIP_AUTHENTICITY: "whether its chip is the original",
    CheckName.CARD_STATUS: "whether it was revoked",
    CheckName.DOCUMENT_VALIDITY: "whether it is still valid",
}
"""What a check answers. How the card was opened is no question about the card."""


def passed_sentence(results: Iterable[CheckResult]) -> str:
    """Return the sentence of a report that passed: qualified where a check that nobody required did not pass."""
    passed = {result.check for result in results if result.outcome is Outcome.PASSED}
    open_questions = [question for check, question in _QUESTIONS.items() if check not in passed]
    if not open_questions:
        return PASSED_SENTENCE
    *others, last = open_questions
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"{PASSED_SENTENCE.removesuffix('.')}, as far as was asked: nobody knows {listed}."
