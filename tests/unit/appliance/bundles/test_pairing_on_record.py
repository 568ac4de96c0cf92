"""Who is believed is on record: whoever writes into the store, and has no key of ours, makes nobody believed."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.bundles.device_card import DeviceCard
from appliance.errors import DeviceContradicts, DeviceUnknown, PairingRefused
from appliance.ledger import EntryKind
from appliance.ledger.entry import PublicEntry, commit_to, head_bytes
from appliance.ledger.proven import _about_devices
from appliance.storage.base import utc_text


def tampered(door, *statements, **values):
    """Write into the store as somebody does who has the file, and no key: past triggers and references."""
    with closing(sqlite3.connect(door.rooms.database.path)) as store, store:
        triggers = store.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for statement in (*(f"DROP TRIGGER {name}" for (name,) in triggers), *statements):
            store.execute(statement, values)


def names(devices):
    return [device.name for device in devices]


@pytest.fixture
def stranger(doors, tmp_path):
    """An appliance that nobody added, with a card of its own that says that it is B."""
    a, _ = doors
    rooms = type(a.rooms)(tmp_path / "stranger")
    door = type(a)("B", rooms, a.start)
    door.knows(a)
    yield door
    rooms.database.close()


def bundle_of_stranger(stranger, a):
    stranger.rooms.open_meeting()
    return stranger.bundle(stranger.rooms.meetings.get(1), a)


# --- what the store says alone ----------------------------------------------------------------------------------------


def test_another_key_in_the_line_of_a_paired_appliance_is_believed_by_nobody(doors, meeting, stranger):
    a, b = doors
    tampered(a, "UPDATE devices SET public_key = :key, recipient = :to WHERE id = 1", **key_of(stranger))
    with pytest.raises(DeviceUnknown):
        a.takes(bundle_of_stranger(stranger, a))
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a))
    with pytest.raises(DeviceUnknown):
        a.bundle(meeting, b)
    known = a.bundles.pairing.known()
    assert (known.believed, names(known.not_on_record), names(known.not_in_store)) == ((), ["B"], ["B"])
    assert a.knows(b).id == 1, "its own line is put right"
    known = a.bundles.pairing.known()
    assert (names(known.believed), known.not_on_record, known.not_in_store) == (["B"], (), ())
    assert a.takes(b.bundle(meeting, a)).new == 1


def key_of(door):
    return {"key": door.card.public_key, "to": door.card.recipient}


def test_a_line_that_somebody_put_into_the_store_is_shown_and_not_believed(doors, stranger):
    a, _ = doors
    line = "INSERT INTO devices VALUES (7, :key, 'C', :to, '2026-11-03T12:00:00.000000Z')"
    tampered(a, line, **key_of(stranger))
    with pytest.raises(DeviceUnknown):
        a.takes(bundle_of_stranger(stranger, a))
    known = a.bundles.pairing.known()
    assert (names(known.believed), names(known.not_on_record)) == (["B"], ["C"])
    a.bundles.pairing.remove("C", at=a.start)
    known = a.bundles.pairing.known()
    assert (names(known.believed), names(known.removed), known.not_on_record) == (["B"], ["C"], ())


def test_nothing_is_sealed_to_a_key_of_age_that_the_record_does_not_name(doors, meeting, stranger):
    a, b = doors
    tampered(a, "UPDATE devices SET recipient = :to", to=stranger.card.recipient)
    with pytest.raises(DeviceUnknown):
        a.bundle(meeting, b)


@pytest.mark.parametrize("change", ["name = 'Z'", "id = 9"])
def test_a_line_that_differs_in_anything_from_the_record_is_not_believed(doors, meeting, change):
    a, b = doors
    tampered(a, f"UPDATE devices SET {change}")  # noqa: S608 – this file's own words
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a))


def test_a_line_that_was_taken_away_is_missed_and_comes_back_with_the_card(doors, meeting):
    a, b = doors
    tampered(a, "DELETE FROM devices")
    assert names(a.bundles.pairing.known().not_in_store) == ["B"]
    a.knows(b)
    assert a.takes(b.bundle(meeting, a)).new == 1


# --- an entry that this appliance never signed ------------------------------------------------------------------------


def test_an_entry_signed_with_another_key_makes_nobody_believed_however_well_it_is_chained(doors, stranger):
    a, _ = doors
    forger = Ed25519PrivateKey.generate()
    with a.rooms.database.reading() as reader:
        last = reader.exec_driver_sql("SELECT * FROM ledger_entries ORDER BY sequence DESC LIMIT 1").one()
        body = reader.exec_driver_sql("SELECT sealed FROM ledger_bodies ORDER BY sequence DESC LIMIT 1").scalar()
    number = last.sequence + 1
    public = PublicEntry(
        number, utc_text(a.start), "device-added", None, None, commit_to(bytes(32), b"{}"), last.entry_hash
    )
    signed = public.signed_bytes()
    entry_hash = hashlib.sha256(signed).digest()
    tampered(
        a,
        "INSERT INTO devices VALUES (7, :key, 'C', :to, '2026-11-03T12:00:00.000000Z')",
        "INSERT INTO ledger_entries VALUES (:n, :at, 'device-added', NULL, NULL, :commitment, :before, :hash, :sig)",
        "INSERT INTO ledger_bodies VALUES (:n, :body, NULL)",
        "UPDATE ledger_head SET sequence = :n, entry_hash = :hash, signature = :head",
        **key_of(stranger),
        n=number,
        at=public.at,
        commitment=public.commitment,
        before=last.entry_hash,
        hash=entry_hash,
        sig=forger.sign(signed),
        body=body,
        head=forger.sign(head_bytes(number, entry_hash)),
    )
    with pytest.raises(DeviceUnknown):
        a.takes(bundle_of_stranger(stranger, a))
    assert a.bundles.pairing.all() == ()
    assert not a.rooms.ledger.verify().ok


def test_the_body_of_one_appliances_entry_serves_no_other_ones(doors, meeting, stranger):
    """The entry about B gets the body of another entry, sealed for that one's number."""
    a, b = doors
    tampered(a, "UPDATE ledger_bodies SET sealed = (SELECT sealed FROM ledger_bodies WHERE sequence = 2)")
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a))


