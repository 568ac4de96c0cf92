"""Versions of the rules that arrive, come into force, and never change what they mean."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from appliance.errors import NotFound, RulesRefused, StorageDamaged
from appliance.lists.rules_document import encode_rules
from appliance.meetings import MeetingKind
from appliance.meetings.rule_sets import receive_rules, rule_set_in, rule_set_in_force
from appliance.rules import BUILT_IN, BUILT_INS, RuleSet
from appliance.storage.members import MemberStatus

AT = datetime(2026, 6, 1, tzinfo=UTC)


def rules(version: str = "2026-2", *, from_: date = date(2026, 7, 1), minutes: int = 5, percent: int = 90) -> RuleSet:
    return RuleSet(version, timedelta(minutes=minutes), frozenset({MemberStatus.AWAY}), percent, from_)


def receive(rooms, *given: RuleSet) -> tuple[str, ...]:
    with rooms.database.writing() as writer:
        return receive_rules(writer, {one.version: encode_rules(one) for one in given}, at=AT)


def known(rooms, version: str) -> RuleSet:
    with rooms.database.reading() as reader:
        return rule_set_in(reader, version)


def test_a_version_that_arrived_is_known_from_then_on(rooms):
    assert receive(rooms, rules(), BUILT_IN) == ("2026-2",)
    assert receive(rooms, rules()) == ()
    assert receive(rooms, rules("2027-1")) == ("2027-1",)
    assert known(rooms, "2026-2") == rules()
    assert {known(rooms, version).version for version in BUILT_INS} == BUILT_INS.keys()


def test_a_version_that_nobody_brought_is_not_replaced_by_another(rooms):
    with pytest.raises(NotFound, match="built-in-0"):
        known(rooms, "built-in-0")


def test_a_version_never_means_anything_else(rooms, caplog):
    receive(rooms, rules())
    with pytest.raises(RulesRefused, match="new version"):
        receive(rooms, rules("2026-1"), rules(percent=50))
    assert "2026-2" in caplog.text
    assert known(rooms, "2026-2") == rules()
    with pytest.raises(NotFound):  # it came with the one that was refused
        known(rooms, "2026-1")


def test_a_document_is_of_the_version_that_its_path_says(rooms):
    with pytest.raises(RulesRefused, match="2026-2"), rooms.database.writing() as writer:
        receive_rules(writer, {"2026-3": encode_rules(rules())}, at=AT)


def test_the_newest_version_in_force_on_the_day_counts(rooms):
    receive(rooms, rules("b", from_=date(2027, 1, 1)), rules("c"), rules("d"), rules("a", from_=date(2026, 3, 1)))
    with rooms.database.reading() as reader:
        days = [date(1999, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2026, 7, 1), date(2027, 1, 1)]
        assert [rule_set_in_force(reader, day).version for day in days] == ["built-in-2", "built-in-2", "a", "d", "b"]


def test_a_meeting_is_planned_by_the_rules_of_its_own_day_and_keeps_them(rooms):
    receive(rooms, rules(from_=date(2026, 11, 4)))

    def plan(starts_at: datetime, **details: timedelta):
        return rooms.meetings.create(kind=MeetingKind.REGULAR, title="T", place="P", starts_at=starts_at, **details)

    before = plan(datetime(2026, 11, 3, 16, 59, tzinfo=UTC))  # 23:59 in Hà Nội
    after = plan(datetime(2026, 11, 3, 17, 0, tzinfo=UTC))
    assert (before.rules_version, before.late_after) == ("built-in-2", timedelta(minutes=15))
    assert (after.rules_version, after.late_after) == ("2026-2", timedelta(minutes=5))
    assert plan(after.starts_at, late_after=timedelta(minutes=20)).late_after == timedelta(minutes=20)
    assert rooms.meetings.rules_on(date(2026, 11, 4)) == rules(from_=date(2026, 11, 4))

    receive(rooms, rules("2026-9", from_=date(2026, 11, 4)))
    rooms.meetings.open(after.id, at=after.starts_at, officer="an")
    rooms.meetings.close(after.id, at=after.starts_at, officer="an")
    attendance = rooms.attendance.attendance_of(after.id)
    assert attendance.figures.rules_version == attendance.closing_figures.rules_version == "2026-2"
    assert attendance.figures.line_percent == 90


def test_rules_that_this_program_never_wrote_are_damage(rooms):
    receive(rooms, rules())
    with rooms.database.writing() as writer:
        writer.execute(text("UPDATE rule_sets SET document = x'7b7d'"))
    with pytest.raises(StorageDamaged):
        known(rooms, "2026-2")
    with pytest.raises(StorageDamaged):
        rooms.plan()
