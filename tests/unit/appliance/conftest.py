import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.checkin.erasure import ErasureService
from appliance.checkin.guests import GuestService
from appliance.checkin.proposals import ProposalService
from appliance.checkin.service import CheckIn, CheckInService
from appliance.keys import Keys
from appliance.ledger import Ledger
from appliance.meetings import Meeting, MeetingKind, MeetingService
from appliance.meetings.events import EventService
from appliance.meetings.home_visits import HomeVisits
from appliance.minutes.attendance import AttendanceService
from appliance.minutes.years import YearService
from appliance.roster import Member, MemberClass, MemberStatus, RosterService
from appliance.standing.exemptions import ExemptionService
from appliance.storage.database import Database
from verifier.sdk import Holder, Outcome, Report

START = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


@dataclass
class Rooms:
    """The appliance's services over one store, and shorthands for what tests do all the time."""

    state: Path
    database: Database = field(init=False)

    def __post_init__(self) -> None:
        self.database = Database(self.state / "thechip.sqlite3", busy_timeout_s=0.3)
        self.database.upgrade()
        self.keys = Keys.load_or_create(self.state / "keys")
        self.ledger = Ledger(self.database, self.keys)
        self.roster = RosterService(self.database, self.keys)
        self.meetings = MeetingService(self.database, self.ledger)
        self.checkins = CheckInService(self.database, self.ledger, self.roster, self.meetings)
        self.attendance = AttendanceService(self.database, self.ledger)
        self.erasure = ErasureService(self.database, self.ledger, self.roster)
        self.proposals = ProposalService(self.database, self.ledger, self.roster, self.meetings)
        self.guests = GuestService(self.database, self.ledger, self.roster, self.meetings)
        self.exemptions = ExemptionService(self.database, self.ledger, self.roster)
        self.home_visits = HomeVisits(self.database, self.ledger, self.meetings)
        self.events = EventService(self.database, self.roster, self.meetings)
        self.years = YearService(self.database, self.ledger)

    def plan(self, title: str = "Sinh hoạt tháng 11") -> Meeting:
        return self.meetings.create(kind=MeetingKind.REGULAR, title=title, place="Nhà văn hoá", starts_at=START)

    def open_meeting(self) -> Meeting:
        return self.meetings.open(self.plan().id, at=START, officer="an")

    def member(self, name: str = "Đỗ Thị Hoa", identifier: str | None = "A1", **details: MemberStatus) -> Member:
        return self.roster.add(name, MemberClass.OFFICIAL, identifier, **details)

    def tap(self, identifier: str | None = "A1", *, minutes: int = 0, report: Report | None = None) -> CheckIn:
        at = START + timedelta(minutes=minutes)
        return self.checkins.admit(a_report() if report is None else report, identifier=identifier, at=at)


def a_report(outcome: Outcome = Outcome.PASSED, reason: str = "verified", *, authenticated: bool = True) -> Report:
    holder = Holder(
        surname="PHAM",
        given_names="VAN KHACH",
        document_number="012345678",
        personal_number=None,
        issuing_state="VNM",
        nationality="VNM",
        date_of_birth="700101",
        sex="M",
        date_of_expiry=None,
        document_type="ID",
    )
    return Report(
        outcome=outcome,
        reason=reason,
        sentence="",
        profile="party-card",
        at=START,
        results=(),
        holder=holder if authenticated else None,
    )


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder that lies in memory, as the run directory of a real appliance does."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="thechip-test-") as folder:
        yield Path(folder)


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    rooms = Rooms(tmp_path / "state")
    yield rooms
    rooms.database.close()


@pytest.fixture
def report() -> Callable[..., Report]:
    return a_report


@pytest.fixture
def start() -> datetime:
    return START