# --- what was removed stays removed -----------------------------------------------------------------------------------

ITS_BODY = "sequence = (SELECT sequence FROM ledger_entries WHERE kind = 'device-removed')"
HIDDEN = {
    "its kind is another one": ("UPDATE ledger_entries SET kind = 'refused' WHERE kind = 'device-removed'",),
    "it is of a meeting's kind": (
        "UPDATE ledger_entries SET kind = 'check-in', meeting_id = 1 WHERE kind = 'device-removed'",
    ),
    "it says that it was added": ("UPDATE ledger_entries SET kind = 'device-added' WHERE kind = 'device-removed'",),
    "its body is gone": (f"DELETE FROM ledger_bodies WHERE {ITS_BODY}",),  # noqa: S608 – this file's own words
    "it is gone": (
        f"DELETE FROM ledger_bodies WHERE {ITS_BODY}",  # noqa: S608 – this file's own words
        "DELETE FROM ledger_entries WHERE kind = 'device-removed'",
    ),
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("is_followed_by_a_bundle", [False, True])
def test_a_removal_that_is_hidden_brings_nobody_back(doors, meeting, tmp_path, hidden, is_followed_by_a_bundle):
    a, b = doors
    rooms = type(a.rooms)(tmp_path / "third")
    c = type(a)("C", rooms, a.start)
    a.knows(c)
    c.knows(a)
    a.bundles.pairing.remove("B", at=a.start)
    a.rooms.tap("A1")
    if is_followed_by_a_bundle:
        a.takes(bundle_of_stranger(c, a))
    tampered(a, *hidden)
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a))
    assert "B" not in names(a.bundles.pairing.all())
    rooms.database.close()


