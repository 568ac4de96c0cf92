from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from appliance.errors import NotFound, RuleViolation, StorageRefused
from appliance.persons import Answer, RequestKind
from appliance.persons.requests import due_on


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-23", "2026-11-25"),  # Monday
        ("2026-11-26", "2026-11-30"),  # Thursday
        ("2026-11-27", "2026-12-01"),  # Friday
        ("2026-11-28", "2026-12-01"),  # Saturday
        ("2026-11-29", "2026-12-01"),  # Sunday
        ("2026-12-31", "2027-01-04"),  # a public holiday is not known
    ],
)
def test_a_request_is_due_on_the_second_working_day(received, due):
    assert due_on(date.fromisoformat(received)).isoformat() == due


def test_the_day_of_receipt_is_that_of_the_appliances_place(persons):
    """Sunday evening in UTC is Monday morning in Hà Nội."""
    request = persons.requests.receive(RequestKind.ACCESS, at=datetime(2026, 11, 29, 18, tzinfo=UTC), by="an")
    assert request.due_on == date(2026, 12, 2)


def test_what_is_due_first_comes_first_and_what_was_answered_last(persons, start):
    late = persons.requests.receive(RequestKind.ACCESS, at=start.replace(day=20), by="an")
    early = persons.requests.receive(RequestKind.ERASURE, at=start, by="an", subject="member:7")
    done = persons.requests.receive(RequestKind.CORRECTION, at=start, by="an")
    persons.requests.answer(done.id, Answer.REFUSED, at=start, by="bình")
    assert [one.id for one in persons.requests.all()] == [early.id, late.id, done.id]
    assert persons.requests.get(done.id).answered_by == "bình"
    assert [one.id for one in persons.requests.all(subject="member:7")] == [early.id]


def test_a_request_is_answered_once_and_by_somebody(persons, start):
    request = persons.requests.receive(RequestKind.ACCESS, at=start, by="an")
    with pytest.raises(RuleViolation):
        persons.requests.answer(request.id, Answer.DONE, at=start, by=" ")
    assert persons.requests.get(request.id).is_open
    assert not persons.requests.answer(request.id, Answer.NOTHING_KEPT, at=start, by="an").is_open
    for again in (
        lambda: persons.requests.answer(request.id, Answer.DONE, at=start, by="an"),
        lambda: persons.requests.require_open(request.id),
    ):
        with pytest.raises(RuleViolation, match="answered before"):
            again()
    with pytest.raises(NotFound):
        persons.requests.get(99)


def test_an_open_request_cannot_be_made_to_disappear(rooms, persons, start):
    persons.requests.receive(RequestKind.ERASURE, at=start, by="an")
    with pytest.raises(StorageRefused), rooms.database.writing() as writer:
        writer.execute(text("DELETE FROM person_requests"))


def test_the_register_shows_no_officer_and_no_person_to_whoever_finds_the_card(rooms, persons, start, content_of):
    persons.requests.receive(RequestKind.ERASURE, at=start, by="Mẫu Thị Cán Bộ (canbo)", subject="member:777")
    rooms.database.forget()
    assert "Mẫu Thị Cán Bộ".encode() not in content_of()
    assert b"member:777" not in content_of()
