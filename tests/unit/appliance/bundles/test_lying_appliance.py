"""What a paired appliance signed and is wrong all the same: refused, or kept aside, and our own record stands."""

import copy
from collections import Counter
from operator import methodcaller

import pytest

from appliance.bundles import bundle
from appliance.checkin.officers import Officer
from appliance.errors import (
    ListRefused,
    RuleViolation,
)
from appliance.ledger import EntryKind, Ledger
from appliance.ledger.canonical_json import canonical_json
from appliance.minutes.attendance import AttendanceState
from appliance.storage.devices import Taken


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.header.update(format="thechip-bundle-2"),
        lambda f: f.header.update(meeting_id=0),
        lambda f: f.header.update(clock_trusted=1),
        lambda f: f.header.update(made_at="yesterday"),
        lambda f: f.header.update(made_at="9999-12-31T23:59:59.999999Z"),
        lambda f: f.header["meeting"].update(starts_at="9999-12-31T23:59:59.999999Z"),
        lambda f: f.header["meeting"].update(starts_at="0001-01-01T00:00:00.000000Z"),
        lambda f: f.header.update(more=1),
        lambda f: f.header["meeting"].update(uid="x"),
        lambda f: f.header["meeting"].update(kind="party"),
        lambda f: f.header["meeting"].update(late_after_seconds=10**9),
        lambda f: f.header["meeting"].update(rules_version="nobody-knows-1"),
        lambda f: f.header["meeting"].update(title="\u202e" + "x"),
        lambda f: f.header.update(people={"member:1": {"name": "", "published_list": None, "published_id": None}}),
        lambda f: f.header.update(people={"member:1": {"name": "x", "published_list": 5, "published_id": None}}),
        lambda f: f.header.update(people={"x" * 200: {"name": "x", "published_list": None, "published_id": None}}),
        lambda f: f.entries[0].update(sequence=0),
        lambda f: f.entries[0].update(sequence=-5),
        lambda f: f.entries[1].update(meeting_id=-1),
        lambda f: f.entries[1].update(refers_to="7"),
        lambda f: f.entries[1].update(at="2026-11-03"),
        lambda f: f.entries[1].update(kind=7),
        lambda f: f.entries[0]["body"].update(uid="0" * 32),
        lambda f: f.entries[2]["body"].update(pad="x" * 8192),
        *(
            methodcaller("erases", numbers=numbers)
            for numbers in ([3, 3], [3] * 8_000, [4], [5], [0], [-1], [True], ["3"], 3, None, {"3": 3})
        ),
        methodcaller("erases", numbers=list(range(1, 502)), sequence=1000),
    ],
)
def test_what_no_appliance_writes_is_refused_though_it_is_signed(forgery, change):
    change(forgery)
    forgery.signed().refused(error=ListRefused)


