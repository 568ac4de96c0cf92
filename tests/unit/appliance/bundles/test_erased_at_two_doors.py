"""Who was erased on one of two appliances, and what of a bundle lies anywhere: nothing that tells of them."""

import pytest

from appliance.errors import BundleNotForUs
from appliance.ledger import EntryKind
from appliance.storage.devices import Taken

TRE = "Mẫu Văn Tre"


def test_who_is_erased_here_is_erased_from_what_the_others_recorded(doors, meeting):
    a, b = doors
    b.rooms.tap("A2")
    bundle = b.bundle(meeting, a)
    a.takes(bundle)
    a.rooms.erasure.erase_member(2, at=a.start, officer="an")
    content = b"".join(path.read_bytes() for path in a.rooms.state.glob("thechip.sqlite3*"))
    assert [e.body for e in a.entries(EntryKind.CHECK_IN)] == [None]
    (row,) = [entry for entry in a.status.entries(meeting.uid) if entry.kind == "check-in"]
    assert row.taken is Taken.ERASED
    assert TRE.encode() not in content
    a.takes(bundle)
    a.takes(b.bundle(meeting, a, minutes=3))
    assert [entry.taken for entry in a.status.entries(meeting.uid) if entry.kind == "check-in"] == [Taken.ERASED]
    with a.rooms.database.reading() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM foreign_people").scalar() == 0
    assert a.rooms.ledger.verify().ok


def test_who_is_erased_there_is_erased_from_what_came_from_there(doors, meeting):
    a, b = doors
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a))
    member = next(m for m in b.rooms.roster.members() if m.name == TRE)
    b.rooms.erasure.erase_member(member.id, at=b.start, officer="bình")
    a.takes(b.bundle(meeting, a, minutes=3))
    (mirrored,) = a.entries(EntryKind.CHECK_IN)
    assert mirrored.body is None
    assert a.rooms.ledger.verify().ok


def sealed_in(door, query):
    """Return in which files of the store the first bytes lie of what a query finds sealed: before, and now."""
    with door.rooms.database.reading() as reader:
        found = [sealed[:64] for sealed in reader.exec_driver_sql(query).scalars() if sealed is not None]

    def lie_in():
        content = {path.name: path.read_bytes() for path in door.rooms.state.glob("thechip.sqlite3*")}
        return {name for name, text in content.items() for sealed in found if sealed in text}

    return lie_in


def test_of_who_is_erased_there_no_file_of_the_store_keeps_a_copy(doors, meeting):
    a, b = doors
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a))
    theirs = sealed_in(a, "SELECT sealed FROM foreign_entries WHERE kind = 'check-in'")
    ours = sealed_in(a, "SELECT sealed FROM ledger_bodies JOIN ledger_entries USING (sequence) WHERE kind = 'check-in'")
    assert (bool(theirs()), bool(ours())) == (True, True)
    b.rooms.erasure.erase_member(b.rooms.roster.find_by_identifier("A2").id, at=b.start, officer="bình")
    a.takes(b.bundle(meeting, a, minutes=3), minutes=3)
    assert (theirs(), ours()) == (set(), set())


def test_of_what_came_back_as_hearsay_no_file_of_the_store_keeps_more_than_whose_it_is(doors, meeting):
    a, b = doors
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a))
    b.takes(a.bundle(meeting, b), take_over=False)
    theirs = sealed_in(b, "SELECT sealed FROM foreign_entries WHERE kind = 'check-in'")
    assert theirs()
    b.bundles.take_over(at=b.start)
    assert theirs() == set()


def test_who_was_erased_there_is_not_brought_back_by_an_older_bundle_that_comes_later(doors, meeting):
    a, b = doors
    b.rooms.tap("Z9")
    older = b.bundle(meeting, a)
    last = b.rooms.ledger.verify().entries
    b.rooms.ledger.erase(b.entries(EntryKind.VISIT)[0].subject, at=b.start, officer="bình")
    a.takes(b.bundle(meeting, a, since=last))
    a.takes(older)
    a.takes(b.bundle(meeting, a, minutes=3))
    assert a.rooms.attendance.attendance_of(meeting.id).visitors == ()
    assert [entry.taken for entry in a.status.entries(meeting.uid) if entry.kind == "visit"] == [Taken.ERASED]
    with a.rooms.database.reading() as reader:
        query = "SELECT count(*) FROM foreign_entries WHERE kind = 'visit' AND sealed IS NOT NULL"
        assert reader.exec_driver_sql(query).scalar() == 0


def test_nothing_of_a_bundle_lies_in_plain(doors, meeting):
    a, b = doors
    b.rooms.member("Mẫu Thị Huệ Hương", "A7")
    b.rooms.tap("A7")
    bundle = b.bundle(meeting, a)
    a.takes(bundle)
    content = bundle + b"".join(path.read_bytes() for path in a.rooms.state.glob("thechip.sqlite3*"))
    assert ("Huệ Hương".encode() in content, b"Hu\\u1ec7 H\\u01b0" in content) == (False, False)


def test_a_bundle_for_another_appliance_opens_nowhere_else(doors, meeting):
    a, b = doors
    bundle = a.bundle(meeting, b)
    with pytest.raises(BundleNotForUs):
        a.takes(bundle)
