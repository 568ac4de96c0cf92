from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.bundles.device_card import DeviceCard
from appliance.bundles.service import BundleService
from appliance.bundles.status import BundleStatus
from appliance.lists.identity import RosterIdentity


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
        self.status = BundleStatus(rooms.database, rooms.ledger, self.bundles.vault)

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
