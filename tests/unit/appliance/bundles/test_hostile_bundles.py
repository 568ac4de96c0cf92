"""Bundles that are altered, forged, replayed, or of somebody whom nobody paired: refused, and nothing has changed."""

import copy
import hashlib
import json
import tracemalloc
from collections import Counter
from datetime import timedelta
from functools import partial

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.bundles import adopting, bundle, envelope
from appliance.bundles.bundle import DOMAIN
from appliance.bundles.envelope import LONGEST_SEALED, open_bundle
from appliance.bundles.service import BundleService
from appliance.checkin.officers import Officer
from appliance.errors import (
    BundleNotForUs,
    BundleRefused,
    DeviceContradicts,
    DeviceUnknown,
    ListRefused,
    RuleViolation,
)
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.canonical_json import canonical_json
from appliance.ledger.entry import commit_to, head_bytes
from appliance.lists.identity import RosterIdentity
from appliance.minutes.attendance import AttendanceState
from appliance.storage.devices import Taken


class Forgery:
    """A bundle of B's, out of its envelope, to be altered and sealed to A again; B's key signs where it is told to."""

    def __init__(self, doors, meeting):
        self.a, self.b = doors
        content = open_bundle(self.b.bundle(meeting, self.a), self.a.bundles._identity().secret)
        header, *lines = [json.loads(line) for line in content.splitlines()]
        self.header, self.entries, self.head = header, lines[:-1], lines[-1]
        self.key = self.b.rooms.keys.device

    def erases(self, numbers, sequence=None):
        """Let the last entry be an erasure."""
        self.entries[2] |= {"kind": "erasure", "meeting_id": None, "body": {"officer": "x", "erased": numbers}}
        if sequence is not None:
            self.entries = self.entries[2:]
            self.entries[0]["sequence"] = sequence

    def signed(self):
        """Sign the header and every entry anew, chained, and the head: what only the appliance itself can do."""
        self.header.pop("signature", None)
        self.header["signature"] = self.key.sign(DOMAIN + canonical_json(self.header)).hex()
        before = None
        for entry in self.entries:
            if before is not None:
                entry |= {"previous_hash": before["entry_hash"], "sequence": before["sequence"] + 1}
            self.sign(entry)
            before = entry
        head = head_bytes(before["sequence"], bytes.fromhex(before["entry_hash"]))
        self.head = {
            "head": {
                "sequence": before["sequence"],
                "entry_hash": before["entry_hash"],
                "signature": self.key.sign(head).hex(),
            }
        }
        return self

    def sign(self, entry):
        if "body" in entry:
            entry["commitment"] = commit_to(bytes.fromhex(entry["salt"]), canonical_json(entry["body"])).hex()
        names = ("at", "commitment", "kind", "meeting_id", "previous_hash", "refers_to", "sequence")
        message = b"thechip ledger entry 1\n" + canonical_json({name: entry[name] for name in names})
        entry["entry_hash"] = hashlib.sha256(message).hexdigest()
        entry["signature"] = self.key.sign(message).hex()

    def sealed(self, *lines):
        content = (
            b"\n".join(lines or [canonical_json(line) for line in (self.header, *self.entries, self.head)]) + b"\n"
        )
        recipient = pyrage.x25519.Recipient.from_str(self.a.card.recipient)
        return pyrage.encrypt(content, [recipient])

    def refused(self, *lines, error=BundleRefused):
        before = self.state()
        with pytest.raises(error) as caught:
            self.a.takes(self.sealed(*lines))
        assert self.state() == before, "nothing of it is kept"
        assert "Mẫu" not in str(caught.value), "no sentence names a person"
        return caught.value

    def state(self):
        with self.a.rooms.database.reading() as reader:
            tables = ("foreign_entries", "received_bundles", "foreign_people", "ledger_entries", "meetings")
            counts = (f"SELECT count(*) FROM {table}" for table in tables)  # noqa: S608 – their names are this file's own
            return [reader.exec_driver_sql(count).scalar() for count in counts]


@pytest.fixture
def forgery(doors, meeting):
    _, b = doors
    b.rooms.tap("A2", minutes=1)
    b.rooms.tap("Z9", minutes=2)
    return Forgery(doors, meeting)


def test_what_the_forgery_makes_is_taken_where_nothing_was_forged(forgery):
    assert forgery.a.takes(forgery.sealed()).new == 3


# --- not a bundle -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"null",
        b"[" * 5_000,
        b'{"a":' * 5_000,
        b'{"format":"thechip-bundle-1"}',
        b'{"n":' + b"9" * 5_000 + b"}",
        b'{"n":1e999}',
        b'{"n":0.5}',
        b'{"a":1,"a":1}',
        b'{"a":"\\ud800"}',
        b"\xff\xfe",
        b"[]" * 1_000_000,
    ],
)
def test_lines_that_are_no_header_are_refused(forgery, line):
    forgery.refused(line)


@pytest.mark.parametrize(
    "content", [b"", b"x" * 100, b"age-encryption.org/v1\n", b"age-encryption.org/v1\n" + b"-> X25519 a\nb\n" * 9_000]
)
def test_what_is_no_envelope_is_refused(forgery, content):
    with pytest.raises(BundleRefused):
        forgery.a.takes(content)


