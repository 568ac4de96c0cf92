"""What waits to be taken over counts as it was signed, once, whatever the columns beside it say by now."""

import pytest

from appliance.bundles import service
from appliance.errors import DeviceContradicts, DeviceUnknown, StorageFull
from appliance.storage.base import utc_text
from tests.unit.appliance.bundles.test_pairing_on_record import tampered


@pytest.fixture
def excused(doors, meeting):
    """B says that somebody is excused; A has kept it, and not taken it over yet."""
    a, b = doors
    a.rooms.plan("Họp khác")
    member = b.rooms.roster.find_by_identifier("A2")
    b.rooms.checkins.excuse(member.id, reason="ốm", recorded_by="bình", at=b.start, meeting_id=1)
    a.takes(b.bundle(meeting, a), take_over=False)
    return a


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'check-in'",
        "kind = 'meeting-closed'",
        "at = '2031-01-01T00:00:00.000000Z'",
        "refers_to = 1",
        "meeting_uid = (SELECT uid FROM meetings WHERE id = 2)",
        "person_id = NULL",
        "person_id = (SELECT id FROM foreign_people ORDER BY id DESC LIMIT 1)",
    ],
)
def test_an_entry_whose_columns_were_altered_counts_as_it_was_signed(excused, change):
    tampered(excused, f"UPDATE foreign_entries SET {change} WHERE kind = 'excused'")  # noqa: S608 – this file's words
    excused.bundles.take_over(at=excused.start)
    assert excused.states() | {"Mẫu Văn Tre": "excused"} == excused.states()
    assert set(excused.states(2).values()) == {"absent"}
    (entry,) = excused.entries("excused")
    assert entry.body["from"]["at"] == utc_text(excused.start)


