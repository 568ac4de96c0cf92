"""What the kiosk says: one short phrase for each state, and one sentence for each reason a person can act on.

Vietnamese first, English second. The phrases are read at three metres by somebody who holds a card and did nothing
wrong as far as anybody knows: they accuse nobody, and each refusal names the next step. Reason codes come from the
verifier's reports and errors and from the meeting's rules; a code without a sentence of its own falls back to its
state's.
"""

from dataclasses import dataclass

from appliance.errors import ApplianceError, KeyFileError, StillOpening, StorageFull
from appliance.kiosk.display import DisplayState


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same thing said in Vietnamese and in English."""

    vi: str
    en: str


STATES = {
    DisplayState.STARTING: Phrase("Đang khởi động", "Starting"),
    DisplayState.LOCKED: Phrase("Chờ mở khóa", "Waiting to be unlocked"),
    DisplayState.READY: Phrase("Mời đưa thẻ", "Hold your card here"),
    DisplayState.READING: Phrase("Giữ yên thẻ", "Hold still"),
    DisplayState.PRESENT: Phrase("Có mặt", "Present"),
    DisplayState.ALREADY_PRESENT: Phrase("Đã điểm danh rồi", "Already on the list"),
    DisplayState.LATE: Phrase("Có mặt – đến muộn", "Present – late"),
    DisplayState.VISITING: Phrase("Đảng viên nơi khác", "Visiting member"),
    DisplayState.CHECKED_OUT: Phrase("Đã ghi giờ về", "Leaving recorded"),
    DisplayState.ONCE_MORE: Phrase("Mời đưa thẻ lại", "Once more, please"),
    DisplayState.REFUSED: Phrase("Thẻ chưa được chấp nhận", "Card not accepted"),
    DisplayState.SEE_OFFICER: Phrase("Mời gặp cán bộ điểm danh", "Please see the officer"),
    DisplayState.NO_MEETING: Phrase("Chưa có cuộc họp", "No meeting is open"),
    DisplayState.READER_GONE: Phrase("Mất đầu đọc thẻ", "The reader is gone"),
}

_OFFICER = Phrase("Cán bộ sẽ ghi tên và xem lại thẻ.", "The officer will note your name and look at the card.")
_HOLD_STILL = Phrase("Giữ thẻ yên trên đầu đọc đến khi có tiếng báo.", "Keep the card on the reader until it sounds.")

_SENTENCES = {
    # --- the card, the tap, the reader
    _HOLD_STILL: (
        "card-error", "card-removed", "card-protocol-error", "secure-messaging-failed", "deadline-exceeded",
    ),
    Phrase(
        "Mã đã quét không khớp với thẻ này. Quét lại mặt thẻ.",
        "The scanned code is not this card's. Scan again.",
    ): (
        "access-denied",
    ),
    Phrase("Chỉ đưa một thẻ lên đầu đọc, không để trong ví.", "One card only, out of the wallet."): (
        "several-cards",
    ),
    Phrase("Quét mã trên mặt thẻ, rồi đưa thẻ lên đầu đọc.", "Scan the code on the card, then hold it here."): (
        "password-missing",
    ),
    Phrase("Máy chưa đọc được loại thẻ này. Mời gặp cán bộ.", "This kind of card cannot be read here."): (
        "unsupported-feature", "card-refused", "extended-length-refused",
        "sod-unsupported", "sod-unsupported-algorithm", "signer-unsupported-algorithm", "chip-key-unsupported",
    ),
    Phrase("Kiểm tra dây cắm đầu đọc.", "Check the reader's cable."): ("reader-error", "reader-gone", "reader-fault"),
    Phrase(
        "Chương trình khác đang dùng đầu đọc. Mời chờ một lát.",
        "Another program uses the reader. Please wait a moment.",
    ): (
        "reader-busy",
    ),
    Phrase("Máy chưa dùng được đầu đọc. Báo cán bộ.", "The reader cannot be used yet. Tell an officer."): (
        "reader-unavailable",
    ),
    Phrase(
        "Thẻ chưa được mở theo cách đủ an toàn. Mời gặp cán bộ.",
        "The card was not opened safely enough. Please see the officer.",
    ): (
        "access-not-allowed", "pace-downgraded-to-bac", "pace-hidden", "pace-weaker-than-offered",
    ),
    # --- the report
    Phrase(
        "Thẻ đã hết hạn. Cán bộ sẽ ghi tên; xin đổi thẻ mới.",
        "The card has expired. The officer will note your name.",
    ): (
        "document-expired",
    ),
    Phrase("Thẻ đã bị thu hồi hoặc khóa. Mời gặp cán bộ.", "The card was withdrawn. Please see the officer."): (
        "card-revoked", "card-suspended",
    ),
    Phrase(
        "Khóa ký của nơi cấp không còn hiệu lực. Mời gặp cán bộ.",
        "The issuing key is no longer valid. Please see the officer.",
    ): (
        "signer-revoked", "issuer-revoked", "card-security-signer-revoked",
    ),
    Phrase("Thẻ đã được báo mất. Mời gặp cán bộ.", "The card was reported lost. Please see the officer."): (
        "card-reported-lost",
    ),
    Phrase(
        "Chưa nhận ra nơi cấp thẻ. Mời gặp cán bộ.",
        "The card's issuer is not known here. Please see the officer.",
    ): (
        "issuer-unknown", "issuing-state-mismatch", "signer-state-mismatch",
        "signer-certificate-forged", "signer-country-mismatch", "issuer-expired", "signer-expired", "not-a-link",
        "signer-is-ca", "signer-algorithm-deprecated", "sod-algorithm-deprecated", "document-type-not-of-signer",
        "not-a-ca", "key-usage-wrong", "extended-key-usage-wrong", "critical-extension-unknown",
        "signer-certificate-missing", "signer-unknown", "signer-not-trusted", "no-trusted-signer",
        "issuing-state-unknown", "too-many-candidates",
    ),
    Phrase(
        "Thẻ này không do nơi phát hành được dùng ở đây cấp. Mời gặp cán bộ.",
        "This card is not from an issuer in use here. Please see the officer.",
    ): (
        "issuing-state-not-accepted",
    ),
    Phrase(
        "Đây là loại giấy tờ khác. Mời đưa đúng thẻ.",
        "This is another kind of document. Please use your card.",
    ): (
        "document-type-not-accepted",
    ),
    Phrase(
        "Dữ liệu trên thẻ không nguyên vẹn. Mời gặp cán bộ.",
        "The card's data are not intact. Please see the officer.",
    ): (
        "sod-malformed", "sod-missing", "sod-not-signed", "sod-signature-invalid", "data-group-altered",
        "data-group-not-signed", "card-access-altered", "malformed-data",
    ),
    Phrase(
        "Chưa xác nhận được dữ liệu trên thẻ. Mời gặp cán bộ.",
        "The card's data could not be confirmed. Please see the officer.",
    ): (
        "sod-not-trusted", "no-signed-hashes", "dg1-missing", "dg1-not-authentic", "dg1-malformed",
        "mrz-check-digits-wrong", "expiry-date-unreadable", "issuing-state-not-authentic", "card-not-identified",
    ),
    Phrase(
        "Không xác nhận được chip của thẻ. Mời gặp cán bộ.",
        "The chip could not be confirmed. Please see the officer.",
    ): (
        "data-group-withheld", "chip-not-authentic", "chip-authentication-refused", "chip-authentication-not-supported",
        "chip-authentication-not-performed", "chip-key-not-authentic",
        "card-security-forged", "card-security-foreign", "card-security-not-trusted", "card-security-not-linked",
    ),
    Phrase(
        "Cán bộ cần xác nhận giờ của máy. Thẻ không có lỗi.",
        "An officer must confirm this device’s time. The card is not at fault.",
    ): (
        "clock-not-trusted",
    ),
    Phrase(
        "Danh sách trên máy thiếu hoặc đã cũ. Cán bộ cần cập nhật.",
        "The lists on this device are missing or old.",
    ): (
        "trust-store-empty", "crl-missing", "crl-stale", "crl-invalid", "crl-issuer-unknown", "crl-not-yet-valid",
        "crl-algorithm-deprecated",
        "card-status-list-missing", "card-status-list-stale", "card-status-list-not-yet-valid",
        "card-status-list-damaged",
        "issuer-not-yet-valid", "signer-not-yet-valid", "anchor-damaged", "issuer-key-unusable",
        "trust-material-error",
    ),
    Phrase(
        "Danh sách mới trên máy bị lỗi và chưa được dùng. Báo cán bộ.",
        "A new list on this device is damaged and not in use. Tell an officer.",
    ): (
        "list-refused",
    ),
    Phrase("Chỉ đưa một thẻ lên đầu đọc.", "Hold one card only to the reader."): ("several-cards",),
    Phrase(
        "Lệnh thechip-appliance unlock hỏi câu mật khẩu.",
        "The command thechip-appliance unlock asks for the passphrase.",
    ): (
        "locked",
    ),
    Phrase(
        "Cán bộ cắm USB giữ khóa của máy.",
        "An officer plugs in the stick that holds this device’s key.",
    ): (
        "key-file-away",
    ),
    Phrase(
        "Máy không đọc được tệp khóa trên USB. Báo người phụ trách máy.",
        "The key file on the stick cannot be read. Tell whoever looks after this device.",
    ): (
        "key-file-unreadable",
    ),
    Phrase(
        "Khóa này không phải của máy. Cần đúng USB, đúng máy.",
        "This key is not this device’s: it takes the right stick, or the right board.",
    ): (
        "key-wrong-secret",
    ),
    Phrase(
        "Khóa của máy không dùng được. Báo người phụ trách máy.",
        "This device’s keys cannot be used. Tell whoever looks after it.",
    ): (
        "key-file-error", "key-lost", "key-damaged", "key-exposed", "keys-not-protected", "board-unknown",
    ),
    # --- the meeting and the store
    Phrase("Chưa đến giờ điểm danh. Cán bộ sẽ báo.", "Check-in has not begun yet. An officer will tell."): (
        "check-in-not-yet",
    ),
    Phrase("Đã hết giờ điểm danh. Mời gặp cán bộ.", "The time for check-in is over. Please see the officer."): (
        "check-in-over",
    ),
    Phrase(
        "Thẻ này không có trong diện được mời. Mời gặp cán bộ.",
        "This card is not among those invited. Please see the officer.",
    ): (
        "not-admitted",
    ),
    Phrase("Cán bộ cần mở cuộc họp trước.", "An officer has to open the meeting first."): ("no-meeting",),
    Phrase("Bộ nhớ của máy đã đầy. Chưa ghi được.", "The device's storage is full; nothing was recorded."): (
        "storage-full",
    ),
    Phrase("Máy chưa ghi được. Mời gặp cán bộ.", "The device could not record this. Please see the officer."): (
        "storage-error", "storage-busy", "storage-read-only", "storage-unreachable", "storage-damaged",
        "storage-refused", "ledger-damaged", "internal-error",
    ),
    # --- good answers
    Phrase("Đã ghi vào danh sách.", "Recorded in the list."): ("present", "present-late", "recorded-by-hand"),
    Phrase("Đồng chí đã có tên trong danh sách.", "You were on the list before."): ("already-present",),
    Phrase("Giờ về đã ghi vào danh sách.", "The list says when you left."): ("checked-out",),
    Phrase("Đã đếm. Máy không ghi tên.", "Counted; no name is kept."): ("counted",),
    Phrase("Thẻ này đã được đếm.", "This card was counted before."): ("already-counted",),
    Phrase("Đã ghi vào danh sách khách.", "Recorded in the visitors’ list."): ("not-on-roster",),
}  # fmt: skip

REASONS = {reason: phrase for phrase, reasons in _SENTENCES.items() for reason in reasons}
"""The sentence of each reason code that has one of its own."""

_TYPED = Phrase("Nhập 6 số CAN in trên thẻ, rồi đưa thẻ.", "Type the 6 digits printed on the card, then hold it here.")
WITHOUT_A_SCANNER = {
    "password-missing": _TYPED,
    "access-denied": Phrase(
        "Số đã nhập không khớp với thẻ này. Nhập lại 6 số CAN.",
        "The number that was typed is not this card's. Type it again.",
    ),
}
"""What is said instead at a door that has no scanner."""

NOT_OPENED = Phrase("Máy chưa dùng được", "Not ready yet")
"""The phrase of a page whose records cannot be opened. Nobody holds a card; an officer cannot help either."""
_OPENING = Phrase("Máy đang mở sổ. Xin chờ.", "The records are being opened. Please wait.")
_FULL = Phrase(
    "Bộ nhớ của máy đã đầy. Báo người phụ trách máy.",
    "The device’s storage is full. Tell whoever looks after it.",
)
_CANNOT_BE_OPENED = Phrase(
    "Máy chưa mở được sổ. Báo người phụ trách máy.",
    "The records cannot be opened. Tell whoever looks after this device.",
)

_FALLBACKS = {
    DisplayState.ONCE_MORE: _HOLD_STILL,
    DisplayState.REFUSED: _OFFICER,
    DisplayState.SEE_OFFICER: _OFFICER,
}
_NOTHING_TO_ADD = Phrase("", "")


def phrase_for_state(state: DisplayState) -> Phrase:
    """Return the short phrase of a state."""
    return STATES[state]


def sentence_for_reason(reason: str, state: DisplayState, *, has_scanner: bool = True) -> Phrase:
    """Return the sentence of a reason code; for a code without one, what a person can do in that state.

    Where nothing reads the code on a card, whoever is invited is told at once to type its number.
    """
    if not has_scanner:
        if state is DisplayState.READY and not reason:
            return _TYPED
        if reason in WITHOUT_A_SCANNER:
            return WITHOUT_A_SCANNER[reason]
    return REASONS.get(reason) or _FALLBACKS.get(state, _NOTHING_TO_ADD)


def sentence_while_closed(trouble: ApplianceError) -> Phrase:
    """Return what to do while the records cannot be opened: most reasons have a sentence for taps, which none was."""
    match trouble:
        case StillOpening():
            return _OPENING
        case StorageFull():
            return _FULL
        case KeyFileError():
            return REASONS.get(trouble.reason, _CANNOT_BE_OPENED)
        case _:
            return _CANNOT_BE_OPENED