def test_a_bundle_that_is_too_long_is_not_even_opened(forgery):
    with pytest.raises(BundleRefused, match="longer than"):
        forgery.a.takes(b"age-encryption.org/v1\n" + bytes(LONGEST_SEALED))


def test_nobody_makes_a_bundle_that_nobody_takes(doors, meeting, monkeypatch):
    a, b = doors
    monkeypatch.setattr(envelope, "LONGEST_SEALED", 500)
    with pytest.raises(BundleRefused, match="since a later entry"):
        b.bundle(meeting, a)


def test_a_flipped_bit_is_found_wherever_it_is(forgery):
    bundle = forgery.sealed()
    for position in range(30, len(bundle), len(bundle) // 25):
        altered = bytearray(bundle)
        altered[position] ^= 1
        with pytest.raises(BundleRefused):
            forgery.a.takes(bytes(altered))


def test_a_bundle_that_was_cut_off_is_refused(forgery):
    bundle = forgery.sealed()
    for length in range(0, len(bundle), len(bundle) // 12):
        with pytest.raises(BundleRefused):
            forgery.a.takes(bundle[:length])


# --- not signed by whom it says ---------------------------------------------------------------------------------------


def test_the_bundle_of_a_stranger_is_refused_with_a_sentence(forgery):
    forgery.key = Ed25519PrivateKey.generate()
    forgery.header["device"] = forgery.key.public_key().public_bytes_raw().hex()
    assert "never paired" in str(forgery.signed().refused(error=DeviceUnknown))


def test_a_stranger_who_names_a_paired_appliance_is_refused(forgery):
    forgery.key = Ed25519PrivateKey.generate()
    forgery.signed().refused()


def test_the_own_bundle_does_not_come_back(doors, meeting, forgery):
    forgery.key = forgery.a.rooms.keys.device
    forgery.header["device"] = forgery.key.public_key().public_bytes_raw().hex()
    forgery.signed().refused(error=DeviceUnknown)


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.header.update(meeting_id=99),
        lambda f: f.header.update(made_at="2030-01-01T00:00:00.000000Z"),
        lambda f: f.header["meeting"].update(title="Cuộc họp khác"),
        lambda f: f.header["people"].clear(),
        lambda f: f.entries[1].update(at="2026-11-03T11:00:00.000000Z"),
        lambda f: f.entries[1].update(sequence=7),
        lambda f: f.entries[1]["body"].update(late=True),
        lambda f: f.entries[1]["body"].update(subject="member:1"),
        lambda f: f.entries[1].update(salt="00" * 32),
        lambda f: f.entries[1].update(signature="00" * 64),
        lambda f: f.entries[1].update(entry_hash="00" * 32),
        lambda f: f.entries[1].update(note="x"),
        lambda f: f.entries.pop(1),
        lambda f: f.entries.pop(-1),
        lambda f: f.entries.insert(1, f.entries[1]),
        lambda f: f.entries.reverse(),
        lambda f: f.head["head"].update(sequence=9),
        lambda f: f.head.update(head={}),
    ],
)
def test_whatever_is_altered_after_it_was_signed_is_refused(forgery, change):
    change(forgery)
    forgery.refused()


# --- signed by a paired appliance, and wrong all the same -----------------------------------------------------------


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
            partial(Forgery.erases, numbers=numbers)
            for numbers in ([2, 2], [2] * 8_000, [3], [4], [0], [-1], [True], ["2"], 2, None, {"2": 2})
        ),
        partial(Forgery.erases, numbers=list(range(1, 502)), sequence=1000),
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
    assert taken[2] is becomes
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
    assert (taken[2], taken[3]) == (Taken.UNREADABLE, Taken.MIRRORED)
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
    assert (taken[2], taken[3]) == (Taken.ERASED, Taken.ERASED)


def test_an_erasure_of_more_than_anybody_has_is_refused(forgery, monkeypatch):
    monkeypatch.setattr(bundle, "MOST_ERASED", 1)
    forgery.erases([1, 2])
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


@pytest.mark.parametrize("refers_to", [1, 3, 999, 2**53 - 1])
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
    forgery.entries[2] |= {"kind": "correction", "refers_to": 2, "body": body}
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
    forgery.entries[2] |= {"kind": "correction", "refers_to": 2, "body": CORRECTION}
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
    forgery.entries[2] |= {"kind": kind, "refers_to": 2, "body": body}
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert forgery.a.states()["Mẫu Thị Sen"] == "present"
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert taken[3] is Taken.UNREADABLE


def test_a_correction_over_there_is_about_whom_the_entry_here_is_about(forgery, meeting):
    own = forgery.a.rooms.tap("A1", minutes=1)
    forgery.entries[1]["body"]["from"] = from_us(forgery, own.sequence)
    forgery.entries[2] |= {"kind": "correction", "refers_to": 2, "body": CORRECTION}
    again = copy.deepcopy(forgery.entries[2])
    forgery.entries.append(again)
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    (correction,) = forgery.a.entries(EntryKind.CORRECTION)
    assert correction.subject == forgery.a.rooms.ledger.entry(own.sequence).subject
    taken = {entry.sequence: entry.taken for entry in forgery.a.status.entries(meeting.uid)}
    assert (taken[3], taken[4]) == (Taken.MIRRORED, Taken.NOT_NEEDED), "an entry is corrected once"


