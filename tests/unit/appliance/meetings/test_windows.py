"""When a card counts: within the meeting's window, and an officer's word at any time."""

from datetime import timedelta

import pytest

from appliance.checkin.service import Decision
from appliance.errors import RuleViolation, StorageDamaged
from appliance.meetings import MeetingKind
from appliance.rules import Window
from appliance.storage.meetings import meetings
from verifier.sdk import Outcome

TWO = {"recorded_by": "an", "confirmed_by": "bình"}
SHORT = Window(before=timedelta(minutes=30), after=timedelta(minutes=90))


def open_with(rooms, start, window=SHORT, **details):
    usual = {"kind": MeetingKind.REGULAR, "title": "T", "place": "P", "starts_at": start}
    meeting = rooms.meetings.create(**usual | details, window=window)
    return rooms.meetings.open(meeting.id, at=start, officer="an")


@pytest.mark.parametrize(
    ("minutes", "decision", "reason"),
    [
        (-31, Decision.SEE_OFFICER, "check-in-not-yet"),
        (-30, Decision.PRESENT, "present"),
        (90, Decision.PRESENT_LATE, "present-late"),
        (91, Decision.SEE_OFFICER, "check-in-over"),
    ],
)
def test_a_card_outside_the_window_is_not_recorded(rooms, start, minutes, decision, reason):
    rooms.member()
    open_with(rooms, start)
    answer = rooms.tap(minutes=minutes)
    assert (answer.decision, answer.reason) == (decision, reason)
    assert rooms.ledger.verify().entries == (1 if decision is Decision.SEE_OFFICER else 2)


@pytest.mark.parametrize("minutes", [-31, 91])
def test_outside_the_window_nobody_visits_either(rooms, start, minutes):
    open_with(rooms, start)
    assert rooms.tap("ELSEWHERE", minutes=minutes).decision is Decision.SEE_OFFICER
    assert rooms.ledger.verify().entries == 1


def test_officers_record_at_any_time(rooms, start):
    hoa = rooms.member()
    open_with(rooms, start)
    at = start + timedelta(hours=9)
    recorded = rooms.checkins.record_by_hand(hoa.id, reason="đến sớm", at=at, **TWO)
    assert recorded.decision is Decision.RECORDED_BY_HAND


def test_whoever_is_on_the_list_is_told_so_at_any_time(rooms, start):
    rooms.member()
    open_with(rooms, start)
    rooms.tap()
    assert rooms.tap(minutes=600).decision is Decision.ALREADY_PRESENT


def test_a_card_that_is_refused_is_recorded_as_refused_outside_the_window_too(rooms, start, report):
    open_with(rooms, start)
    failed = report(Outcome.FAILED, "card-revoked")
    assert rooms.tap(minutes=600, report=failed).decision is Decision.REFUSED


def test_what_could_not_be_told_is_not_judged_by_a_clock_that_may_be_wrong(rooms, start, report):
    open_with(rooms, start)
    doubtful = report(Outcome.INDETERMINATE, "clock-not-trusted")
    assert rooms.tap(minutes=600, report=doubtful).reason == "clock-not-trusted"


@pytest.mark.parametrize(
    ("kind", "window"),
    [
        (MeetingKind.REGULAR, Window(timedelta(hours=2), timedelta(hours=6))),
        (MeetingKind.THEMATIC, Window(timedelta(hours=2), timedelta(hours=6))),
        (MeetingKind.EXTRAORDINARY, Window(timedelta(hours=2), timedelta(hours=6))),
        (MeetingKind.CONGRESS, Window(timedelta(hours=4), timedelta(hours=36))),
        (MeetingKind.EVENT, None),
    ],
)
def test_each_kind_has_the_window_that_the_rules_give_it(rooms, start, kind, window):
    meeting = rooms.meetings.create(kind=kind, title="T", place="P", starts_at=start)
    assert meeting.window == rooms.meetings.get(meeting.id).window == window


def test_a_meeting_that_was_forgotten_takes_no_cards_the_next_day(rooms):
    rooms.member()
    rooms.open_meeting()
    assert rooms.tap(minutes=24 * 60).reason == "check-in-over"


@pytest.mark.parametrize(
    "window", [Window(timedelta(seconds=-1), timedelta(0)), Window(timedelta(0), timedelta(days=3, seconds=1))]
)
def test_a_window_that_cannot_be_is_refused(rooms, start, window):
    with pytest.raises(RuleViolation, match="three days"):
        open_with(rooms, start, window)
    assert rooms.meetings.all() == ()


@pytest.mark.parametrize("values", [{"window_before_seconds": None}, {"window_after_seconds": 10**9}])
def test_a_window_that_this_program_never_wrote_is_damage(rooms, start, values):
    meeting = open_with(rooms, start)
    with rooms.database.writing() as writer:
        writer.execute(meetings.update().values(**values))
    with pytest.raises(StorageDamaged, match="window"):
        rooms.meetings.get(meeting.id)
