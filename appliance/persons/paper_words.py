"""The words of what a person is handed on paper, in plain Vietnamese."""

from typing import Final

from appliance.ledger import EntryKind
from appliance.storage.members import MemberClass, MemberStatus
from appliance.storage.persons import Answer, Look, Purpose, RequestKind

TITLE: Final = "Dữ liệu cá nhân mà máy điểm danh đang lưu giữ"
LAW: Final = (
    "Văn bản này được lập theo yêu cầu của người có dữ liệu, theo Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15. Người có"
    " dữ liệu có quyền biết, xem, yêu cầu sửa, xoá hoặc hạn chế việc xử lý dữ liệu của mình."
)
NOT_KEPT: Final = (
    "Máy không lưu ảnh, vân tay, ngày sinh hay địa chỉ đọc từ thẻ. Số thẻ và số định danh chỉ được lưu dưới dạng mã băm"
    " có khoá; mã mở thẻ, họ tên và nội dung sổ được lưu dưới dạng mã hoá. Lý do do người khác ghi có thể nhắc đến tên"
    " người này mà máy không tìm ra được; xin hỏi cán bộ phụ trách."
)
NOTHING: Final = "Không có."
MADE_AT: Final = "Lập lúc {at}, số hiệu máy {device}."
ABOUT: Final = "Về: {name}"
CORRECTS: Final = "về bút toán số {number}"
KNOWN_ELSEWHERE: Final = "Tên trong máy đó"
ROSTER_ELSEWHERE: Final = "{name}; dòng {id} của danh sách {list}"
ON: Final = "{title} ({day})"
FROM_UNTIL: Final = "{first} – {last}"
ERASED: Final = "Nội dung đã xoá."
AT_THE_MACHINE: Final = "Tại máy"
ACCOUNT: Final = "tài khoản số {number}"
"""Of an officer whose account is not there any more."""
WHOLE_LEDGER: Final = "Tệp toàn bộ sổ điểm danh"
WHO_IS_UNKNOWN: Final = "Danh sách người do máy khác nêu mà ở đây chưa xác định được"
YES: Final = "Có"
NO: Final = "Không"
SIGNATURES: Final = ("Người nhận", "Cán bộ phụ trách")
PAGE: Final = "Trang {page}"

ROSTER: Final = "1. Trong danh sách đảng viên"
ROLLS: Final = "2. Các cuộc sinh hoạt có tên trong danh sách triệu tập"
ENTRIES: Final = "3. Những gì sổ điểm danh ghi"
ELSEWHERE: Final = "4. Những gì máy khác đã gửi sang, ngoài các bút toán trên"
LOOKS: Final = "5. Ai đã xem dữ liệu riêng của người này"
LIST_LOOKS: Final = "6. Ai đã xem danh sách có tên người này"
REQUESTS: Final = "7. Các yêu cầu đã nhận"

ROSTER_FIELDS: Final = (
    "Họ và tên",
    "Số thứ tự trong máy",
    "Diện đảng viên",
    "Tình trạng",
    "Ghi chú",
    "Có mã băm của số thẻ",
    "Có mã mở thẻ (mã hoá)",
    "Đã rời danh sách",
)
ROLL_HEADINGS: Final = ("Ngày", "Cuộc sinh hoạt", "Diện", "Tình trạng")
ENTRY_HEADINGS: Final = ("Số", "Thời điểm", "Việc được ghi", "Cuộc sinh hoạt", "Chi tiết")
ELSEWHERE_HEADINGS: Final = ("Máy", "Thời điểm", "Việc được ghi", "Cuộc sinh hoạt", "Chi tiết")
LOOK_HEADINGS: Final = ("Thời điểm", "Người xem", "Xem gì", "Để làm gì")
LIST_LOOK_HEADINGS: Final = ("Thời gian", "Số lần", "Người xem", "Xem gì", "Cuộc sinh hoạt")
REQUEST_HEADINGS: Final = ("Số", "Ngày nhận", "Yêu cầu", "Hạn trả lời", "Kết quả")

