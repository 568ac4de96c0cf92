"""What the kiosk says: something for every state and reason, in both languages, and never an accusation."""

import re

import pytest

from appliance import errors as appliance_errors
from appliance.checkin.service import Decision
from appliance.kiosk.display import DisplayState
from appliance.kiosk.phrases import (
    REASONS,
    STATES,
    WITHOUT_A_SCANNER,
    Phrase,
    phrase_for_state,
    sentence_for_reason,
)
from appliance.station.answers import DISPLAY_OF_DECISION
from verifier.sdk import Outcome, errors
from verifier.verification.rulings import all_rulings

OF_THE_MEETING = {
    "not-on-roster", "check-in-not-yet", "check-in-over", "not-admitted", "counted", "already-counted", "checked-out",
}  # fmt: skip
OF_THE_STATION = {"password-missing", "no-meeting", "several-cards", "internal-error", *OF_THE_MEETING, *Decision}
ANSWERS_OF_TROUBLE = (DisplayState.ONCE_MORE, DisplayState.REFUSED, DisplayState.SEE_OFFICER)

_OF_ANY_BYTES = (errors.MalformedData, errors.UnsupportedFeature, errors.TrustMaterialError)
SENTENCES = (*REASONS.values(), *WITHOUT_A_SCANNER.values())
LETTERS_OF_VIETNAMESE = re.compile("[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]")
CODE = re.compile(r"\b[a-z0-9]+-[a-z0-9]+-[a-z0-9-]+\b|[{}_]")


def reasons_of_reports() -> set[str]:
    return {ruling.reason for ruling in all_rulings()}


def reasons_of_taps() -> set[str]:
    """Everything that can keep a card from being accepted: whatever a check says but that all is well, and errors."""
    of_readings = (errors.CardError, errors.ReaderError, errors.DeadlineExceeded, *_OF_ANY_BYTES)
    return {ruling.reason for ruling in all_rulings() if ruling.outcome is not Outcome.PASSED} | {
        getattr(errors, name).reason for name in errors.__all__ if issubclass(getattr(errors, name), of_readings)
    }


def reasons_of_errors() -> set[str]:
    return {
        value.reason
        for module in (errors, appliance_errors)
        for value in vars(module).values()
        if isinstance(value, type) and hasattr(value, "reason")
    }


def test_every_state_has_a_phrase_and_every_decision_a_state() -> None:
    assert set(STATES) == set(DisplayState)
    assert set(DISPLAY_OF_DECISION) == set(Decision)
    for state in DisplayState:
        assert phrase_for_state(state).vi
        assert phrase_for_state(state).en


def test_every_sentence_belongs_to_a_reason_that_exists() -> None:
    known = reasons_of_reports() | reasons_of_errors() | OF_THE_STATION
    assert set(REASONS) - known == set()


def test_every_reason_that_a_tap_can_end_with_has_a_sentence_of_its_own() -> None:
    assert reasons_of_taps() - set(REASONS) == set()


@pytest.mark.parametrize(
    "phrase",
    [*STATES.values(), *dict.fromkeys([*REASONS.values(), *WITHOUT_A_SCANNER.values()])],
    ids=lambda phrase: phrase.en,
)
def test_a_sentence_is_vietnamese_and_english_and_shows_no_code(phrase: Phrase) -> None:
    assert LETTERS_OF_VIETNAMESE.search(phrase.vi.lower())
    assert not LETTERS_OF_VIETNAMESE.search(phrase.en.lower())
    assert not CODE.search(phrase.vi + phrase.en)


@pytest.mark.parametrize("state", ANSWERS_OF_TROUBLE)
def test_whoever_is_not_let_through_is_told_what_to_do(state: DisplayState) -> None:
    for reason in reasons_of_reports() | reasons_of_errors() | {"a-reason-of-a-later-release"}:
        sentence = sentence_for_reason(reason, state)
        assert sentence.vi.endswith(".")
        assert sentence.en.endswith(".")


def test_nobody_is_called_a_forger() -> None:
    said = " ".join(phrase.vi + phrase.en for phrase in [*STATES.values(), *REASONS.values()]).lower()
    for word in ("giả", "gian", "forg", "fake", "fraud", "counterfeit"):
        assert word not in said


@pytest.mark.parametrize("reason", ["signer-revoked", "issuer-revoked"])
def test_a_revoked_key_of_the_issuer_is_not_told_as_if_the_persons_own_card_were_withdrawn(reason: str) -> None:
    sentence = sentence_for_reason(reason, DisplayState.REFUSED)
    assert "Thẻ đã bị thu hồi" not in sentence.vi
    assert "card was withdrawn" not in sentence.en
    assert "Khóa ký của nơi cấp" in sentence.vi


def test_a_state_that_is_known_but_not_in_use_here_is_not_called_unknown() -> None:
    unknown, foreign = (
        sentence_for_reason(reason, DisplayState.REFUSED) for reason in ("issuer-unknown", "issuing-state-not-accepted")
    )
    assert "nhận ra" in unknown.vi
    assert "nhận ra" not in foreign.vi
    assert "được dùng ở đây" in foreign.vi


def test_where_nothing_scans_nobody_is_asked_to_scan_and_the_invitation_says_what_to_type() -> None:
    invited = sentence_for_reason("", DisplayState.READY, has_scanner=False)
    assert "6 số CAN" in invited.vi
    assert sentence_for_reason("", DisplayState.READY).vi == ""
    assert sentence_for_reason("", DisplayState.NO_MEETING, has_scanner=False).vi == ""
    for reason in REASONS:
        sentence = sentence_for_reason(reason, DisplayState.ONCE_MORE, has_scanner=False)
        assert "quét" not in sentence.vi.lower()
        assert "scan" not in sentence.en.lower()
