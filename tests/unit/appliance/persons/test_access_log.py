from datetime import timedelta

import pytest
from sqlalchemy import text

from appliance.errors import StorageRefused
from appliance.persons import Look, Purpose

LIST = (Look.LIST, Purpose.ATTENDANCE)
SECOND = timedelta(seconds=1)


def test_a_look_says_who_what_when_and_what_for(persons, start):
    assert persons.access_log.looked(3, Look.PERSON, Purpose.ATTENDANCE, at=start, meeting_id=5, subject="member:7")
    (line,) = persons.access_log.lines()
    assert (line.id, line.at, line.account_id, line.what, line.purpose, line.meeting_id) == (
        1,
        start,
        3,
        Look.PERSON,
        Purpose.ATTENDANCE,
        5,
    )
    assert line.subject == persons.access_log.tag_of("member:7")
    assert "member" not in repr(line)


def test_the_same_look_within_a_minute_is_one_line_and_any_other_is_its_own(persons, start):
    log = persons.access_log
    assert log.looked(1, *LIST, at=start, meeting_id=1)
    assert not log.looked(1, *LIST, at=start + 59 * SECOND, meeting_id=1)
    assert log.looked(1, *LIST, at=start + 60 * SECOND, meeting_id=1)
    others = [(2, *LIST, 1, None), (None, *LIST, 1, None), (1, *LIST, 2, None), (1, *LIST, 1, "member:7")]
    others += [(1, Look.EXPORT, Purpose.ATTENDANCE, 1, None), (1, Look.LIST, Purpose.REQUEST, 1, None)]
    for account, what, purpose, meeting, subject in others:
        at = start + 61 * SECOND
        assert log.looked(account, what, purpose, at=at, meeting_id=meeting, subject=subject)
        assert not log.looked(account, what, purpose, at=at, meeting_id=meeting, subject=subject)
    assert len(log.lines()) == 2 + len(others)


def test_a_page_that_is_reloaded_a_thousand_times_adds_a_line_a_minute(persons, start):
    for number in range(1000):
        persons.access_log.looked(1, *LIST, at=start + number * SECOND / 4, meeting_id=1)
    assert len(persons.access_log.lines()) == 5


def test_a_clock_that_was_set_back_hides_no_look(persons, start):
    assert persons.access_log.looked(1, *LIST, at=start, meeting_id=1)
    assert persons.access_log.looked(1, *LIST, at=start - timedelta(days=1), meeting_id=1)


def test_lines_about_one_person_are_found_and_read_in_pieces(persons, start):
    for number in range(5):
        at = start + timedelta(minutes=number)
        persons.access_log.looked(1, Look.PERSON, Purpose.REQUEST, at=at, subject=f"member:{number % 2}")
    assert [line.id for line in persons.access_log.lines(subjects=["member:1"])] == [2, 4]
    assert [line.id for line in persons.access_log.lines(after=2, limit=2)] == [3, 4]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE access_log SET account_id = 2 WHERE id = 2",
        "DELETE FROM access_log WHERE id = 2",
        "DELETE FROM access_log WHERE id > 1",
        "INSERT OR REPLACE INTO access_log VALUES (2, 'x', 2, 'list', 'attendance', 1, NULL)",
        "INSERT INTO access_log VALUES (9, 'x', 2, 'list', 'attendance', 1, NULL)",
        "INSERT INTO access_log (at, what, purpose) VALUES ('x', 'list', 'attendance')",
    ],
)
def test_a_line_neither_changes_nor_goes_nor_comes_between(rooms, persons, start, change):
    for meeting in range(3):
        persons.access_log.looked(1, *LIST, at=start, meeting_id=meeting)
    before = persons.access_log.lines()
    with pytest.raises(StorageRefused), rooms.database.writing() as writer:
        writer.execute(text(change))
    assert persons.access_log.lines() == before


def test_the_oldest_lines_may_go_and_their_numbers_are_not_given_again(rooms, persons, start):
    for meeting in range(3):
        persons.access_log.looked(1, *LIST, at=start, meeting_id=meeting)
    with rooms.database.writing() as writer:
        writer.execute(text("DELETE FROM access_log WHERE id <= 3"))
    persons.access_log.looked(1, *LIST, at=start, meeting_id=4)
    assert [line.id for line in persons.access_log.lines()] == [4]


def test_neither_name_nor_number_of_a_person_stands_in_it(rooms, persons, start, content_of):
    persons.access_log.looked(1, Look.PERSON, Purpose.ATTENDANCE, at=start, subject="member:777")
    assert b"member:777" not in content_of()
    rooms.database.forget()
    assert b"member:777" not in content_of()
