import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from appliance.__main__ import main
from appliance.bundles.bundle import DOMAIN
from appliance.bundles.device_card import DeviceCard
from appliance.bundles.envelope import open_bundle
from appliance.bundles.service import BundleService
from appliance.bundles.status import BundleStatus
from appliance.config import Config
from appliance.errors import BundleRefused
from appliance.ledger.canonical_json import canonical_json
from appliance.ledger.entry import commit_to, head_bytes
from appliance.lists.identity import RosterIdentity
from appliance.meetings import MeetingKind
from appliance.services import Services


@dataclass
class Door:
    """One of two appliances, with its rooms."""

    name: str
    rooms: object
    start: object
    is_clock_trusted: bool = True
    bundles: BundleService = field(init=False)

    def __post_init__(self):
        rooms = self.rooms
        self.bundles = BundleService(
            rooms.database,
            rooms.keys,
            rooms.ledger,
            rooms.roster,
            rooms.meetings,
            identity=lambda: RosterIdentity.load_or_create(rooms.state / "keys"),
            clock_trusted=lambda: self.is_clock_trusted,
        )
        self.status = BundleStatus(rooms.database, rooms.ledger, self.bundles.vault, self.bundles.pairing.prover)

    @property
    def card(self) -> DeviceCard:
        return DeviceCard.read(self.bundles.pairing.signed_card(self.name))

    def knows(self, other):
        return self.bundles.pairing.add(other.card, at=self.start)

    def bundle(self, meeting, to, *, minutes=0, since=None):
        return self.bundles.export(meeting.id, to.name, at=self.start + timedelta(minutes=minutes), since=since)

    def takes(self, bundle, *, minutes=0, **how):
        return self.bundles.receive(bundle, at=self.start + timedelta(minutes=minutes), **how)

    def states(self, meeting_id=1):
        rows = self.rooms.attendance.attendance_of(meeting_id).rows
        return {row.name: str(row.state) for row in rows}

    def entries(self, kind=None):
        entries = self.rooms.ledger.entries(limit=1000)
        return [entry for entry in entries if kind is None or entry.kind == kind]


NAMES = {"A1": "Mẫu Thị Sen", "A2": "Mẫu Văn Tre", "A3": "Mẫu Thị Cúc", "A4": "Mẫu Văn Mận"}


@pytest.fixture
def doors(rooms, start, tmp_path: Path):
    """Two appliances that know each other, with the same people under other numbers; A keeps the minutes."""
    other = type(rooms)(tmp_path / "other")
    a, b = Door("A", rooms, start), Door("B", other, start)
    for identifier, name in NAMES.items():
        a.rooms.member(name, identifier)
    for identifier, name in reversed(NAMES.items()):
        b.rooms.member(name, identifier)
    a.knows(b)
    b.knows(a)
    yield a, b
    other.database.close()


@pytest.fixture
def meeting(doors):
    """One meeting, planned on A, open on both."""
    a, b = doors
    planned = a.rooms.plan()
    b.takes(a.bundle(planned, b))
    b.rooms.meetings.open(1, at=b.start, officer="bình")
    return a.rooms.meetings.open(planned.id, at=a.start, officer="an")


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


class Appliance:
    """An appliance at its own command line."""

    def __init__(self, folder, name, capsys):
        self.name, self.stick, self.capsys = name, folder, capsys
        self.state = folder / name
        self("init", "--state", self.state, "--reader", "/dev/ttyUSB0", bare=True)

    def __call__(self, *arguments, bare=False):
        where = () if bare else ("--state", self.state)
        code = main([str(argument) for argument in (*arguments, *where)])
        printed = self.capsys.readouterr()
        return code, printed.out + printed.err

    def services(self):
        return Services.open(Config.load(self.state / "appliance.toml"))

    def set_up(self):
        services, at = self.services(), datetime.now(UTC)
        code = services.accounts.issue_setup_token(at=at)
        services.accounts.set_up(code, username="canbo", display_name="Mẫu Thị Cán Bộ", password_hash="x", at=at)
        services.database.close()

    def meet(self, *names):
        services, at = self.services(), datetime.now(UTC)
        if services.meetings.current() is None:
            if not services.meetings.all():
                services.meetings.create(kind=MeetingKind.REGULAR, title="Mẫu", place="Mẫu", starts_at=at)
            services.meetings.open(1, at=at, officer="an")
        for name in names:
            known = services.roster.search(name)
            member = known[0] if known else services.roster.add(name, "official")
            services.checkins.record_by_hand(member.id, reason="Quên", recorded_by="an", confirmed_by="ba", at=at)
        services.database.close()

    def closes(self):
        services = self.services()
        services.meetings.close(1, at=datetime.now(UTC), officer="an")
        services.database.close()

    def looks(self):
        services = self.services()
        lines = services.access_log.lines()
        services.database.close()
        return lines


@pytest.fixture
def two(tmp_path, capsys):
    return Appliance(tmp_path, "a", capsys), Appliance(tmp_path, "b", capsys)


@pytest.fixture
def paired():
    """Pair two appliances by their cards, as two people do who compare fingerprints; each has an officer."""

    def pair(two):
        for one in two:
            one.set_up()
        for one, other in (two, two[::-1]):
            card = one.stick / f"{one.name}.device"
            code, said = one("device", "show", "--name", one.name.upper(), "--file", card)
            assert code == 0
            fingerprint = re.search(r"fingerprint +([0-9a-f ]{71})", said)[1]
            assert other("device", "add", card, "--fingerprint", fingerprint, "--officer", "canbo")[0] == 0

    return pair