def test_a_receipt_that_is_hidden_hides_no_removal_with_it(doors, meeting):
    a, b = doors
    a.takes(b.bundle(meeting, a))
    a.bundles.pairing.remove("B", at=a.start)
    tampered(
        a,
        "UPDATE ledger_entries SET kind = 'refused' WHERE kind IN ('device-removed', 'bundle-received')",
    )
    b.rooms.tap("A2")
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a, minutes=1))


def test_after_a_damage_nobody_is_believed_until_added_anew_and_then_only_who_was(doors, meeting, tmp_path):
    a, b = doors
    rooms = type(a.rooms)(tmp_path / "third")
    c = type(a)("C", rooms, a.start)
    a.knows(c)
    c.knows(a)
    a.rooms.tap("A1")
    tampered(a, "UPDATE ledger_entries SET meeting_id = 9 WHERE sequence = (SELECT max(sequence) FROM ledger_entries)")
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a))
    a.knows(b)
    assert a.takes(b.bundle(meeting, a)).new == 1
    known = a.bundles.pairing.known()
    assert (names(known.believed), names(known.not_on_record)) == (["B"], ["C"])
    rooms.database.close()


# --- alarms -----------------------------------------------------------------------------------------------------------


def test_nobody_settles_an_alarm_by_writing_into_the_store(doors, forgery):
    a, _ = doors
    a.takes(forgery.sealed())
    forgery.entries[1]["body"]["late"] = True
    with pytest.raises(DeviceContradicts):
        a.takes(forgery.signed().sealed())
    a.rooms.tap("A1")
    which = "WHERE sequence = (SELECT max(sequence) FROM ledger_entries)"
    alarm = a.entries(EntryKind.BUNDLE_REFUSED)[0].sequence
    tampered(
        a,
        f"UPDATE ledger_entries SET kind = 'device-settled', refers_to = {alarm}, meeting_id = NULL {which}",  # noqa: S608 – a number
        "DELETE FROM device_alarms",
    )
    assert [one.settlement for one in a.bundles.alarms.all()] == [None]


def test_an_alarm_that_was_taken_off_the_record_comes_back_with_the_bundle(doors, forgery):
    a, b = doors
    a.takes(forgery.sealed())
    forgery.entries[1]["body"]["late"] = True
    bundle = forgery.signed().sealed()
    with pytest.raises(DeviceContradicts):
        a.takes(bundle)
    tampered(a, "UPDATE ledger_entries SET kind = 'refused' WHERE kind = 'bundle-refused'")
    assert a.bundles.alarms.all() == ()
    with pytest.raises(DeviceUnknown):
        a.takes(bundle)
    a.knows(b)
    with pytest.raises(DeviceContradicts):
        a.takes(bundle)
    assert len(a.bundles.alarms.all()) == 1


# --- removed, and added again -----------------------------------------------------------------------------------------


def test_from_a_removed_appliance_nothing_is_taken_and_what_it_recorded_stays(doors, meeting):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    a.takes(b.bundle(meeting, a))
    a.bundles.pairing.remove("B", at=a.start + timedelta(minutes=2))
    b.rooms.tap("A3", minutes=3)
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a, minutes=3))
    with pytest.raises(DeviceUnknown):
        a.bundle(meeting, b)
    assert a.states()["Mẫu Văn Tre"] == "present"
    (status,) = a.status.of_devices(meeting.uid)
    assert (status.device.name, status.is_believed, len(status.bundles)) == ("B", False, 1)
    assert {entry.device for entry in a.status.entries(meeting.uid)} == {"B"}
    assert a.bundles.awaited() == (), "nobody waits for it"
    assert a.rooms.ledger.verify().ok


