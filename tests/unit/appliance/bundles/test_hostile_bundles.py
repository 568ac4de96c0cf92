"""Bundles that are altered, forged, replayed, or of somebody whom nobody paired: refused, and nothing has changed."""

import hashlib
import json
from datetime import timedelta

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.bundles import envelope
from appliance.bundles.bundle import DOMAIN
from appliance.bundles.envelope import LONGEST_SEALED, open_bundle
from appliance.bundles.service import BundleService
from appliance.errors import BundleNotForUs, BundleRefused, DeviceContradicts, DeviceUnknown, ListRefused
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


def test_the_other_meetings_of_that_appliance_are_none_of_ours(doors, forgery, meeting):
    for entry in forgery.entries[1:]:
        entry["meeting_id"] = 77
    forgery.signed()
    forgery.a.takes(forgery.sealed())
    assert [entry.kind for entry in forgery.a.status.entries(meeting.uid)] == ["meeting-opened"]
    assert forgery.a.rooms.attendance.attendance_of(meeting.id).visitors == ()


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
