import csv
import io
import unicodedata

from sqlalchemy import event

from appliance.ledger import EntryKind, NewEntry
from appliance.meetings import MeetingKind, MeetingMode
from appliance.roster import MemberClass, MemberStatus
from appliance.rules import AttendanceState
from verifier.sdk import Outcome


def cells(lines):
    text = "".join(lines)
    assert text.startswith("\ufeff")
    assert text.count("\r\n") == text.count("\n")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_list_says_of_everybody_what_stands(rooms, start):
    rooms.member("Bùi An")
    rooms.member("Cao Bình", identifier="A2")
    rooms.member("Đỗ Chi", identifier="A3")
    rooms.member("Hồ Dung", identifier="A4", status=MemberStatus.EXEMPT)
    rooms.member("Lê Giang", identifier="A5", status=MemberStatus.AWAY)
    excused = rooms.member("Ngô Hà", identifier="A6")
    meeting = rooms.open_meeting()
    rooms.tap("A1")
    rooms.tap("A2", minutes=30)
    rooms.tap("A4")
    rooms.checkins.excuse(excused.id, reason="ốm", recorded_by="an", at=start)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert [row.state for row in attendance.rows] == [
        AttendanceState.PRESENT,
        AttendanceState.LATE,
        AttendanceState.ABSENT,
        AttendanceState.PRESENT,
        AttendanceState.AWAY,
        AttendanceState.EXCUSED,
    ]
    counted = attendance.figures
    assert (counted.numerator, counted.denominator, counted.late, counted.exempt) == (2, 5, 1, 1)
    assert counted.present_by_class[MemberClass.OFFICIAL] == 3
    assert (counted.absent_with_reason, counted.absent_without_reason) == (2, 1)


def test_two_meetings_are_kept_apart(rooms, start):
    rooms.member()
    first = rooms.open_meeting()
    rooms.tap()
    rooms.meetings.close(first.id, at=start, officer="an")
    second = rooms.open_meeting()
    assert rooms.attendance.attendance_of(second.id).figures.numerator == 0
    assert rooms.attendance.attendance_of(first.id).figures.numerator == 1


def test_the_number_of_queries_does_not_grow_with_the_meeting(rooms, report):
    def queries(meeting):
        seen = []
        listen = ("before_cursor_execute", lambda *_: seen.append(1))
        event.listen(rooms.database._reader, *listen)
        rooms.attendance.attendance_of(meeting.id)
        event.remove(rooms.database._reader, *listen)
        return len(seen)

    meeting = rooms.open_meeting()
    few = queries(meeting)
    for number in range(30):
        rooms.member(f"Người {number}", identifier=f"B{number}")
        rooms.tap(f"B{number}")
        rooms.tap(f"C{number}")
    rooms.tap(report=report(Outcome.FAILED))
    assert queries(meeting) == few <= 8


def test_a_csv_has_vietnamese_headings_local_times_and_visitors_below(rooms):
    rooms.member(unicodedata.normalize("NFD", "Đỗ Thị Hoa"))
    meeting = rooms.open_meeting()
    rooms.tap()
    rooms.tap("ELSEWHERE", minutes=1)
    headings, hoa, visitor = cells(rooms.attendance.csv_lines(meeting.id))
    assert headings[:5] == ["STT", "Họ và tên", "Diện đảng viên", "Tình trạng", "Điểm danh"]
    assert hoa[:8] == ["1", "Đỗ Thị Hoa", "Chính thức", "Đang sinh hoạt", "Có mặt", "2026-11-03 19:00:00", "Thẻ", ""]
    assert hoa[8:] == ["2", "", "", "", "", "", "built-in-2"]
    assert visitor[1:6] == ["PHAM VAN KHACH", "", "", "Đảng viên nơi khác, khách", "2026-11-03 19:01:00"]


def test_nobody_is_absent_in_the_csv_before_the_meeting_is_over(rooms, start):
    rooms.member("Bùi An")
    excused = rooms.member("Ngô Hà", identifier="A6")
    meeting = rooms.open_meeting()
    rooms.checkins.excuse(excused.id, reason="ốm", recorded_by="an", at=start)
    assert [row[4] for row in cells(rooms.attendance.csv_lines(meeting.id))[1:]] == ["Chưa đến", "Vắng có lý do"]
    rooms.meetings.close(meeting.id, at=start, officer="an")
    rows = cells(rooms.attendance.csv_lines(meeting.id))
    assert [row[4] for row in rows[1:]] == ["Vắng không lý do", "Vắng có lý do"]


def test_a_name_that_is_a_formula_stays_a_name_in_the_csv(rooms):
    rooms.member('=HYPERLINK("http://x","y")')
    meeting = rooms.open_meeting()
    _, row = cells(rooms.attendance.csv_lines(meeting.id))
    assert row[1] == '\'=HYPERLINK("http://x","y")'


def test_neither_a_row_nor_a_list_shows_a_name_in_its_repr(rooms):
    rooms.member()
    meeting = rooms.open_meeting()
    rooms.tap()
    rooms.tap("ELSEWHERE")
    attendance = rooms.attendance.attendance_of(meeting.id)
    text = repr((attendance, attendance.rows, attendance.visitors, rooms.tap()))
    assert "Hoa" not in text
    assert "PHAM" not in text


def test_every_line_of_a_csv_names_the_rules_in_its_last_column(rooms):
    rooms.member("Bùi An")
    rooms.member("Cao Bình", identifier="A2")
    meeting = rooms.open_meeting()
    rooms.tap()
    rooms.tap("ELSEWHERE")
    headings, *lines = cells(rooms.attendance.csv_lines(meeting.id))
    assert headings[-1] == "Quy định"
    assert [line[-1] for line in lines] == ["built-in-2"] * 3
    assert {len(line) for line in lines} == {len(headings)}


def test_the_csv_of_an_event_that_keeps_no_names_says_how_many_came(rooms, start):
    details = {"kind": MeetingKind.EVENT, "title": "Hội nghị", "place": "Sân", "starts_at": start}
    counted = rooms.meetings.create(**details, mode=MeetingMode.COUNTS)
    rooms.meetings.open(counted.id, at=start, officer="an")
    for _ in range(3):
        rooms.ledger.append(NewEntry(EntryKind.COUNTED, counted.id, body={}), at=start)
    assert cells(rooms.attendance.csv_lines(counted.id)) == [["Số người đã đếm", "Quy định"], ["3", "built-in-2"]]
