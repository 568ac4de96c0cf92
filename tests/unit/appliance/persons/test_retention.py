from dataclasses import dataclass
from datetime import timedelta

import pytest

from appliance.checkin.guests import GuestService
from appliance.clock import ClockState, Reading
from appliance.config.retention import RetentionConfig
from appliance.errors import ClockError
from appliance.ledger import EntryKind, NewEntry
from appliance.persons import Answer, Look, Purpose, RequestKind
from appliance.persons.retention import Kind, Retention
from appliance.roster import MemberClass
from verifier.sdk import Outcome

DAY = timedelta(days=1)
TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def clock(at, *, state=ClockState.TRUSTED):
    return Reading(at=at, trusted=state is ClockState.TRUSTED, state=state, source="test", floor=at)


@dataclass
class Kept:
    """What is there before anything goes: one meeting of the start, one of a year later, one that is open."""

    rooms: object
    start: object

    def meet(self, at, *, close=True):
        rooms = self.rooms
        meeting = rooms.plan()
        rooms.meetings.open(meeting.id, at=at, officer="an")
        for member in rooms.roster.members():
            rooms.checkins.record_by_hand(member.id, reason="Quên thẻ", at=at, **TWO)
        rooms.tap("ELSEWHERE")
        guests = GuestService(rooms.database, rooms.ledger, rooms.roster, rooms.meetings)
        guests.record_guest("Mẫu Khách", organisation="x", invited_by="an", recorded_by="an", at=at)
        if close:
            rooms.meetings.close(meeting.id, at=at, officer="an")
        return meeting.id

    def retention(self, **months):
        return Retention(self.rooms.database, self.rooms.ledger, RetentionConfig(**months))


@pytest.fixture
def kept(rooms, start):
    kept = Kept(rooms, start)
    for name in ("Mẫu Thị Sen", "Mẫu Văn Tre"):
        rooms.roster.add(name, MemberClass.OFFICIAL)
    kept.meet(start)
    kept.meet(start + 365 * DAY)
    kept.meet(start + 366 * DAY, close=False)
    return kept


def by_kind(due):
    return [(one.kind, one.meeting_id, one.count) for one in due]


def test_without_a_policy_nothing_is_due(kept, start):
    assert kept.retention().plan(clock(start + 700 * DAY)) == ()


def test_a_meetings_persons_go_and_its_figures_stay(rooms, kept, start):
    retention, now = kept.retention(meetings_months=12), clock(start + 400 * DAY)
    before = rooms.attendance.attendance_of(1).closing_figures
    planned = retention.plan(now)
    assert by_kind(planned) == [(Kind.PERSONS, 1, 4), (Kind.ROLL, 1, 2)]
    assert len(rooms.attendance.attendance_of(1).rows) == 2  # a plan changes nothing
    assert retention.carry_out(now) == planned
    listed = rooms.attendance.attendance_of(1)
    assert (listed.rows, listed.visitors, listed.closing_figures) == ((), (), before)
    assert (before.numerator, before.denominator) == (2, 2)
    assert len(rooms.attendance.attendance_of(2).rows) == 2
    assert retention.plan(now) == ()
    verdict = rooms.ledger.verify()
    assert (verdict.ok, verdict.erased) == (True, 4)
    assert [member.name for member in rooms.roster.members()] == ["Mẫu Thị Sen", "Mẫu Văn Tre"]


def test_visitors_and_guests_go_earlier_than_members(rooms, kept, start):
    retention = kept.retention(meetings_months=12, visitors_months=3)
    assert by_kind(retention.carry_out(clock(start + 100 * DAY))) == [(Kind.VISITORS, 1, 2)]
    listed = rooms.attendance.attendance_of(1)
    assert (len(listed.rows), listed.visitors) == (2, ())
    assert rooms.ledger.verify().ok