CLASSES: Final = {
    MemberClass.OFFICIAL: "Chính thức",
    MemberClass.PROBATIONARY: "Dự bị",
    MemberClass.TEMPORARY: "Sinh hoạt tạm thời",
}
STATUSES: Final = {
    MemberStatus.ACTIVE: "Đang sinh hoạt",
    MemberStatus.EXEMPT: "Miễn công tác và sinh hoạt",
    MemberStatus.AWAY: "Tạm vắng",
    MemberStatus.SPECIAL_DUTY: "Công tác đặc biệt",
}
KINDS: Final = {
    EntryKind.MEETING_OPENED: "Mở cuộc sinh hoạt",
    EntryKind.CHECK_IN: "Có mặt, bằng thẻ",
    EntryKind.CHECK_IN_BY_HAND: "Có mặt, cán bộ ghi tay",
    EntryKind.VISIT: "Đến dự với thẻ của nơi khác",
    EntryKind.EXCUSED: "Báo vắng có lý do",
    EntryKind.REFUSED: "Thẻ bị từ chối",
    EntryKind.CORRECTION: "Đính chính",
    EntryKind.MEETING_CLOSED: "Kết thúc cuộc sinh hoạt",
    EntryKind.ERASURE: "Xoá dữ liệu",
    EntryKind.PROPOSED: "Cán bộ ghi có mặt, chờ xác nhận",
    EntryKind.DECLINED: "Không xác nhận",
    EntryKind.EXCUSE_WITHDRAWN: "Rút lý do vắng",
    EntryKind.CHECK_OUT: "Ra về",
    EntryKind.GUEST: "Khách mời",
    EntryKind.VISIT_BY_HAND: "Đến dự từ nơi khác, cán bộ ghi tay",
    EntryKind.COUNTED: "Được đếm, không ghi tên",
    EntryKind.EXEMPTION: "Miễn, tạm vắng hoặc công tác đặc biệt",
    EntryKind.EXEMPTION_ENDED: "Hết miễn",
    EntryKind.BUNDLE_RECEIVED: "Nhận sổ của máy khác",
    EntryKind.BUNDLE_REFUSED: "Không nhận sổ của máy khác",
    EntryKind.PERSON_ASSIGNED: "Xác định là người mà máy khác nêu",
    EntryKind.DEVICE_ADDED: "Ghép với máy khác",
    EntryKind.DEVICE_REMOVED: "Thôi ghép với máy khác",
    EntryKind.DEVICE_SETTLED: "Giải quyết cảnh báo về máy khác",
}
FIELDS: Final = {
    "name": "Họ tên",
    "late": "Đến muộn",
    "reason": "Lý do",
    "recorded_by": "Người ghi",
    "confirmed_by": "Người xác nhận",
    "officer": "Cán bộ",
    "place": "Nơi",
    "organisation": "Đơn vị",
    "origin": "Nơi sinh hoạt",
    "invited_by": "Người mời",
    "issuing_state": "Nơi cấp thẻ",
    "arrived_at": "Giờ đến",
    "left_at": "Giờ về",
    "status": "Tình trạng",
    "resolution": "Nghị quyết",
    "first_day": "Từ ngày",
    "last_day": "Đến ngày",
    "clock": "Giờ của máy",
    "from": "Do máy khác ghi",
}
UNTOLD: Final = frozenset(("subject", "lists", "person", "recorded_by_account", "confirmed_by_account"))
"""Keys of a body that say nothing to a person: opaque names, numbers of accounts, the lists a card was checked by."""
UNCERTAIN: Final = "lúc đó chưa chắc chắn"

LOOKED_AT: Final = {
    Look.PERSON: "Dữ liệu của người này",
    Look.LIST: "Danh sách cuộc sinh hoạt",
    Look.EXPORT: "Tệp danh sách cuộc sinh hoạt",
    Look.ROSTER: "Danh sách đảng viên",
    Look.DOSSIER: "Toàn bộ dữ liệu của người này",
}
PURPOSES: Final = {
    Purpose.ATTENDANCE: "Điểm danh",
    Purpose.REQUEST: "Trả lời yêu cầu",
    Purpose.CONSOLE: "Việc kỹ thuật tại máy",
}
REQUEST_KINDS: Final = {
    RequestKind.ACCESS: "Xem, nhận dữ liệu",
    RequestKind.CORRECTION: "Sửa",
    RequestKind.ERASURE: "Xoá",
    RequestKind.OBJECTION: "Phản đối, hạn chế",
}
ANSWERS: Final = {
    Answer.DONE: "Đã thực hiện",
    Answer.NOTHING_KEPT: "Máy không lưu gì",
    Answer.REFUSED: "Từ chối, có nêu lý do",
}
OPEN: Final = "Chưa trả lời"
