"""Who looked at a list on which a person stood, as far as the access log can say."""

from datetime import timedelta

import pytest

from appliance.persons import Look, Purpose


@pytest.fixture
def look(persons, start):
    """Let the account with this number look at a list, so many minutes after the beginning."""

    def look(account_id, what, meeting_id, minutes):
        at = start + timedelta(minutes=minutes)
        persons.access_log.looked(account_id, what, Purpose.ATTENDANCE, at=at, meeting_id=meeting_id)

    return look


def said_of(persons, subject, start):
    looks = persons.dossiers.of([subject], at=start).as_json()["looks_at_lists"]
    return [
        (one["what"], None if one["meeting"] is None else one["meeting"]["number"], one["at"][11:16]) for one in looks
    ]


def test_of_a_member_every_look_at_a_list_whose_roll_has_them(rooms, persons, start, look):
    rooms.member("Mẫu Thị Sen", "A1")
    closed = rooms.open_meeting()
    look(1, Look.LIST, closed.id, -5)
    rooms.meetings.close(closed.id, at=start, officer="an")
    planned = rooms.plan("Sinh hoạt tháng 12")
    look(1, Look.EXPORT, closed.id, 60)
    look(1, Look.LIST, planned.id, 61)
    look(2, Look.ROSTER, None, 62)
    expected = [("list", 1, "11:55"), ("export", 1, "13:00"), ("list", 2, "13:01"), ("roster", None, "13:02")]
    assert said_of(persons, "member:1", start) == expected
    rooms.member("Mẫu Văn Tre", "A2")  # after the closing: on the roll of what is to come only
    assert said_of(persons, "member:2", start) == expected[2:]


def test_of_a_guest_the_looks_that_follow_the_entry_about_them(rooms, persons, start, look):
    meeting = rooms.open_meeting()
    other = rooms.plan("Sinh hoạt tháng 12")
    look(1, Look.LIST, meeting.id, 5)
    look(None, Look.EXPORT, None, 6)
    rooms.tap("ELSEWHERE", minutes=10)
    look(1, Look.LIST, meeting.id, 15)
    look(1, Look.LIST, other.id, 16)
    look(1, Look.ROSTER, None, 17)
    look(None, Look.EXPORT, None, 18)
    (visitor,) = persons.finder.by_name("khach")
    assert said_of(persons, visitor.subject, start) == [("list", 1, "12:15"), ("export", None, "12:18")]


def test_the_paper_has_one_line_for_each_officer_and_list_with_the_first_look_and_the_last(
    rooms, persons, printed, start, look
):
    rooms.member("Mẫu Thị Sen", "A1")
    meeting = rooms.open_meeting()
    for minutes in (0, 2, 95):
        look(7, Look.LIST, meeting.id, minutes)
    look(None, Look.EXPORT, meeting.id, 96)
    text = printed(persons.dossiers.of(["member:1"], at=start))
    assert (
        "03/11/2026 19:00 – 03/11/2026 20:35 3 tài khoản số 7 Danh sách cuộc sinh hoạt Sinh hoạt tháng 11 (03/11/2026)"
        in text
    )
    assert "03/11/2026 20:36 1 Tại máy Tệp danh sách cuộc sinh hoạt Sinh hoạt tháng 11 (03/11/2026)" in text
