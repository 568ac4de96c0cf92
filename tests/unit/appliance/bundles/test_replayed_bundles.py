"""Bundles that come again, and two entries of one number: nothing counts twice, and a contradiction is an alarm."""

from datetime import timedelta

import pytest

from appliance.bundles.envelope import open_bundle
from appliance.bundles.service import BundleService
from appliance.errors import (
    BundleNotForUs,
    DeviceContradicts,
)
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.lists.identity import RosterIdentity
from appliance.storage.devices import Taken


def restored_from_a_backup(doors, tmp_path):
    """B's store as it was before, with B's key: what a restored backup is that somebody uses beside the original."""
    _, b = doors
    b.rooms.database.close()
    import shutil

    shutil.copytree(b.rooms.state, tmp_path / "restored")
    rooms = type(b.rooms)(tmp_path / "restored")
    return type(b)("B again", rooms, b.start)


def test_two_different_entries_of_one_number_raise_an_alarm_and_change_nothing(doors, meeting, tmp_path):
    a, b = doors
    b.rooms.tap("A2")
    twin = restored_from_a_backup(doors, tmp_path)
    b.rooms.tap("A3", minutes=1)
    twin.rooms.tap("A4", minutes=2)
    a.takes(b.bundle(meeting, a))
    before = a.states()
    with pytest.raises(DeviceContradicts, match="signed two different entries 4"):
        a.takes(twin.bundle(meeting, a), minutes=5)
    assert a.states() == before
    (status,) = a.status.of_devices()
    assert ([alarm.sequence for alarm in status.alarms], status.is_alarming) == ([4], True)
    (entry,) = a.entries(EntryKind.BUNDLE_REFUSED)
    assert (entry.body["reason"], entry.body["sequence"]) == ("device-contradicts-itself", 4)
    with pytest.raises(DeviceContradicts):
        a.takes(twin.bundle(meeting, a), minutes=6)
    assert len(a.entries(EntryKind.BUNDLE_REFUSED)) == 1, "once for each entry that contradicts"
    b.rooms.tap("A1", minutes=7)
    assert a.takes(b.bundle(meeting, a, minutes=8)).new == 1, "what it goes on to say is taken still"
    assert a.rooms.ledger.verify().ok
    twin.rooms.database.close()


def test_a_history_that_forks_where_the_other_ended_is_an_alarm_too(doors, meeting, tmp_path):
    a, b = doors
    twin = restored_from_a_backup(doors, tmp_path)
    b.rooms.tap("A2")
    twin.rooms.tap("A3")
    twin.rooms.tap("A4")
    a.takes(b.bundle(meeting, a))
    last = twin.rooms.ledger.verify().entries
    with pytest.raises(DeviceContradicts):
        a.takes(twin.bundle(meeting, a, since=last - 1))
    twin.rooms.database.close()


def test_a_bundle_is_kept_whole_or_not_at_all_when_the_store_is_full(doors, meeting, monkeypatch):
    a, b = doors
    b.rooms.tap("A2")
    bundle = b.bundle(meeting, a)

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "append", full)
        with pytest.raises(OSError, match="No space"):
            a.takes(bundle)
    assert a.status.entries(meeting.uid) == ()
    assert a.takes(bundle).new == 2


def test_what_a_power_cut_left_waiting_is_taken_over_next_time(doors, meeting, monkeypatch):
    a, b = doors
    b.rooms.tap("A2")
    with monkeypatch.context() as patched:
        patched.setattr(BundleService, "take_over", lambda *_args, **_more: None)
        a.takes(b.bundle(meeting, a))
    assert {entry.taken for entry in a.status.entries(meeting.uid)} == {Taken.WAITING}
    a.bundles.take_over(at=a.start + timedelta(minutes=1))
    assert a.states()["Mẫu Văn Tre"] == "present"
    a.bundles.take_over(at=a.start + timedelta(minutes=2))
    assert len(a.entries(EntryKind.CHECK_IN)) == 1


def test_a_ledger_that_begins_anew_under_the_same_key_is_an_alarm(doors, meeting, tmp_path):
    a, b = doors
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a))
    keys = b.rooms.keys
    rooms = type(b.rooms)(tmp_path / "anew")
    rooms.ledger = Ledger(rooms.database, keys)
    rooms.ledger.append(NewEntry(EntryKind.REFUSED), at=b.start)
    anew = type(b)("B", rooms, b.start)
    anew.bundles = BundleService(
        rooms.database,
        keys,
        rooms.ledger,
        rooms.roster,
        rooms.meetings,
        identity=lambda: RosterIdentity.load_or_create(rooms.state / "keys"),
    )
    anew.knows(a)
    adopted = rooms.meetings.adopt(meeting.plan)
    bundle = anew.bundle(adopted, a, since=0)
    with pytest.raises(DeviceContradicts):
        a.takes(bundle)
    rooms.database.close()


def test_keys_of_another_set_open_no_bundle(forgery, tmp_path):
    Keys.load_or_create(tmp_path)
    stranger = RosterIdentity.load_or_create(tmp_path)
    with pytest.raises(BundleNotForUs):
        open_bundle(forgery.sealed(), stranger.secret)
