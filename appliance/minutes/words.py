"""The words of the attendance list's CSV, in Vietnamese: it goes into records that are kept in Vietnamese."""

from typing import Final

from appliance.minutes.rows import How
from appliance.rules import AttendanceState
from appliance.storage.members import MemberClass, MemberStatus

HEADINGS: Final = (
    "STT",
    "Họ và tên",
    "Diện đảng viên",
    "Tình trạng",
    "Điểm danh",
    "Thời điểm",
    "Hình thức",
    "Lý do",
    "Số bút toán",
    "Tuổi danh sách (ngày)",
    "Giờ về",
    "Thời gian dự (phút)",
    "Nơi sinh hoạt, đơn vị",
    "Ghi chú",
    "Quy định",
)
HEADINGS_OF_A_COUNT: Final = ("Số người đã đếm", "Quy định")
"""Of an event that keeps no names."""
AGE_UNKNOWN: Final = "không rõ"
"""Of the lists that a card was checked against: there were none, or the clock was wrong."""
NOT_CHECKED_OUT: Final = "không ghi giờ về"
UNCONFIRMED: Final = "Cán bộ {recorded_by} ghi có mặt, chưa có người xác nhận"
AT_CLOSING: Final = "Khi kết thúc: {state}"
ELSEWHERE: Final = "Điểm danh tại máy {name}"
"""Of whoever another appliance recorded, also of a reason or a guest."""
OUTSIDE_ROLL: Final = "Không có trong danh sách khi kết thúc"
AT_HOME: Final = "Tại nhà: {place}"
CLASS_WORDS: Final = {
    MemberClass.OFFICIAL: "Chính thức",
    MemberClass.PROBATIONARY: "Dự bị",
    MemberClass.TEMPORARY: "Sinh hoạt tạm thời",
}
STATUS_WORDS: Final = {
    MemberStatus.ACTIVE: "Đang sinh hoạt",
    MemberStatus.EXEMPT: "Miễn công tác và sinh hoạt",
    MemberStatus.AWAY: "Tạm vắng",
    MemberStatus.SPECIAL_DUTY: "Công tác đặc biệt",
}
STATE_WORDS: Final = {
    AttendanceState.PRESENT: "Có mặt",
    AttendanceState.LATE: "Có mặt, đến muộn",
    AttendanceState.EXCUSED: "Vắng có lý do",
    AttendanceState.ABSENT: "Vắng không lý do",
    AttendanceState.AWAY: "Tạm vắng",
    AttendanceState.EXEMPT: "Miễn sinh hoạt",
    AttendanceState.SPECIAL_DUTY: "Công tác đặc biệt",
    AttendanceState.VISITING: "Đảng viên nơi khác, khách",
    AttendanceState.GUEST: "Khách mời",
}
STATE_WORDS_BEFORE_CLOSING: Final = {**STATE_WORDS, AttendanceState.ABSENT: "Chưa đến"}
"""Whoever is not here yet may still come; only the end of the meeting makes them absent."""
HOW_WORDS: Final = {How.CARD: "Thẻ", How.BY_HAND: "Ghi tay"}
