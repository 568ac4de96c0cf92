"""Whose part of a meeting is missing, and what ``bundle export`` writes where."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.errors import DeviceContradicts
from appliance.ledger import EntryKind
from tests.unit.appliance.bundles.test_pairing_on_record import tampered


def test_who_was_given_a_meeting_is_awaited_until_it_closed_it_there(doors, meeting):
    a, b = doors
    (awaited,) = a.bundles.awaited(meeting.id)
    assert (awaited.device, awaited.is_believed, awaited.made_at, awaited.is_closed) == ("B", True, None, False)
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a, minutes=5))
    (awaited,) = a.bundles.awaited(meeting.id)
    assert awaited.made_at == a.start + timedelta(minutes=5)
    a.rooms.meetings.close(meeting.id, at=a.start, officer="an")
    assert [one.is_closed for one in a.bundles.awaited()] == [True]
    b.rooms.meetings.close(1, at=b.start, officer="bình")
    a.takes(b.bundle(meeting, a, minutes=6))
    assert a.bundles.awaited() == ()


def test_whoever_holds_somebody_elses_meeting_awaits_nobody(doors, meeting):
    a, b = doors
    a.rooms.tap("A1")
    b.takes(a.bundle(meeting, b))
    b.bundle(meeting, a)
    b.rooms.meetings.close(1, at=b.start, officer="bình")
    assert b.bundles.awaited() == ()


def test_a_meeting_that_nobody_else_was_given_awaits_nobody_and_neither_does_one_that_is_planned(doors):
    a, b = doors
    planned = a.rooms.plan()
    a.bundle(planned, b)
    assert a.bundles.awaited() == ()
    alone = a.rooms.plan("Chuyên đề")
    a.rooms.meetings.open(alone.id, at=a.start, officer="an")
    assert a.bundles.awaited() == ()


@pytest.mark.parametrize(
    "change",
    ["UPDATE devices SET name = 'Z'", "UPDATE ledger_entries SET at = 'x' WHERE kind = 'meeting-opened'"],
    ids=["its line", "the ledger"],
)
def test_who_is_not_believed_because_of_a_damage_is_awaited_all_the_same(doors, meeting, change):
    a, b = doors
    tampered(a, change)
    assert a.bundles.pairing.all() == ()
    (awaited,) = a.bundles.awaited(meeting.id)
    assert (awaited.device in ("B", "Z"), awaited.is_believed) == (True, False)
    a.knows(b)
    assert a.bundles.awaited(meeting.id)[0].is_believed


def test_whoever_was_removed_is_awaited_no_more_though_its_line_was_altered(doors, meeting):
    a, _ = doors
    a.bundles.pairing.remove("B", at=a.start)
    tampered(a, "UPDATE devices SET name = 'Z', public_key = zeroblob(32)")
    assert a.bundles.awaited(meeting.id) == ()


def test_a_bundle_is_given_though_the_store_takes_nothing_any_more(doors, meeting):
    a, b = doors
    with b.rooms.database.writing():
        assert b.bundle(meeting, a)


def test_the_same_forked_bundle_is_on_record_once_however_it_is_signed(doors, forgery):
    """Whoever has the key can sign the same entry in as many ways as they like: its content is one."""
    forgery.a.takes(forgery.sealed())
    forgery.entries[1]["body"]["late"] = True
    forgery.signed()
    for _ in range(3):
        forgery.a.rooms.tap("A1")
        with pytest.raises(DeviceContradicts):
            forgery.a.takes(forgery.sealed())
    with forgery.a.rooms.database.writing() as writer:
        writer.exec_driver_sql("UPDATE device_alarms SET document = X'00'")
    with pytest.raises(DeviceContradicts):
        forgery.a.takes(forgery.sealed())
    assert len(forgery.a.entries(EntryKind.BUNDLE_REFUSED)) == 1


# --- on the command line ----------------------------------------------------------------------------------------------


def test_a_bundle_that_is_missing_is_told_with_exit_1_until_it_came(two, paired):
    a, b = two
    paired(two)
    a.meet("Mẫu Thị Sen")
    services = b.services()
    services.roster.add("Mẫu Thị Sen", "official")
    services.database.close()
    stick = a.stick / "stick"
    stick.mkdir()
    assert a("bundle", "status")[0] == 0
    code, said = a("bundle", "export", "--meeting", "1", "--to", "B", stick)
    (file,) = stick.iterdir()
    assert (code, re.fullmatch(r"meeting-1-for-b-\d{4}-\d\d-\d\d-\d{6}\.bundle", file.name) is None) == (0, False)
    code, said = a("bundle", "status", "--meeting", "1")
    assert (code, "MISSING: a bundle of B of meeting 1, Mẫu (open): none came yet" in said) == (1, True)
    b("bundle", "import", file)
    b.meet()
    back = stick / "back.bundle"
    b("bundle", "export", "--meeting", "1", "--to", "A", back)
    a("bundle", "import", back)
    a.closes()
    code, said = a("bundle", "status")
    assert (code, "(closed): the last one was made" in said) == (1, True)
    b.closes()
    assert "[config-error]" in b("bundle", "export", "--meeting", "1", "--to", "A", back)[1]
    assert b("bundle", "export", "--meeting", "1", "--to", "A", "--force", back)[0] == 0
    a("bundle", "import", back)
    code, said = a("bundle", "status")
    assert (code, "MISSING" in said, "B: 2 bundles" in said) == (0, False, True)


def test_a_file_that_is_there_is_not_overwritten_without_being_told_so(two, paired):
    a, _ = two
    paired(two)
    a.meet()
    file = a.stick / "x.bundle"
    file.write_bytes(b"somebody's")
    code, said = a("bundle", "export", "--meeting", "1", "--to", "B", file)
    assert (code, "there is a file x.bundle already" in said, "--force" in said) == (2, True, True)
    assert file.read_bytes() == b"somebody's"


def test_times_are_those_of_the_appliances_own_zone(two, paired):
    a, b = two
    paired(two)
    a.meet("Mẫu Thị Sen")
    stick = a.stick / "stick.bundle"
    a("bundle", "export", "--meeting", "1", "--to", "B", stick)
    b("bundle", "import", stick)
    services = b.services()
    with services.database.reading() as reader:
        made = reader.exec_driver_sql("SELECT made_at FROM received_bundles").scalar()
    services.database.close()
    local = datetime.fromisoformat(made).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    assert f"made {local:%Y-%m-%d %H:%M:%S} by its clock" in b("bundle", "status")[1]