def test_what_an_unknown_person_did_there_can_be_told_after_the_removal(doors, meeting):
    a, b = doors
    b.rooms.member("Mẫu Thị Huệ", "A7")
    b.rooms.tap("A7")
    a.takes(b.bundle(meeting, a))
    a.bundles.pairing.remove("B", at=a.start)
    a.rooms.member("Mẫu Thị Huệ", "A7")
    a.bundles.take_over(at=a.start)
    assert a.states()["Mẫu Thị Huệ"] == "present"


def test_an_appliance_that_is_added_again_goes_on_in_its_own_line(doors, meeting):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    a.takes(b.bundle(meeting, a))
    a.bundles.pairing.remove("B", at=a.start)
    assert a.knows(b).id == 1
    b.rooms.tap("A3", minutes=3)
    assert a.takes(b.bundle(meeting, a, minutes=3)).new == 1
    kinds = [entry.kind for entry in a.entries() if str(entry.kind).startswith("device-")]
    assert kinds == [EntryKind.DEVICE_ADDED, EntryKind.DEVICE_REMOVED, EntryKind.DEVICE_ADDED]


def test_the_name_of_a_removed_appliance_may_be_given_to_its_successor(doors, meeting, stranger):
    a, b = doors
    with pytest.raises(PairingRefused):
        a.knows(stranger)
    a.bundles.pairing.remove("B", at=a.start)
    assert a.knows(stranger).id == 2
    known = a.bundles.pairing.known()
    assert (names(known.believed), names(known.removed)) == (["B"], ["B"])
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a))


def test_of_two_that_have_one_name_the_fingerprint_tells_which_is_meant(doors, stranger):
    a, b = doors
    tampered(a, "INSERT INTO devices VALUES (7, :key, 'B', :to, '2026-11-03T12:00:00.000000Z')", **key_of(stranger))
    with pytest.raises(PairingRefused, match="2 appliances"):
        a.bundles.pairing.remove("B", at=a.start)
    removed = a.bundles.pairing.remove(stranger.card.fingerprint[:17], at=a.start)
    assert (removed.id, names(a.bundles.pairing.all())) == (7, ["B"])
    for nobody in ("C", b.card.fingerprint[:4], ""):
        with pytest.raises(DeviceUnknown):
            a.bundles.pairing.remove(nobody, at=a.start)


def test_the_same_card_again_leaves_no_entry(doors):
    a, b = doors
    before = a.rooms.ledger.verify().entries
    assert a.knows(b).card == b.card
    assert a.rooms.ledger.verify().entries == before


def test_an_entry_of_pairing_names_no_person_and_holds_the_whole_card(doors):
    a, b = doors
    (entry,) = a.entries(EntryKind.DEVICE_ADDED)
    assert DeviceCard(entry.body["name"], bytes.fromhex(entry.body["device"]), entry.body["recipient"]) == b.card
    assert (set(entry.body), entry.subject) == ({"number", "name", "device", "recipient", "previous"}, None)


def test_the_entries_about_other_appliances_are_found_by_their_index(doors):
    a, _ = doors
    query = _about_devices([EntryKind.DEVICE_ADDED, EntryKind.DEVICE_REMOVED])
    with a.rooms.database.reading() as reader:
        compiled = query.compile(reader.engine, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in reader.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    assert any("ix_ledger_entries_about_devices" in line for line in plan)
    assert not any("SCAN" in line for line in plan)


def test_after_a_bundle_only_what_followed_it_is_read(doors, meeting):
    """Every tap before it is behind the receipt, which says itself who was believed."""
    a, b = doors
    a.rooms.tap("A1", minutes=1)
    a.takes(b.bundle(meeting, a))
    tampered(a, "UPDATE ledger_entries SET at = '2026-11-03T12:00:01.000000Z' WHERE kind = 'check-in'")
    b.rooms.tap("A2")
    assert a.takes(b.bundle(meeting, a, minutes=1)).new == 1
    assert not a.rooms.ledger.verify().ok, "which a verification finds"