UNREADABLE = (
    {"subject": "member:3", "late": "yes"},
    {"subject": "member:3", "late": True, "lists": {"freshness": "purple"}},
    {"subject": "member:3", "late": True, "lists": []},
    {"subject": "member:3", "late": True, "lists": {"freshness": "green", "age_days": "x"}},
    {"subject": "member:3", "late": True, "lists": {"freshness": "green", "at_least": 1}},
    {"subject": "member:3", "late": True, "arrived_at": "now"},
    {"subject": "member:3", "late": True, "arrived_at": "9999-12-31T23:59:59.999999Z"},
    {"subject": "member:3", "late": True, "arrived_at": "0001-01-01T00:00:00.000000Z"},
    {"subject": "member:3", "place": {"x": [1]}},
    {"subject": "member:3", "place": "x" * 5000},
    {"subject": "member:3", "place": "\u202edoc"},
    {"subject": ["member:3"], "late": False},
    {"subject": "officer:3", "late": False},
    {"subject": "member:99", "late": False},
    {"late": False},
    {},
)
NOTHING_BUT_MORE_THAN_WE_KNOW = (
    {"subject": "member:3", "pad": "x" * 8000},
    {"subject": "member:3", "a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
)


@pytest.mark.parametrize(
    ("body", "becomes"),
    [
        *((body, Taken.UNREADABLE) for body in UNREADABLE),
        *((body, Taken.MIRRORED) for body in NOTHING_BUT_MORE_THAN_WE_KNOW),
    ],
)
def test_a_body_that_no_list_could_be_made_of_is_kept_aside_and_the_list_is_made(forgery, meeting, body, becomes):
    forgery.entries[1]["body"] = body
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert taken[3] is becomes
    list_ = forgery.a.rooms.attendance.attendance_of(meeting.id)
    assert len(list(forgery.a.rooms.attendance.csv_lines(meeting.id))) > len(list_.rows)
    assert [row.name for row in list_.visitors] == ["PHAM VAN KHACH"], "the others' entries count"
    assert forgery.a.rooms.ledger.verify().ok


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"]
)
def test_an_entry_of_a_year_that_no_clock_shows_is_kept_aside_and_the_list_is_made(forgery, meeting, at):
    forgery.entries[1]["at"] = at
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert (taken[3], taken[4]) == (Taken.UNREADABLE, Taken.MIRRORED)
    assert list(forgery.a.rooms.attendance.csv_lines(meeting.id))


def test_many_erasures_are_carried_out_a_few_at_a_time_with_pauses(forgery, meeting, monkeypatch):
    forgery.a.takes(forgery.sealed())
    forgery.entries = [forgery.entries[2]]
    body = {"officer": "x", "erased": list(range(2, 402))}
    forgery.entries[0] |= {"kind": "erasure", "meeting_id": None, "body": body, "sequence": 5000}
    more = copy.deepcopy(forgery.entries[0])
    more["body"]["erased"] = list(range(402, 802))
    forgery.entries.append(more)
    forgery.signed()
    pauses, writes = [], []
    forgery.a.bundles._pause = pauses.append
    writing = forgery.a.rooms.database.writing

    def counted(within=None):
        writes.append(within)
        return writing(within)

    monkeypatch.setattr(forgery.a.rooms.database, "writing", counted)
    forgery.a.takes(forgery.sealed(), take_over=False)
    assert (len(pauses), len([write for write in writes if write is None])) == (1, 3)
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert (taken[3], taken[4]) == (Taken.ERASED, Taken.ERASED)


def test_an_erasure_of_more_than_anybody_has_is_refused(forgery, monkeypatch):
    monkeypatch.setattr(bundle, "MOST_ERASED", 1)
    forgery.erases([2, 3])
    forgery.signed().refused()


def test_a_visitor_without_a_name_breaks_no_list(forgery, meeting):
    del forgery.entries[2]["body"]["name"]
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert forgery.a.rooms.attendance.attendance_of(meeting.id).visitors == ()


def test_a_body_of_the_greatest_length_is_taken_if_it_can_be_and_else_kept_aside(forgery, meeting):
    body = forgery.entries[1]["body"]
    body["pad"] = "x" * (8192 - len(canonical_json({**body, "pad": ""})))
    assert len(canonical_json(body)) == 8192
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert {entry.taken for entry in forgery.a.status.entries(meeting.uid) if entry.kind == "check-in"} == {
        Taken.MIRRORED
    }


def test_an_entry_of_a_kind_of_a_later_release_is_kept_and_counts_nothing(forgery, meeting):
    forgery.entries[1]["kind"] = "levitated"
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    (entry,) = [entry for entry in forgery.a.status.entries(meeting.uid) if entry.kind == "levitated"]
    assert entry.taken is Taken.NOT_NEEDED


@pytest.mark.parametrize("refers_to", [2, 4, 999, 2**53 - 1])
def test_a_correction_of_what_is_not_a_presence_takes_nothing_out(forgery, meeting, refers_to):
    body = {"reason": "x", "recorded_by": "a", "confirmed_by": "b", "subject": "member:3"}
    forgery.a.rooms.tap("A1", minutes=1)
    forgery.entries[2] |= {"kind": "correction", "refers_to": refers_to, "body": body}
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    rows = forgery.a.rooms.attendance.attendance_of(meeting.id).rows
    assert rows[0].state is AttendanceState.PRESENT


