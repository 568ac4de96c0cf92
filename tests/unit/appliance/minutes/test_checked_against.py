"""Which lists cards were checked against, and how old they were: in the list of a meeting and in its CSV."""

import csv
import io

from appliance.lists.checked_against import CheckedAgainst
from appliance.lists.freshness import Light, ListsAge

GREEN = ListsAge(Light.GREEN, 3, timestamp=12, card_status=40, content="0123456789abcdef" * 4)
AMBER = ListsAge(Light.AMBER, 9, timestamp=11, card_status=39)
NONE = ListsAge(Light.NONE)


def tap(rooms, report, start, identifier, lists):
    return rooms.checkins.admit(report(), identifier=identifier, at=start, lists=lists)


def ages(rooms, meeting) -> list[str]:
    text = "".join(rooms.attendance.csv_lines(meeting.id)).removeprefix("\ufeff")
    headings, *rows = csv.reader(io.StringIO(text))
    column = headings.index("Tuổi danh sách (ngày)")
    assert {len(row) for row in rows} == {len(headings)}
    return [row[column] for row in rows]


def test_a_row_says_which_lists_its_card_was_checked_against_and_a_visitors_does_too(rooms, report, start):
    rooms.member()
    meeting = rooms.open_meeting()
    tap(rooms, report, start, "A1", GREEN)
    tap(rooms, report, start, "ELSEWHERE", AMBER)
    listed = rooms.attendance.attendance_of(meeting.id)
    (row,), (visitor,) = listed.rows, listed.visitors
    assert (row.lists.light, row.lists.age_days, row.lists.timestamp, row.lists.content) == (
        Light.GREEN,
        3,
        12,
        "0123456789abcdef",
    )
    assert visitor.lists.age_days == 9
    assert listed.checked_against == CheckedAgainst(Light.AMBER, 9, (11, 12), (39, 40))
    assert ages(rooms, meeting) == ["3", "9"]


def test_by_hand_and_in_entries_of_older_releases_there_is_no_age(rooms, start):
    rooms.member("Bùi An")
    by_hand = rooms.member("Cao Bình", identifier="A2")
    rooms.member("Đỗ Chi", identifier="A3")
    meeting = rooms.open_meeting()
    rooms.tap("A1")  # admitted without a word on lists, as releases before did
    rooms.checkins.record_by_hand(by_hand.id, reason="Quên thẻ", recorded_by="an", confirmed_by="bình", at=start)
    listed = rooms.attendance.attendance_of(meeting.id)
    assert [row.lists for row in listed.rows] == [None, None, None]
    assert listed.checked_against is None
    assert ages(rooms, meeting) == ["", "", ""]


def test_lists_without_an_age_are_not_taken_for_none_at_all(rooms, report, start):
    rooms.member()
    meeting = rooms.open_meeting()
    tap(rooms, report, start, "A1", NONE)
    assert ages(rooms, meeting) == ["không rõ"]
    assert rooms.attendance.attendance_of(meeting.id).checked_against == CheckedAgainst(Light.NONE, None, None, None)


def test_a_card_that_is_corrected_away_does_not_count(rooms, report, start):
    rooms.member()
    rooms.member("Cao Bình", identifier="A2")
    meeting = rooms.open_meeting()
    wrong = tap(rooms, report, start, "A1", AMBER)
    tap(rooms, report, start, "A2", GREEN)
    rooms.checkins.correct(wrong.sequence, reason="nhầm", recorded_by="an", confirmed_by="bình", at=start)
    assert rooms.attendance.attendance_of(meeting.id).checked_against.light is Light.GREEN


def test_the_worst_light_stands_for_a_meeting_and_no_lists_are_worse_than_old_ones():
    red = ListsAge(Light.RED, 45)
    for ages, worst in (
        ([GREEN, AMBER], Light.AMBER),
        ([red, AMBER, GREEN], Light.RED),
        ([GREEN, NONE, red], Light.NONE),
    ):
        assert CheckedAgainst.over(ages).light is worst
    assert CheckedAgainst.over([]) is None


def test_an_age_that_may_be_more_makes_the_highest_unknown() -> None:
    summed = CheckedAgainst.over([ListsAge(Light.GREEN, 3), ListsAge(Light.GREEN, 3).by_clock(trusted=False)])
    assert summed is not None
    assert summed.age_days is None