def test_an_erasure_by_age_names_entries_and_nobody(rooms, kept, start):
    kept.retention(meetings_months=12).carry_out(clock(start + 400 * DAY))
    erasures = [entry.body for entry in rooms.ledger.entries(limit=1000) if entry.kind is EntryKind.ERASURE]
    assert erasures == [
        {"officer": "retention", "erased": [2, 3, 4, 5], "what": "persons"},
        {"officer": "retention", "erased": [], "what": "meeting_rolls", "count": 2},
    ]


def test_an_open_meeting_loses_nothing_at_any_time(rooms, kept, start):
    everything = kept.retention(meetings_months=1, visitors_months=1, refused_months=1)
    due = everything.carry_out(clock(start + 366 * DAY + 390 * DAY))
    assert {one.meeting_id for one in due} <= {1, 2, None}
    listed = rooms.attendance.attendance_of(3)
    assert (len(listed.rows), len(listed.visitors)) == (2, 1)


@pytest.mark.parametrize("state", [ClockState.UNCONFIRMED, ClockState.BEHIND, ClockState.AHEAD])
def test_a_clock_that_is_not_trusted_erases_nothing(rooms, kept, start, state):
    retention = kept.retention(meetings_months=1)
    for work in (retention.plan, retention.carry_out):
        with pytest.raises(ClockError, match="not known for certain"):
            work(clock(start + 400 * DAY, state=state))
    assert rooms.ledger.verify().erased == 0


def test_a_clock_that_is_years_ahead_of_the_ledger_erases_nothing_without_a_word(rooms, kept, start):
    retention, ahead = kept.retention(meetings_months=12), clock(start + 366 * DAY + 401 * DAY)
    with pytest.raises(ClockError, match="--far-ahead"):
        retention.carry_out(ahead)
    assert rooms.ledger.verify().erased == 0
    assert retention.carry_out(ahead, far_ahead=True)


def test_refused_cards_go_by_their_own_time(rooms, kept, start, report):
    rooms.tap(None, report=report(Outcome.FAILED, "card-revoked"))
    rooms.meetings.close(3, at=start + 366 * DAY, officer="an")
    due = kept.retention(refused_months=2).carry_out(clock(start + 500 * DAY))
    assert by_kind(due) == [(Kind.REFUSED, 3, 1)]
    assert rooms.ledger.verify().ok


def test_who_left_goes_once_no_meeting_names_them(rooms, kept, start):
    with rooms.database.writing() as writer:
        writer.exec_driver_sql("UPDATE members SET left_at = '2026-11-04T12:00:00.000000Z' WHERE id = 2")
    retention = kept.retention(meetings_months=12)
    assert Kind.LEFT not in {one.kind for one in retention.carry_out(clock(start + 400 * DAY))}
    rooms.meetings.close(3, at=start + 366 * DAY, officer="an")
    due = retention.carry_out(clock(start + 760 * DAY))
    assert by_kind(due)[-1] == (Kind.LEFT, None, 1)  # with the last meeting that names them
    assert [member.id for member in rooms.roster.members()] == [1]
    assert rooms.ledger.verify().ok


def test_a_dry_run_says_of_those_who_left_what_the_real_run_does_and_the_real_run_says_what_it_did(rooms, kept, start):
    never_met = rooms.roster.add("Mẫu Thị Ổi", MemberClass.OFFICIAL)
    rooms.meetings.close(3, at=start + 366 * DAY, officer="an")
    with rooms.database.writing() as writer:
        writer.exec_driver_sql("DELETE FROM meeting_rolls WHERE member_id = ?", (never_met.id,))
        writer.exec_driver_sql("UPDATE members SET left_at = '2026-11-04T12:00:00.000000Z'")
    retention, now = kept.retention(meetings_months=12), clock(start + 760 * DAY)
    planned = retention.plan(now)
    assert by_kind(planned)[-1] == (Kind.LEFT, None, 3)
    assert retention.carry_out(now) == planned
    with rooms.database.reading() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM members").scalar() == 0
    assert retention.plan(now) == ()