ALTERED = {
    "the document": "document = CAST(replace(CAST(document AS TEXT), 'excused', 'check-in') AS BLOB)",
    "the hash": "entry_hash = zeroblob(32)",
    "no document": "document = X'00'",
    "the number": "sequence = sequence + 50",
    "the bundle": "bundle_id = (SELECT min(id) FROM received_bundles) + 50",
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_an_entry_that_nobody_signed_so_is_put_aside(excused, change):
    tampered(excused, f"UPDATE foreign_entries SET {change} WHERE kind = 'excused'")  # noqa: S608 – this file's words
    excused.bundles.take_over(at=excused.start)
    assert set(excused.states().values()) == {"absent"}
    assert excused.entries("excused") == []


def test_an_entry_that_was_taken_over_counts_once_though_the_store_says_that_it_waits(doors, meeting):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    a.takes(b.bundle(meeting, a))
    (mirror,) = a.entries("check-in")
    tampered(
        a,
        "UPDATE foreign_people SET member_id = (SELECT max(id) FROM members)",
        "UPDATE foreign_entries SET taken = 'waiting', mirrored_as = NULL WHERE kind = 'check-in'",
    )
    a.bundles.take_over(at=a.start)
    assert a.entries("check-in") == [mirror]
    assert list(a.states().values()).count("present") == 1
    with a.rooms.database.reading() as reader:
        row = reader.exec_driver_sql("SELECT mirrored_as, taken FROM foreign_entries WHERE kind = 'check-in'").one()
    assert tuple(row) == (mirror.sequence, "mirrored"), "the line is put right"


def test_what_a_correction_takes_out_is_what_it_names_and_not_what_a_column_says(doors, meeting):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    a.rooms.tap("A1", minutes=1)
    a.takes(b.bundle(meeting, a))
    ours = next(entry for entry in a.entries("check-in") if "from" not in entry.body)
    theirs = b.entries("check-in")[0]
    b.rooms.checkins.correct(theirs.sequence, reason="nhầm", recorded_by="an", confirmed_by="ba", at=b.start)
    tampered(a, "UPDATE foreign_entries SET mirrored_as = :ours WHERE kind = 'check-in'", ours=ours.sequence)
    a.takes(b.bundle(meeting, a, minutes=3))
    assert (a.states()["Mẫu Thị Sen"], a.states()["Mẫu Văn Tre"]) == ("present", "absent")


# --- a line of the store that is gone ---------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["DELETE FROM devices", "UPDATE devices SET id = 9"])
def test_what_waits_for_a_line_that_is_gone_waits_until_its_card_is_added_anew(doors, meeting, change):
    a, b = doors
    b.rooms.member("Mẫu Thị Huệ", "B9")
    b.rooms.tap("B9", minutes=1)
    b.rooms.tap("A2", minutes=2)
    a.takes(b.bundle(meeting, a), take_over=False)
    tampered(a, change)
    a.bundles.take_over(at=a.start)
    assert set(a.states().values()) == {"absent"}
    assert {entry.device for entry in a.status.entries(meeting.uid)} == {"№ 1"}
    assert [(one.device, one.is_believed) for one in a.bundles.awaited()] == [("№ 1", False)]
    a.knows(b)
    a.bundles.take_over(at=a.start)
    assert a.states()["Mẫu Văn Tre"] == "present"
    assert [(one.device, one.who.name) for one in a.status.unmatched()] == [("B", "Mẫu Thị Huệ")]
    tampered(a, "DELETE FROM devices")
    assert [one.device for one in a.status.unmatched()] == ["№ 1"]


@pytest.mark.parametrize("document", [b"\0", b"", b"{}", b"[1]", b'{"at": 1}'])
def test_a_second_entry_that_was_damaged_is_not_here_and_its_alarm_can_be_settled(doors, forgery, document):
    a, _ = doors
    a.takes(forgery.sealed())
    forgery.entries[1]["body"]["late"] = True
    with pytest.raises(DeviceContradicts):
        a.takes(forgery.signed().sealed())
    assert a.bundles.alarms.unsettled("B")[1][0].other is not None
    tampered(a, "UPDATE device_alarms SET document = :document", document=document)
    device, (both,) = a.bundles.alarms.unsettled("B")
    assert (both.other, both.kept is None) == (None, False)
    a.bundles.alarms.settle(device, [both.alarm], officer="an", finding="Bản sao đã tắt", at=a.start)
    assert a.bundles.alarms.unsettled("B")[1] == ()


# --- removed in the midst of it ---------------------------------------------------------------------------------------


def test_an_appliance_that_is_removed_while_its_bundle_is_read_erases_nothing(doors, meeting, monkeypatch):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    a.takes(b.bundle(meeting, a))
    b.rooms.erasure.erase_member(b.rooms.roster.find_by_identifier("A2").id, at=b.start, officer="bình")
    bundle = b.bundle(meeting, a, minutes=3)
    erase = service.erase_what_they_erased

    def erase_later(*arguments, **how):
        a.bundles.pairing.remove("B", at=a.start)
        return erase(*arguments, **how)

    monkeypatch.setattr(service, "erase_what_they_erased", erase_later)
    with pytest.raises(DeviceUnknown):
        a.takes(bundle, minutes=3)
    assert a.entries("erasure") == []
    assert a.states()["Mẫu Văn Tre"] == "present"


def test_a_bundle_that_is_kept_is_said_to_be_where_the_store_is_full_afterwards(doors, meeting, monkeypatch):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    bundle = b.bundle(meeting, a)

    def is_full(*_, **__):
        msg = "no room is left in the store; nothing was recorded"
        raise StorageFull(msg)

    with monkeypatch.context() as patch:
        patch.setattr(a.bundles, "take_over", is_full)
        with pytest.raises(StorageFull, match="the bundle is kept, and on record") as caught:
            a.takes(bundle)
    assert "nothing was recorded" not in str(caught.value)
    a.bundles.take_over(at=a.start)
    assert a.states()["Mẫu Văn Tre"] == "present"