@pytest.mark.parametrize("entry_hash", ["00" * 32, None, 5])
def test_hearsay_of_our_own_entries_takes_out_only_the_entry_that_it_means(forgery, meeting, entry_hash):
    """B claims to have our entry 2 from us, by another hash, and corrects it."""
    own = forgery.a.rooms.tap("A1", minutes=1)
    key = forgery.a.card.public_key.hex()
    origin = {"device": key, "sequence": own.sequence, "entry_hash": entry_hash, "name": "A", "at": "x"}
    forgery.entries[1]["body"]["from"] = origin
    body = {"reason": "x", "recorded_by": "a", "confirmed_by": "b", "subject": "member:3"}
    forgery.entries[2] |= {"kind": "correction", "refers_to": 3, "body": body}
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    rows = forgery.a.rooms.attendance.attendance_of(meeting.id).rows
    assert rows[0].state is AttendanceState.PRESENT


def hash_of(door, sequence):
    with door.rooms.database.reading() as reader:
        query = f"SELECT entry_hash FROM ledger_entries WHERE sequence = {sequence:d}"  # noqa: S608 – a number
        return reader.exec_driver_sql(query).scalar().hex()


def from_us(forgery, sequence, number=None):
    """B says that it has our entry from us; ``sequence`` may be what is no number."""
    entry_hash = hash_of(forgery.a, sequence if number is None else number)
    return {"device": forgery.a.card.public_key.hex(), "sequence": sequence, "entry_hash": entry_hash}


CORRECTION = {"reason": "x", "recorded_by": "a", "confirmed_by": "b", "subject": "member:3"}


def test_yes_is_no_number_of_an_entry_and_the_chain_holds(forgery):
    forgery.entries[1]["body"]["from"] = from_us(forgery, True, 1)
    forgery.entries[2] |= {"kind": "correction", "refers_to": 3, "body": CORRECTION}
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert forgery.a.entries(EntryKind.CORRECTION) == []
    assert forgery.a.rooms.ledger.verify().ok


DECLINED = {"reason": "x", "recorded_by": "a"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("declined", {}),
        ("declined", DECLINED),
        ("excuse-withdrawn", DECLINED),
        ("correction", {}),
        ("correction", DECLINED),
        ("correction", {**CORRECTION, "confirmed_by": "A"}),
    ],
)
def test_nobody_over_there_decides_of_our_own_check_in_what_our_officers_could_not(forgery, meeting, kind, body):
    own = forgery.a.rooms.tap("A1", minutes=1)
    forgery.entries[1]["body"]["from"] = from_us(forgery, own.sequence)
    forgery.entries[2] |= {"kind": kind, "refers_to": 3, "body": body}
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert forgery.a.states()["Mẫu Thị Sen"] == "present"
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert taken[4] is Taken.UNREADABLE


def test_a_correction_over_there_is_about_whom_the_entry_here_is_about(forgery, meeting):
    own = forgery.a.rooms.tap("A1", minutes=1)
    forgery.entries[1]["body"]["from"] = from_us(forgery, own.sequence)
    forgery.entries[2] |= {"kind": "correction", "refers_to": 3, "body": CORRECTION}
    again = copy.deepcopy(forgery.entries[2])
    forgery.entries.append(again)
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    (correction,) = forgery.a.entries(EntryKind.CORRECTION)
    assert correction.subject == forgery.a.rooms.ledger.entry(own.sequence).subject
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert (taken[4], taken[5]) == (Taken.MIRRORED, Taken.NOT_NEEDED), "an entry is corrected once"