def test_who_is_on_the_roster_again_before_their_turn_stays(rooms, start, monkeypatch):
    gone, back = (rooms.member(name, identifier=name).id for name in ("Mẫu Thị Sen", "Mẫu Văn Tre"))
    for member in (gone, back):
        rooms.ledger.append(an_excuse(None, member), at=start)
    with rooms.database.writing() as writer:
        writer.exec_driver_sql("UPDATE members SET left_at = '2026-11-04T12:00:00.000000Z'")
    erase = rooms.ledger.erase

    def and_a_sync_names_the_next_one_again(subject, **how):
        how["connection"].exec_driver_sql("UPDATE members SET left_at = NULL WHERE id = ?", (back,))
        return erase(subject, **how)

    monkeypatch.setattr(rooms.ledger, "erase", and_a_sync_names_the_next_one_again)
    due = Kept(rooms, start).retention(meetings_months=12).carry_out(clock(start + 390 * DAY))
    assert by_kind(due) == [(Kind.LEFT, None, 1)]
    assert [member.id for member in rooms.roster.members()] == [back]
    assert [rooms.ledger.entry(number).body is None for number in (1, 2)] == [True, False]


def test_the_access_log_loses_its_beginning_and_says_so_in_the_ledger(rooms, kept, persons, start):
    for number in range(1200):
        persons.access_log.looked(
            1, Look.LIST, Purpose.ATTENDANCE, at=start + number * timedelta(hours=1), meeting_id=1
        )
    retention = kept.retention(access_log_months=12)
    now = clock(start + 400 * DAY)
    (due,) = retention.plan(now)
    assert (due.kind, due.count) == (Kind.ACCESS_LOG, 35 * 24)
    retention.carry_out(now)
    assert persons.access_log.lines()[0].id == 35 * 24 + 1
    assert persons.access_log.looked(1, Look.LIST, Purpose.ATTENDANCE, at=now.at, meeting_id=1)
    counts = [entry.body["count"] for entry in rooms.ledger.entries(after=14, limit=10) if "count" in entry.body]
    assert counts == [500, 340]
    assert rooms.ledger.verify().ok


def test_a_clock_that_was_wrong_for_a_while_takes_no_line_of_the_access_log_out_of_turn(kept, persons, start):
    for offset in (0, 500, 1):
        persons.access_log.looked(1, Look.LIST, Purpose.ATTENDANCE, at=start + offset * DAY, meeting_id=1)
    kept.retention(access_log_months=12).carry_out(clock(start + 600 * DAY))
    assert [line.id for line in persons.access_log.lines()] == [2, 3]


def test_requests_go_once_they_were_answered_long_ago(kept, persons, start):
    done = persons.requests.receive(RequestKind.ACCESS, at=start, by="an")
    still_open = persons.requests.receive(RequestKind.ACCESS, at=start, by="an")
    persons.requests.answer(done.id, Answer.DONE, at=start, by="an")
    due = kept.retention(requests_months=12).carry_out(clock(start + 400 * DAY))
    assert by_kind(due) == [(Kind.REQUESTS, None, 1)]
    assert [one.id for one in persons.requests.all()] == [still_open.id]


def test_a_large_meeting_goes_in_transactions_of_500_entries(rooms, start):
    kept = Kept(rooms, start)
    meeting = rooms.open_meeting()
    member = rooms.roster.add("Mẫu Thị Sen", MemberClass.OFFICIAL)
    with rooms.database.writing() as writer:
        for _ in range(1100):
            rooms.ledger.append(an_excuse(meeting.id, member.id), at=start, connection=writer)
    rooms.meetings.close(meeting.id, at=start, officer="an")
    kept.retention(meetings_months=1).carry_out(clock(start + 100 * DAY))
    counts = [len(one.body["erased"]) for one in rooms.ledger.entries(after=1101, limit=10) if one.body.get("erased")]
    assert counts == [500, 500, 100]
    assert rooms.ledger.verify().ok


def an_excuse(meeting_id, member_id):
    return NewEntry(EntryKind.EXCUSED, meeting_id, subject=f"member:{member_id}", body={"reason": "ốm"})
