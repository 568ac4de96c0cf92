"""A removal stays on record, whatever index, trigger or shorter ledger somebody puts there who has the store alone."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from appliance.bundles.envelope import open_bundle
from appliance.errors import DeviceUnknown, LedgerDamaged, PairingRefused
from appliance.ledger import Ledger
from tests.unit.appliance.bundles.test_pairing_on_record import names, tampered

INDEX = "ix_ledger_entries_about_devices"
KINDS = "('bundle-received', 'bundle-refused', 'device-added', 'device-removed', 'device-settled')"


def hide_from_the_index(door, which):
    """Make the index over the entries about appliances anew without some, and let the schema say that it has all."""
    with closing(sqlite3.connect(door.rooms.database.path)) as store:
        store.isolation_level = None
        (text,) = store.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (INDEX,)).fetchone()
        store.execute("BEGIN")
        store.execute(f"DROP INDEX {INDEX}")
        store.execute(f"CREATE INDEX {INDEX} ON ledger_entries (kind) WHERE kind IN {KINDS} AND NOT ({which})")
        store.execute("PRAGMA writable_schema = ON")
        store.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (text, INDEX))
        store.execute("COMMIT")
    door.rooms.database.close()


def removed_after_a_bundle(a, b, meeting):
    b.rooms.tap("A2", minutes=1)
    a.takes(b.bundle(meeting, a))
    a.bundles.pairing.remove("B", at=a.start + timedelta(minutes=2))
    a.rooms.tap("A1", minutes=2)
    b.rooms.tap("A3", minutes=3)


@pytest.mark.parametrize(
    "which",
    ["sequence = {removal}", "kind = 'bundle-received' OR sequence = {removal}"],
    ids=["alone", "with receipts"],
)
def test_a_removal_that_an_index_hides_brings_nobody_back(doors, meeting, which):
    a, b = doors
    removed_after_a_bundle(a, b, meeting)
    hide_from_the_index(a, which.format(removal=a.entries("device-removed")[0].sequence))
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a, minutes=4))
    assert a.bundles.pairing.all() == ()
    assert a.states()["Mẫu Thị Cúc"] == "absent"
    assert a.rooms.ledger.verify().reason == "store-damaged"


def test_a_removal_in_the_midst_of_a_bundle_counts_though_an_index_hides_it(doors, meeting):
    """The record of pairing was read before; what came after it is followed in the table, not in the index."""
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    bundle = b.bundle(meeting, a)
    bundles, keep = a.bundles, a.bundles._keep

    def keep_later(receipt, paired):
        bundles.pairing.remove("B", at=a.start)
        hide_from_the_index(a, "kind = 'device-removed'")
        return keep(receipt, paired)

    bundles._keep = keep_later
    with pytest.raises(DeviceUnknown):
        a.takes(bundle)
    assert a.states()["Mẫu Văn Tre"] == "absent"


AFTERWARDS = (
    "CREATE TRIGGER t AFTER UPDATE ON ledger_head"
    " WHEN (SELECT kind FROM ledger_entries ORDER BY sequence DESC LIMIT 1) = 'device-removed' BEGIN"
)
IS_NOT_THERE = "NOT EXISTS (SELECT 1 FROM ledger_entries WHERE sequence = NEW.sequence)"
TRIGGERS = {
    "swallow it": (
        "CREATE TRIGGER t1 BEFORE INSERT ON ledger_entries WHEN NEW.kind = 'device-removed' BEGIN {ignore} END",
        f"CREATE TRIGGER t2 BEFORE INSERT ON ledger_bodies WHEN {IS_NOT_THERE} BEGIN {{ignore}} END",
        f"CREATE TRIGGER t3 BEFORE UPDATE ON ledger_head WHEN {IS_NOT_THERE} BEGIN {{ignore}} END",
    ),
    "take it away again": (
        "{afterwards} DELETE FROM ledger_bodies WHERE sequence = NEW.sequence;"
        " DELETE FROM ledger_entries WHERE sequence = NEW.sequence;"
        " UPDATE ledger_head SET sequence = OLD.sequence, entry_hash = OLD.entry_hash, signature = OLD.signature; END",
    ),
    "call it another": ("{afterwards} UPDATE ledger_entries SET kind = 'refused' WHERE sequence = NEW.sequence; END",),
}


@pytest.mark.parametrize("triggers", TRIGGERS.values(), ids=TRIGGERS)
def test_a_removal_that_the_store_does_not_keep_is_not_said_to_be_done(doors, triggers):
    a, _ = doors
    words = {"afterwards": AFTERWARDS, "ignore": "SELECT RAISE(IGNORE);"}
    tampered(a, *(trigger.format(**words) for trigger in triggers))
    with pytest.raises(LedgerDamaged, match="does not keep what is recorded"):
        a.bundles.pairing.remove("B", at=a.start)


# --- a shorter ledger, up to a head that another appliance got in a bundle --------------------------------------------


def head_in(bundle, door):
    """Return number, hash and signature of the head with which a bundle ends."""
    head = json.loads(open_bundle(bundle, door.bundles._identity().secret).splitlines()[-1])["head"]
    return head["sequence"], bytes.fromhex(head["entry_hash"]), bytes.fromhex(head["signature"])


def cut_off(door, head):
    number, entry_hash, signature = head
    tampered(
        door,
        "DELETE FROM ledger_bodies WHERE sequence > :n",
        "DELETE FROM ledger_entries WHERE sequence > :n",
        "UPDATE ledger_head SET sequence = :n, entry_hash = :hash, signature = :signature",
        n=number,
        hash=entry_hash,
        signature=signature,
    )


@pytest.fixture
def cut(doors, meeting):
    """A gave its bundle to B, removed B, and lost all that came after that bundle, in its store but not beside it."""
    a, b = doors
    a.rooms.tap("A1", minutes=1)
    head = head_in(a.bundle(meeting, b, minutes=2), b)
    a.bundles.pairing.remove("B", at=a.start + timedelta(minutes=3))
    b.rooms.tap("A3", minutes=4)
    cut_off(a, head)
    return head[0]


@pytest.mark.parametrize("taps", [0, 1, 2, 40], ids="{} more entries".format)
def test_a_ledger_cut_off_before_a_removal_brings_nobody_back(doors, meeting, cut, taps):
    a, b = doors
    for number in range(taps):
        a.rooms.tap(f"X{number}", minutes=5)
    with pytest.raises(DeviceUnknown):
        a.takes(b.bundle(meeting, a, minutes=6))
    assert a.states()["Mẫu Thị Cúc"] == "absent"


def test_the_checkpoint_that_saw_more_is_kept_and_logged_however_the_ledger_goes_on(doors, cut, caplog):
    a, _ = doors
    for number in range(40):
        a.rooms.tap(f"X{number}", minutes=5)
    another = Ledger(a.rooms.database, a.rooms.keys)  # of another process
    another.checkpoint()
    verdict = another.verify()
    assert (verdict.reason, verdict.first_bad) == ("rolled-back", cut + 1)
    assert "the checkpoint is kept" in verdict.sentence
    assert caplog.text.count("not the one that its checkpoint saw") == 2


def test_the_lost_entries_put_back_for_a_moment_do_not_have_the_checkpoint_replaced(doors, meeting):
    """The entry that the checkpoint saw, without the chain that follows from it, is not the ledger that it saw."""
    a, b = doors
    head = head_in(a.bundle(meeting, b), b)
    a.bundles.pairing.remove("B", at=a.start)
    with a.rooms.database.reading() as reader:
        lost = reader.exec_driver_sql("SELECT * FROM ledger_entries ORDER BY sequence DESC LIMIT 1").one()
    cut_off(a, head)
    a.rooms.tap("A1", minutes=1)
    a.rooms.tap("A2", minutes=2)
    assert lost.sequence == head[0] + 1
    tampered(
        a,
        "UPDATE ledger_entries SET at = :at, kind = :kind, meeting_id = :meeting_id, commitment = :commitment,"
        " entry_hash = :entry_hash, signature = :signature WHERE sequence = :sequence",
        **lost._mapping,
    )
    before = (a.rooms.state / "ledger.checkpoint").read_bytes()
    Ledger(a.rooms.database, a.rooms.keys).checkpoint()
    assert (a.rooms.state / "ledger.checkpoint").read_bytes() == before


def test_nobody_is_added_to_a_ledger_that_ends_before_its_checkpoint(doors, cut):
    a, b = doors
    with pytest.raises(PairingRefused, match="run ledger verify"):
        a.knows(b)
    (a.rooms.state / "ledger.checkpoint").unlink()  # an officer found out what happened
    a.knows(b)
    assert names(a.bundles.pairing.all()) == ["B"]


def test_a_checkpoint_that_another_process_wrote_meanwhile_makes_nobody_unknown(doors, meeting):
    a, b = doors
    b.rooms.tap("A2", minutes=1)
    prover, vouched = a.bundles.pairing.prover, type(a.bundles.pairing.prover).vouched

    def then_tapped(self):
        before = vouched(self)
        a.rooms.tap("A1", minutes=1)
        a.rooms.ledger.checkpoint()
        return before

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(prover), "vouched", then_tapped)
        assert names(a.bundles.pairing.all()) == ["B"]
    assert a.takes(b.bundle(meeting, a)).new == 2
