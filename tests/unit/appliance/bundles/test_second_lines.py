"""A second line of the store with the key of an appliance that is on record: it goes, and the honest one stays."""

import sqlite3
from contextlib import closing

import pytest

from appliance.errors import PairingRefused
from appliance.meetings import MeetingKind, MeetingMode
from tests.unit.appliance.bundles.test_pairing_on_record import names, tampered

PLANTED = "INSERT INTO devices VALUES (7, :key, :name, :to, '2026-11-03T12:00:00.000000Z')"


def plant(door, other, name):
    tampered(door, PLANTED, key=other.card.public_key, to=other.card.recipient, name=name)


@pytest.mark.parametrize(("name", "which"), [("Máy lạ", "Máy lạ"), ("Máy lạ", "7"), ("B", "7")])
def test_a_planted_line_is_removed_and_the_appliance_whose_key_it_has_stays_believed(doors, meeting, name, which):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    a.takes(b.bundle(meeting, a))
    plant(a, b, name)
    before = a.rooms.ledger.verify().entries
    assert a.bundles.pairing.remove(which, at=a.start).id == 7
    known = a.bundles.pairing.known()
    assert (names(known.believed), known.removed, known.not_on_record) == (["B"], (), ())
    assert a.rooms.ledger.verify().entries == before, "nothing is recorded of that key"
    b.rooms.tap("A3", minutes=2)
    assert a.takes(b.bundle(meeting, a, minutes=3)).new == 1


def test_of_a_planted_line_with_the_same_name_the_number_tells_which_is_meant(doors):
    a, b = doors
    plant(a, b, "B")
    for both in ("B", b.card.fingerprint[:17]):
        with pytest.raises(PairingRefused, match="say the number"):
            a.bundles.pairing.remove(both, at=a.start)
    assert a.bundles.pairing.remove("1", at=a.start).id == 1
    known = a.bundles.pairing.known()
    assert (known.believed, [one.id for one in known.removed]) == ((), [1])
    assert a.bundles.pairing.remove("7", at=a.start).id == 7
    assert a.bundles.pairing.known().not_on_record == ()


def test_after_a_planted_line_nothing_is_counted_twice(doors):
    a, b = doors
    event = a.rooms.meetings.create(
        kind=MeetingKind.EVENT, title="Lễ", place="Sân", starts_at=a.start, mode=MeetingMode.COUNTS
    )
    b.takes(a.bundle(event, b))
    a.rooms.meetings.open(event.id, at=a.start, officer="an")
    b.rooms.meetings.open(1, at=a.start, officer="an")
    b.rooms.tap("A2", minutes=1)
    b.rooms.tap("Z9", minutes=2)
    a.takes(b.bundle(event, a))
    plant(a, b, "Máy lạ")
    a.bundles.pairing.remove("Máy lạ", at=a.start)
    assert a.knows(b).id == 1
    assert a.takes(b.bundle(event, a, minutes=6)).new == 0
    assert a.rooms.attendance.attendance_of(event.id).figures.counted == 2


@pytest.mark.parametrize("is_damaged", [False, True])
def test_an_appliance_that_is_added_again_gets_its_first_line_whatever_lies_before_it(doors, is_damaged):
    a, b = doors
    tampered(a, PLANTED.replace("7", "-7"), key=b.card.public_key, to=b.card.recipient, name="Máy lạ")
    if is_damaged:
        a.rooms.open_meeting()
        tampered(a, "UPDATE ledger_entries SET at = '2026-01-01T00:00:00.000000Z' WHERE kind = 'meeting-opened'")
    else:
        a.bundles.pairing.remove("B", at=a.start)
    assert a.knows(b).id == 1


def test_a_new_appliance_never_gets_the_line_of_another_one_whatever_the_store_forgot(doors, meeting, tmp_path):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    a.takes(b.bundle(meeting, a), take_over=False)
    tampered(a, "DELETE FROM devices", "DELETE FROM sqlite_sequence")
    rooms = type(a.rooms)(tmp_path / "third")
    third = type(a)("C", rooms, a.start)
    assert a.knows(third).id == 2
    assert a.knows(b).id == 1
    a.bundles.take_over(at=a.start)
    assert a.states()["Mẫu Văn Tre"] == "present"
    rooms.database.close()


def test_the_own_line_of_an_appliance_is_put_right_by_its_card_and_not_removed_by_another_name(doors, meeting):
    a, b = doors
    tampered(a, "UPDATE devices SET name = 'Z'")
    with pytest.raises(PairingRefused, match="device add its card anew"):
        a.bundles.pairing.remove("Z", at=a.start)
    a.knows(b)
    assert a.takes(b.bundle(meeting, a)).new == 1


def test_a_second_line_under_which_entries_are_kept_stays_and_is_not_believed(doors, meeting):
    a, b = doors
    plant(a, b, "Máy lạ")
    tampered(a, "INSERT INTO given_bundles VALUES (7, 'x', '2026-11-03T12:00:00.000000Z')")
    with pytest.raises(PairingRefused, match="entries are kept under line 7"):
        a.bundles.pairing.remove("7", at=a.start)
    assert names(a.bundles.pairing.all()) == ["B"]


def test_the_command_line_tells_the_number_of_a_line_that_nobody_believes_and_takes_it(two, paired):
    a, _ = two
    paired(two)
    with closing(sqlite3.connect(a.state / "thechip.sqlite3")) as store, store:
        store.execute("INSERT INTO devices SELECT 7, public_key, name, recipient, added_at FROM devices")
    code, said = a("device", "list")
    assert (code, "in the store, and not on record" in said, "device remove it, number 7" in said) == (1, True, True)
    code, said = a("device", "remove", "7", "--yes", "--officer", "canbo")
    assert (code, "Line 7 of the store is gone" in said, "believed as before" in said) == (0, True, True)
    code, said = a("device", "list")
    assert (code, said.endswith("1 appliance\n")) == (0, True)


def test_the_command_line_says_of_whom_a_bundle_is_missing_that_nobody_believes(two, paired):
    a, _ = two
    paired(two)
    a.meet("Mẫu Thị Sen")
    assert a("bundle", "export", "--meeting", "1", "--to", "B", a.stick / "x.bundle")[0] == 0
    with closing(sqlite3.connect(a.state / "thechip.sqlite3")) as store, store:
        store.execute("UPDATE devices SET name = 'Z'")
    code, said = a("bundle", "status")
    assert (code, "MISSING: a bundle of Z" in said, "NOT BELIEVED now: device list" in said) == (1, True, True)
