"""Two rooms, two appliances, one meeting: its plan, and whom the other appliance means."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import update

from appliance.errors import PlanRefused, RuleViolation
from appliance.lists.rules_document import encode_rules
from appliance.meetings import Admission, MeetingKind, MeetingMode, MeetingPlan, MeetingState
from appliance.meetings.portable_members import PortableMember, alike, match_members, portable_members
from appliance.meetings.rule_sets import receive_rules
from appliance.roster import MemberClass
from appliance.rules import BUILT_IN, Window
from appliance.storage.base import utc_text
from appliance.storage.members import members


@pytest.fixture
def other(rooms, tmp_path):
    other = type(rooms)(tmp_path / "other")
    yield other
    other.database.close()


def plan(start, **details):
    usual = MeetingPlan(
        uid="0123456789abcdef" * 2,
        kind=MeetingKind.CONGRESS,
        title="Đại hội chi bộ",
        place="Hội trường",
        starts_at=start,
        late_after=timedelta(minutes=15),
        window=Window(timedelta(hours=4), timedelta(hours=36)),
        rules_version="built-in-2",
    )
    return replace(usual, **details)


EVENT = {
    "kind": MeetingKind.EVENT,
    "mode": MeetingMode.NAMES,
    "window": None,
    "check_out": True,
    "admission": Admission(frozenset({"party-card"}), frozenset({"VNM"}), frozenset({MemberClass.OFFICIAL}), True),
}


@pytest.mark.parametrize("details", [{}, EVENT])
def test_a_meeting_is_the_same_on_the_appliance_that_adopts_its_plan(rooms, other, start, details):
    usual = {"kind": MeetingKind.CONGRESS, "title": "Đại hội", "place": "Hội trường", "starts_at": start}
    ours = rooms.meetings.create(**usual | details)
    theirs = other.meetings.adopt(MeetingPlan.decode(ours.plan.encode()))
    assert theirs.plan == ours.plan
    assert theirs.state is MeetingState.PLANNED
    assert other.meetings.adopt(ours.plan) == theirs
    assert rooms.meetings.adopt(ours.plan) == ours
    assert len(other.meetings.all()) == 1
    other.meetings.open(theirs.id, at=start, officer="an")
    assert other.meetings.adopt(ours.plan).state is MeetingState.OPEN
    assert other.ledger.entry(1).body["uid"] == ours.uid


def test_the_plan_is_in_the_entry_that_opens_the_meeting(rooms, start):
    meeting = rooms.open_meeting()
    body = {**rooms.ledger.entry(1).body}
    assert body.pop("officer") == "an"
    assert MeetingPlan.decode(json.dumps({"format": "thechip-meeting-1", **body}).encode()) == meeting.plan


def test_no_two_meetings_have_one_uid(rooms):
    uids = {rooms.plan().uid for _ in range(20)}
    assert len(uids) == 20
    assert all(len(uid) == 32 for uid in uids)


def test_a_meeting_that_is_known_by_another_plan_is_not_adopted(other, start):
    other.meetings.adopt(plan(start))
    for change in ({"title": "Đại hội khác"}, {"starts_at": start + timedelta(hours=1)}, {"window": None}):
        with pytest.raises(PlanRefused, match="another plan"):
            other.meetings.adopt(plan(start, **change))
    assert [meeting.plan for meeting in other.meetings.all()] == [plan(start)]


def test_a_meeting_by_unknown_rules_waits_for_the_lists_that_bring_them(other, start):
    later = plan(start, rules_version="2026-3")
    with pytest.raises(PlanRefused, match="signed lists"):
        other.meetings.adopt(later)
    rules = replace(BUILT_IN, version="2026-3", in_force_from=date(2026, 7, 1))
    with other.database.writing() as writer:
        receive_rules(writer, {"2026-3": encode_rules(rules)}, at=start)
    assert other.meetings.adopt(later).rules_version == "2026-3"


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({"mode": MeetingMode.COUNTS}, "only an event may"),
        ({"admission": Admission(by_list=True)}, "beside a roll"),
        ({"kind": MeetingKind.EVENT, "mode": MeetingMode.COUNTS, "check_out": True}, "keeps nothing"),
        ({"late_after": timedelta(days=2)}, "lateness"),
        ({"window": Window(timedelta(days=4), timedelta(0))}, "three days"),
    ],
)
def test_a_plan_that_contradicts_itself_is_adopted_by_nobody(other, start, details, sentence):
    with pytest.raises(RuleViolation, match=sentence):
        other.meetings.adopt(plan(start, **details))
    with pytest.raises(PlanRefused):
        plan(start, **details).encode()
    assert other.meetings.all() == ()


def fields_of(start, **changes):
    return json.dumps(json.loads(plan(start).encode()) | changes).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "thechip-meeting-2"},
        {"uid": "0123"},
        {"uid": "0123456789ABCDEF" * 2},
        {"uid": None},
        {"kind": "party"},
        {"title": ""},
        {"title": "hai  dấu cách"},
        {"starts_at": "2026-11-03"},
        {"starts_at": 7},
        {"late_after_seconds": -1},
        {"late_after_seconds": 86_401},
        {"window_before_seconds": None},
        {"window_after_seconds": 259_201},
        {"rules_version": ""},
        {"check_out": 1},
        {"mode": "secret"},
        {"mode": ["roster"]},
        {"admission": {}},
        {"admission": []},
        {"unknown": 1},
    ],
    ids=str,
)
def test_anything_else_is_no_plan(start, changes):
    with pytest.raises(PlanRefused):
        MeetingPlan.decode(fields_of(start, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"profiles": []},
        {"profiles": ["x"] * 65},
        {"profiles": [7]},
        {"classes": ["guest"]},
        {"by_list": "yes"},
        {"issuing_states": None},
    ],
    ids=str,
)
def test_anything_else_is_no_rule_of_admission(changes):
    usual = {"profiles": ["party-card"], "issuing_states": [], "classes": [], "by_list": False}
    with pytest.raises(PlanRefused):
        Admission.from_body(usual | changes)


def test_a_lacking_field_is_no_plan(start):
    fields = json.loads(plan(start).encode())
    for name in fields:
        with pytest.raises(PlanRefused, match="lacks"):
            MeetingPlan.decode(json.dumps({key: value for key, value in fields.items() if key != name}).encode())


# --- whom the other appliance means -----------------------------------------------------------------------------------


def matched(rooms, *others):
    with rooms.database.reading() as reader:
        return match_members(reader, others)


def publish(rooms, member, published_id, published_list="01/mau"):
    with rooms.database.writing() as writer:
        values = {"published_list": published_list, "published_id": published_id}
        writer.execute(update(members).where(members.c.id == member.id).values(**values))


def test_a_published_line_is_the_same_person_everywhere_whatever_the_name(rooms, other):
    ours, theirs = rooms.member("Mẫu Thị Sen"), other.member("Mẫu Thị Sen (vợ ông Tre)")
    publish(rooms, ours, "DV-1")
    publish(other, theirs, "DV-1")
    with other.database.reading() as reader:
        (said,) = portable_members(reader).values()
    assert said == PortableMember(theirs.name, "01/mau", "DV-1")
    assert matched(rooms, said) == {said: ours.id}


def test_a_published_line_that_is_missing_here_is_nobody_else(rooms):
    publish(rooms, rooms.member("Mẫu Thị Sen"), "DV-1")
    rooms.member("Mẫu Văn Tre", identifier="A2")
    for said in (PortableMember("Mẫu Thị Sen", "01/mau", "DV-2"), PortableMember("Mẫu Văn Tre", "01/mau", "DV-3")):
        assert matched(rooms, said) == {}


def test_without_a_published_line_a_name_that_one_person_has_decides(rooms):
    sen = rooms.member("Mẫu Thị Sen")
    assert matched(rooms, PortableMember("mẫu  thị SEN")) == {PortableMember("mẫu  thị SEN"): sen.id}
    assert matched(rooms, PortableMember("Mẫu Thị Sên")) == {}, "another name"
    with rooms.database.reading() as reader:
        assert list(alike(reader, PortableMember("Mẫu Thị Sên"))) == [sen.id]
    elsewhere = PortableMember("Mẫu Thị Sen", "02/khac", "X")  # a list that this appliance does not have
    assert matched(rooms, elsewhere) == {elsewhere: sen.id}
    assert matched(rooms, PortableMember("Mẫu Thị Cúc")) == {}


def test_namesakes_here_or_there_are_never_guessed(rooms):
    for identifier in ("A1", "A2"):
        rooms.member("Mẫu Thị Sen", identifier=identifier)
    tre = rooms.member("Mẫu Văn Tre", identifier="A3")
    sen, first, second = (
        PortableMember("Mẫu Thị Sen"),
        PortableMember("Mẫu Văn Tre", "02/khac", "X"),
        PortableMember("Mẫu Văn Tre", "02/khac", "Y"),
    )
    assert matched(rooms, sen, first, second) == {}
    assert matched(rooms, first, first) == {first: tre.id}


def test_whoever_is_matched_by_line_is_not_matched_by_name_again(rooms):
    sen = rooms.member("Mẫu Thị Sen")
    publish(rooms, sen, "DV-1")
    by_line, by_name = PortableMember("Mẫu Thị Sen", "01/mau", "DV-1"), PortableMember("Mẫu Thị Sen")
    assert matched(rooms, by_line, by_name) == {by_line: sen.id}


def test_no_repr_holds_a_name():
    assert "Sen" not in repr(PortableMember("Mẫu Thị Sen", "01/mau", "DV-1"))


@pytest.mark.parametrize(
    "start",
    [datetime(1999, 12, 31, 23, 59, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)],
)
def test_a_meeting_starts_in_a_year_that_can_be_reckoned_with(rooms, start):
    document = plan(datetime(2026, 11, 3, 12, tzinfo=UTC)).encode()
    hostile = document.replace(b"2026-11-03T12:00:00.000000Z", utc_text(start).encode())
    with pytest.raises(PlanRefused, match="2199"):
        MeetingPlan.decode(hostile)
    with pytest.raises(RuleViolation, match="2199"):
        rooms.meetings.adopt(plan(start))
    with pytest.raises(RuleViolation, match="2199"):
        rooms.meetings.create(kind=MeetingKind.EVENT, title="T", place="P", starts_at=start)
    assert rooms.meetings.all() == ()


@pytest.mark.parametrize("start", [datetime.min, datetime.max])
@pytest.mark.parametrize("hours", [-12, 14])
def test_the_ends_of_the_calendar_are_refused_in_every_zone(rooms, start, hours):
    there = start.replace(tzinfo=timezone(timedelta(hours=hours)))
    with pytest.raises(RuleViolation, match="2199"):
        rooms.meetings.create(kind=MeetingKind.EVENT, title="T", place="P", starts_at=there)
