"""What the kiosk says: one short phrase for each state, and one sentence for each reason a person can act on.

Vietnamese first, English second. The phrases are read at three metres by somebody who holds a card and did nothing
wrong as far as anybody knows: they accuse nobody, and each refusal names the next step. Reason codes come from the
verifier's reports and errors and from the meeting's rules; a code without a sentence of its own falls back to its
state's.
"""

from dataclasses import dataclass

from appliance.board import DisplayState


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same thing said in Vietnamese and in English."""

    vi: str
    en: str


STATES = {
    DisplayState.STARTING: Phrase("Đang khởi động", "Starting"),
    DisplayState.READY: Phrase("Mời đưa thẻ", "Hold your card here"),
    DisplayState.READING: Phrase("Giữ yên thẻ", "Hold still"),
    DisplayState.PRESENT: Phrase("Có mặt", "Present"),
    DisplayState.ALREADY_PRESENT: Phrase("Đã điểm danh rồi", "Already on the list"),
    DisplayState.LATE: Phrase("Có mặt – đến muộn", "Present – late"),
    DisplayState.VISITING: Phrase("Đảng viên nơi khác", "Visiting member"),
    DisplayState.ONCE_MORE: Phrase("Mời đưa thẻ lại", "Once more, please"),
    DisplayState.REFUSED: Phrase("Thẻ chưa được chấp nhận", "Card not accepted"),
    DisplayState.SEE_OFFICER: Phrase("Mời gặp cán bộ điểm danh", "Please see the officer"),
    DisplayState.NO_MEETING: Phrase("Chưa có cuộc họp", "No meeting is open"),
    DisplayState.READER_GONE: Phrase("Mất đầu đọc thẻ", "The reader is gone"),
}

_HOLD_STILL = Phrase("Giữ thẻ yên trên đầu đọc đến khi có tiếng báo.", "Keep the card on the reader until it sounds.")
_OFFICER_CARD = Phrase("Cán bộ sẽ ghi tên và xem lại thẻ.", "The officer will note your name and look at the card.")
_NOT_GENUINE = Phrase(
    "Không xác nhận được chip của thẻ. Mời gặp cán bộ.", "The chip could not be confirmed. Please see the officer."
)
_ISSUER = Phrase(
    "Chưa nhận ra nơi cấp thẻ. Mời gặp cán bộ.", "The card's issuer is not known here. Please see the officer."
)
_LISTS = Phrase(
    "Danh sách trên máy thiếu hoặc đã cũ. Cán bộ cần cập nhật.", "The lists on this device are missing or old."
)
_DATA_CHANGED = Phrase(
    "Dữ liệu trên thẻ không nguyên vẹn. Mời gặp cán bộ.", "The card's data are not intact. Please see the officer."
)
_WITHDRAWN = Phrase("Thẻ đã bị thu hồi hoặc khóa. Mời gặp cán bộ.", "The card was withdrawn. Please see the officer.")
_READER = Phrase("Kiểm tra dây cắm đầu đọc.", "Check the reader's cable.")

REASONS = {
    # the card and the tap
    "card-removed": _HOLD_STILL,
    "card-protocol-error": _HOLD_STILL,
    "secure-messaging-failed": _HOLD_STILL,
    "deadline-exceeded": _HOLD_STILL,
    "access-denied": Phrase(
        "Mã đã quét không khớp với thẻ này. Quét lại mặt thẻ.", "The scanned code is not this card's. Scan again."
    ),
    "password-missing": Phrase(
        "Quét mã trên mặt thẻ, rồi đưa thẻ lên đầu đọc.", "Scan the code on the card, then hold it to the reader."
    ),
    "card-refused": _OFFICER_CARD,
    "unsupported-feature": Phrase(
        "Máy chưa đọc được loại thẻ này. Mời gặp cán bộ.", "This kind of card cannot be read here."
    ),
    "malformed-data": _OFFICER_CARD,
    # the reader
    "reader-gone": _READER,
    "reader-fault": _READER,
    # the report
    "document-expired": Phrase(
        "Thẻ đã hết hạn. Cán bộ sẽ ghi tên; xin đổi thẻ mới.", "The card has expired. The officer will note your name."
    ),
    "card-revoked": _WITHDRAWN,
    "card-suspended": _WITHDRAWN,
    "card-reported-lost": Phrase(
        "Thẻ đã được báo mất. Mời gặp cán bộ.", "The card was reported lost. Please see the officer."
    ),
    "signer-revoked": _WITHDRAWN,
    "issuer-unknown": _ISSUER,
    "issuing-state-not-accepted": _ISSUER,
    "sod-malformed": _DATA_CHANGED,
    "sod-missing": _DATA_CHANGED,
    "sod-signature-invalid": _DATA_CHANGED,
    "data-group-altered": _DATA_CHANGED,
    "data-group-withheld": _NOT_GENUINE,
    "chip-not-authentic": _NOT_GENUINE,
    "crl-missing": _LISTS,
    "crl-stale": _LISTS,
    "card-status-list-missing": _LISTS,
    "card-status-list-stale": _LISTS,
    # the meeting and the store
    "no-meeting": Phrase("Cán bộ cần mở cuộc họp trước.", "An officer has to open the meeting first."),
    "storage-full": Phrase(
        "Bộ nhớ của máy đã đầy. Chưa ghi được.", "The device's storage is full; nothing was recorded."
    ),
    "storage-error": Phrase("Máy chưa ghi được. Mời gặp cán bộ.", "The device could not record this."),
    # good answers
    "present": Phrase("Đã ghi vào danh sách.", "Recorded in the list."),
    "present-late": Phrase("Đã ghi vào danh sách.", "Recorded in the list."),
    "already-present": Phrase("Đồng chí đã có tên trong danh sách.", "You were on the list before."),
    "not-on-roster": Phrase("Đã ghi vào danh sách khách.", "Recorded in the visitors’ list."),
}


def phrase_for_state(state: DisplayState) -> Phrase:
    """Return the short phrase of a state."""
    return STATES[state]


def sentence_for_reason(reason: str, state: DisplayState) -> Phrase:
    """Return the sentence of a reason code; for a code without one, what the state alone lets a person do."""
    known = REASONS.get(reason)
    if known is not None:
        return known
    return _OFFICER_CARD if state in {DisplayState.REFUSED, DisplayState.SEE_OFFICER} else Phrase("", "")
