"""What is recorded by a clock that is not trusted says so, and is worth nothing as a floor."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance.config import Config
from appliance.ledger import EntryKind, last_certain_time
from appliance.meetings import MeetingKind
from appliance.roster import MemberClass
from appliance.services import Services
from appliance.storage.ledger import ledger_bodies

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
IN_1970 = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)


class Evening:
    def __init__(self, appliance):
        self.appliance = appliance
        self.config = replace(Config.for_state(appliance.state / "state"), clock=appliance.config)
        self.open()

    def open(self):
        self.services = Services.open(self.config, machine=self.appliance.machine)

    def meet(self):
        services, at = self.services, self.services.clock.now()
        meeting = services.meetings.create(kind=MeetingKind.REGULAR, title="Thử", place="Thử", starts_at=at)
        services.meetings.open(meeting.id, at=at, officer="an")

    def last_certain(self):
        return last_certain_time(self.services.database, self.services.ledger.bodies)

    def record(self, name):
        member = self.services.roster.add(name, MemberClass.OFFICIAL)
        done = self.services.checkins.record_by_hand(
            member.id, reason="Quên thẻ", recorded_by="an", confirmed_by="bình", at=self.services.clock.now()
        )
        return self.services.ledger.entry(done.sequence)


@pytest.fixture
def evening(appliance):
    evening = Evening(appliance)
    yield evening
    evening.services.database.close()


def test_an_entry_by_hand_is_marked_until_the_time_is_known(evening):
    evening.meet()
    entry = evening.record("Mẫu Thị Sen")
    assert (entry.kind, entry.at, entry.body["clock"]) == (EntryKind.CHECK_IN_BY_HAND, NOW, "not-trusted")
    evening.services.clock.confirm(NOW + timedelta(hours=1), by="an")
    later = evening.record("Mẫu Văn Tre")
    assert later.at == NOW + timedelta(hours=1)
    assert "clock" not in later.body
    assert [entry.body.get("clock") for entry in evening.services.ledger.entries()] == ["not-trusted"] * 2 + [None]
    assert evening.services.ledger.verify().ok


def test_the_list_of_such_a_meeting_is_made_as_ever(evening):
    evening.meet()
    evening.record("Mẫu Thị Sen")
    meeting = evening.services.meetings.current()
    closed = evening.services.meetings.close(meeting.id, at=evening.services.clock.now(), officer="an")
    (*_, closing) = evening.services.ledger.entries()
    assert (closed.closed_at, closing.body["clock"]) == (NOW, "not-trusted")


def test_the_last_entry_of_a_trusted_clock_is_the_floor_of_an_appliance_that_forgot_everything(evening):
    assert evening.last_certain() is None
    machine = evening.appliance.machine
    machine.synchronised = True
    evening.meet()
    assert evening.last_certain() == NOW
    machine.restarts(at=NOW + timedelta(days=300))
    evening.open()
    assert evening.record("Mẫu Thị Sen").at == NOW + timedelta(days=300)
    assert evening.last_certain() == NOW, "nobody vouches for the later one"
    evening.config.clock_path.unlink()
    machine.restarts(at=IN_1970)
    evening.open()
    reading = evening.services.clock.read()
    assert (reading.at, reading.trusted, reading.source) == (NOW, False, "ledger")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger_entries SET at = 'junk'",
        "DROP TABLE ledger_bodies",
    ],
)
def test_a_damaged_store_says_nothing_of_the_time_and_keeps_nobody_from_looking(evening, damage):
    evening.appliance.machine.synchronised = True
    evening.meet()
    with evening.services.database.writing() as writer:
        for (trigger,) in writer.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all():
            writer.exec_driver_sql(f'DROP TRIGGER "{trigger}"')
        writer.exec_driver_sql(damage)
    assert evening.last_certain() is None


def test_an_entry_whose_person_was_erased_says_nothing_of_the_time(evening):
    evening.appliance.machine.synchronised = True
    evening.meet()
    evening.appliance.machine.passes(minutes=5)
    entry = evening.record("Mẫu Thị Sen")
    assert evening.last_certain() == entry.at
    with evening.services.database.writing() as writer:
        writer.execute(ledger_bodies.delete().where(ledger_bodies.c.sequence == entry.sequence))
    assert evening.last_certain() == NOW