def test_a_correction_of_an_entry_of_another_meeting_takes_nothing_out(forgery, meeting):
    a = forgery.a
    own = a.rooms.tap("A1", minutes=1)
    a.rooms.meetings.close(meeting.id, at=a.start, officer="an")
    forgery.header["meeting"]["uid"] = "ab" * 16
    forgery.entries[0]["body"]["uid"] = "ab" * 16
    forgery.entries[1]["body"]["from"] = from_us(forgery, own.sequence)
    forgery.entries[2] |= {"kind": "correction", "refers_to": 3, "body": CORRECTION}
    forgery.signed()
    a.takes(forgery.sealed())
    assert a.entries(EntryKind.CORRECTION) == []
    assert a.states(meeting.id)["Mẫu Thị Sen"] == "present"


def test_somebody_elses_check_in_by_hand_decides_no_proposal_of_ours(forgery, meeting):
    a = forgery.a
    proposal = a.rooms.proposals.propose(1, reason="Quên thẻ", by=Officer(1, "an"), at=a.start)
    forgery.entries[1]["body"]["from"] = from_us(forgery, proposal)
    forgery.entries[2] |= {"kind": "check-in-by-hand", "refers_to": 3, "body": {**CORRECTION, "late": False}}
    forgery.signed()
    a.takes(forgery.sealed())
    assert [pending.sequence for pending in a.rooms.proposals.pending(meeting.id)] == [proposal]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("proposed", "visitor:x"),
        ("proposed", "guest:x"),
        ("excused", "visitor:x"),
        ("check-in", "guest:x"),
        ("check-in-by-hand", "visitor:x"),
        ("visit", "member:3"),
        ("guest", "visitor:x"),
        ("visit-by-hand", "visitor:x"),
    ],
)
def test_an_entry_is_about_whom_its_kind_is_about_or_it_is_kept_aside(forgery, meeting, kind, subject):
    forgery.entries[1] |= {"kind": kind, "body": {**CORRECTION, "late": False, "name": "x", "subject": subject}}
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert forgery.a.rooms.proposals.pending(meeting.id) == ()
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert (taken[3], taken[4]) == (Taken.UNREADABLE, Taken.MIRRORED)


def test_a_body_that_leaves_no_room_for_what_our_clock_is_worth_is_put_aside_and_the_others_go_on(forgery, meeting):
    forgery.a.rooms.ledger._is_time_certain = lambda: False
    texts = ("reason", "recorded_by", "confirmed_by", "officer", "place", "origin", "organisation", "invited_by")
    first = forgery.entries.pop(1)
    for length in range(948, 996, 2):  # some of them fit only without "clock"
        body = {**first["body"], **dict.fromkeys(texts, "x" * length)}
        forgery.entries.insert(1, {**first, "body": body})
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    taken = Counter(entry.taken for entry in forgery.a.status.entries(meeting.uid) if entry.kind == "check-in")
    assert set(taken) == {Taken.MIRRORED, Taken.UNREADABLE}
    assert forgery.a.rooms.ledger.verify().ok
    assert [row.name for row in forgery.a.rooms.attendance.attendance_of(meeting.id).visitors] == ["PHAM VAN KHACH"]


def test_what_cannot_be_appended_is_put_aside_and_the_others_go_on(forgery, meeting, monkeypatch):
    append = Ledger.append

    def refusing(self, entry, **how):
        if entry.kind is EntryKind.CHECK_IN:
            msg = "this cannot be recorded"
            raise RuleViolation(msg)
        return append(self, entry, **how)

    monkeypatch.setattr(Ledger, "append", refusing)
    forgery.a.takes(forgery.sealed())
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert (taken[3], taken[4]) == (Taken.UNREADABLE, Taken.MIRRORED)


def test_the_other_meetings_of_that_appliance_are_none_of_ours(doors, forgery, meeting):
    for entry in forgery.entries[1:]:
        entry["meeting_id"] = 77
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert [entry.kind for entry in forgery.a.status.entries(meeting.uid)] == ["meeting-opened"]
    assert forgery.a.rooms.attendance.attendance_of(meeting.id).visitors == ()