def test_a_correction_of_an_entry_of_another_meeting_takes_nothing_out(forgery, meeting):
    a = forgery.a
    own = a.rooms.tap("A1", minutes=1)
    a.rooms.meetings.close(meeting.id, at=a.start, officer="an")
    forgery.header["meeting"]["uid"] = "ab" * 16
    forgery.entries[0]["body"]["uid"] = "ab" * 16
    forgery.entries[1]["body"]["from"] = from_us(forgery, own.sequence)
    forgery.entries[2] |= {"kind": "correction", "refers_to": 2, "body": CORRECTION}
    forgery.signed()
    a.takes(forgery.sealed())
    assert a.entries(EntryKind.CORRECTION) == []
    assert a.states(meeting.id)["Mẫu Thị Sen"] == "present"


def test_somebody_elses_check_in_by_hand_decides_no_proposal_of_ours(forgery, meeting):
    a = forgery.a
    proposal = a.rooms.proposals.propose(1, reason="Quên thẻ", by=Officer(1, "an"), at=a.start)
    forgery.entries[1]["body"]["from"] = from_us(forgery, proposal)
    forgery.entries[2] |= {"kind": "check-in-by-hand", "refers_to": 2, "body": {**CORRECTION, "late": False}}
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
    assert (taken[2], taken[3]) == (Taken.UNREADABLE, Taken.MIRRORED)


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
    assert (taken[2], taken[3]) == (Taken.UNREADABLE, Taken.MIRRORED)


def test_the_other_meetings_of_that_appliance_are_none_of_ours(doors, forgery, meeting):
    for entry in forgery.entries[1:]:
        entry["meeting_id"] = 77
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert [entry.kind for entry in forgery.a.status.entries(meeting.uid)] == ["meeting-opened"]
    assert forgery.a.rooms.attendance.attendance_of(meeting.id).visitors == ()


# --- too many, too long -----------------------------------------------------------------------------------------------


def test_of_a_strangers_bundle_nothing_but_the_header_is_looked_at(forgery):
    forgery.key = Ed25519PrivateKey.generate()
    forgery.header["device"] = forgery.key.public_key().public_bytes_raw().hex()
    forgery.signed()
    sealed = forgery.sealed(canonical_json(forgery.header) + b"\n" * 8_000_000)
    tracemalloc.start()
    with pytest.raises(DeviceUnknown):
        forgery.a.takes(sealed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(sealed), "8 million lines would be 264 million bytes"


def test_more_lines_than_any_bundle_has_are_refused(forgery):
    forgery.signed()
    refused = forgery.refused(canonical_json(forgery.header) + b"\n" * 50_000)
    assert "more than 40000 lines" in str(refused)


def test_a_header_longer_than_any_is_refused(forgery):
    refused = forgery.refused(b"{" + b" " * 5_000_000)
    assert "header" in str(refused)


def test_a_bundle_that_contradicts_adds_no_meeting(forgery):
    forgery.a.takes(forgery.sealed())
    before = len(forgery.a.rooms.meetings.all())
    forgery.header["meeting"]["uid"] = "ab" * 16
    forgery.entries[0] |= {"kind": "refused", "body": {"reason": "x"}}
    forgery.signed()
    with pytest.raises(DeviceContradicts):
        forgery.a.takes(forgery.sealed())
    assert len(forgery.a.rooms.meetings.all()) == before


def test_no_appliance_brings_meetings_without_end(forgery, monkeypatch):
    monkeypatch.setattr(adopting, "MOST_ADOPTED", 2)
    a = forgery.a

    def brings(number, days=0):
        forgery.header["meeting"]["uid"] = f"{number:032x}"
        forgery.entries = []
        header = {name: value for name, value in forgery.header.items() if name != "signature"}
        header["signature"] = forgery.key.sign(DOMAIN + canonical_json(header)).hex()
        a.takes(forgery.sealed(canonical_json(header)), minutes=days * 24 * 60)

    brings(1)
    brings(2)
    with pytest.raises(BundleRefused, match="brought 2 meetings"):
        brings(3)
    assert len(a.rooms.meetings.all()) == 3
    brings(2)
    brings(3, days=31)
    assert len(a.rooms.meetings.all()) == 4


# --- replays, and two entries of one number ---------------------------------------------------------------------------


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
    with pytest.raises(DeviceContradicts, match="signed two different entries 3"):
        a.takes(twin.bundle(meeting, a), minutes=5)
    assert a.states() == before
    (status,) = a.status.of_devices()
    assert (status.alarms, status.device.alarms) == ((3,), 1)
    (entry,) = a.entries(EntryKind.BUNDLE_REFUSED)
    assert (entry.body["reason"], entry.body["sequence"]) == ("device-contradicts-itself", 3)
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
