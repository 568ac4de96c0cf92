"""The list names the appliance that recorded somebody, where it is another one: also of a reason, and of a guest."""

from appliance.ledger import EntryKind, NewEntry
from appliance.standing.entries import FROM

THERE = {"name": "Cửa B", "device": "ab" * 32, "sequence": 7}
SAID = "Điểm danh tại máy Cửa B"


def test_members_reasons_and_guests_say_where_they_were_recorded(rooms, start):
    rooms.member("Mẫu Thị Sen", "A1")
    rooms.member("Mẫu Văn Tre", "A2")
    here = rooms.member("Mẫu Thị Cúc", "A3")
    meeting = rooms.open_meeting()
    for kind, subject, body in (
        (EntryKind.CHECK_IN, "member:1", {"late": False}),
        (EntryKind.EXCUSED, "member:2", {"reason": "ốm", "recorded_by": "an"}),
        (EntryKind.GUEST, "guest:00", {"name": "Mẫu Khách Quý"}),
        (EntryKind.VISIT, "visitor:00", {"name": "MAU VAN KHACH"}),
    ):
        rooms.ledger.append(NewEntry(kind, meeting.id, subject=subject, body={**body, FROM: THERE}), at=start)
    rooms.checkins.excuse(here.id, reason="ốm", recorded_by="an", at=start)
    listed = rooms.attendance.attendance_of(meeting.id)
    everybody = (*listed.rows, *listed.visitors, *listed.guests)
    assert [row.elsewhere for row in everybody] == ["Cửa B", "Cửa B", None, "Cửa B", "Cửa B"]
    lines = list(rooms.attendance.csv_lines(meeting.id))[1:]
    assert [SAID in line for line in lines] == [True, True, False, True, True]
