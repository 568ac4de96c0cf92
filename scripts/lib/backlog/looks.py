"""What is done with a store every evening, and every year: each thing once, measured by whatever meter is given.

A meter is a number that rises: seconds, or the steps of SQLite.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Final

from backlog.filled import config_of
from crowd import person

from appliance.backup.making import make_backup
from appliance.bundles.making import bundle_of
from appliance.checkin.erasure import ErasureService
from appliance.checkin.service import Decision
from appliance.commands.person_options import finder_of
from appliance.config.retention import RetentionConfig
from appliance.ledger.export import OneMeeting
from appliance.meetings import Meeting, MeetingKind, MeetingState
from appliance.minutes.attendance import AttendanceService
from appliance.minutes.years import Period
from appliance.persons.retention import Retention
from appliance.services import Services
from appliance.standing.entries import member_subject
from verifier.sdk import Outcome, Report

Meter = Callable[[], float]
_OFFICER: Final = "Mẫu Cán Bộ"
_ALL: Final = 1_000_000
_PASSPHRASE: Final = "một câu để thử thôi"


class Per(StrEnum):
    """What something may grow with, and so what it is divided by."""

    NOTHING = ""
    """What lies behind it is nothing to it."""
    MEETING = "meeting"
    """Of all that there were."""
    YEAR = "meeting of the year"
    OWN_ENTRY = "entry about the person"
    ENTRY = "entry"


class Wrong(Exception):
    """A store answers otherwise than it was filled."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Something was done once, and the meter rose by so much."""

    name: str
    per: Per
    rose: float


@dataclass
class Scene:
    """A store in use; ``evenings`` are those that were held there, all of them at ``at``."""

    state: Path
    at: datetime
    services: Services = field(init=False)
    evenings: int = 0

    def __post_init__(self) -> None:
        self.services = Services.open(config_of(self.state))
        self.settings = self.state / "appliance.toml"
        self.settings.write_text('state_directory = "."\n')

    @property
    def year(self) -> int:
        """The last whole one."""
        return self.at.year - 1

    def newest(self) -> Meeting:
        """Return the last meeting of that year."""
        held = (meeting for meeting in self.services.meetings.all() if meeting.starts_at.year == self.year)
        return next(meeting for meeting in held if meeting.state is MeetingState.CLOSED)

    def units(self) -> dict[Per, int]:
        """Return how many there are of everything that something may grow with."""
        every = self.services.meetings.all()
        with self.services.database.reading() as reader:
            entries = reader.exec_driver_sql("SELECT max(sequence) FROM ledger_entries").scalar_one()
        of_year = sum(meeting.starts_at.year == self.year for meeting in every)
        past = sum(meeting.starts_at < self.at for meeting in every)
        return {Per.NOTHING: 1, Per.MEETING: len(every), Per.YEAR: of_year, Per.OWN_ENTRY: past, Per.ENTRY: entries}


def evening(scene: Scene, meter: Meter, taps: int) -> Iterator[Measured]:
    """Yield what an evening costs: a meeting is opened, people come by card, the list is looked at, it is closed."""
    services, scene.evenings = scene.services, scene.evenings + 1
    start = scene.at
    meeting = services.meetings.create(kind=MeetingKind.REGULAR, title="Tối nay", place="Thử", starts_at=start)
    yield _done(
        "a meeting opened", Per.NOTHING, meter, lambda: services.meetings.open(meeting.id, at=start, officer=_OFFICER)
    )
    numbers = range(1, len(services.roster.members()) + 1)
    for number in Random(scene.evenings).sample(numbers, min(taps, len(numbers))):  # noqa: S311 – who comes
        yield _done(
            "a tap, and the member’s year", Per.NOTHING, meter, lambda number=number: _tap(scene, number, start)
        )
    attendance = AttendanceService(services.database, services.ledger)
    yield _done("the list of a meeting", Per.NOTHING, meter, lambda: attendance.attendance_of(meeting.id))
    close = services.meetings.close
    yield _done("a meeting closed", Per.NOTHING, meter, lambda: close(meeting.id, at=start, officer=_OFFICER))


def _tap(scene: Scene, number: int, at: datetime) -> None:
    report = Report(Outcome.PASSED, "verified", "", "party-card", at, ())
    answer = scene.services.checkins.admit(report, identifier=person(number).personal_number, at=at)
    if answer.decision is not Decision.PRESENT or answer.member is None:
        msg = f"a member's card was answered by {answer.decision}, {answer.reason}"
        raise Wrong(msg)
    scene.services.years.of_member(answer.member.id, year=at.year)


def looks(scene: Scene, meter: Meter) -> Iterator[Measured]:
    """Yield what is asked of a store that lies there, and is answered at once; nothing is changed in it."""
    services, database, ledger = scene.services, scene.services.database, scene.services.ledger
    newest, member = scene.newest(), services.roster.members()[0]
    retention = Retention(database, ledger, RetentionConfig(meetings_months=1))
    about = member_subject(member.id)
    work: tuple[tuple[str, Per, Callable[[], object]], ...] = (
        ("station or page started", Per.NOTHING, lambda: _start(scene)),
        ("the meetings, as a list", Per.MEETING, services.meetings.all),
        ("a member’s year", Per.YEAR, lambda: services.years.of_member(member.id, year=scene.year)),
        ("the overview of a year", Per.YEAR, lambda: services.years.overview(Period(scene.year))),
        ("a bundle for another appliance", Per.NOTHING, lambda: _bundle(scene, newest)),
        ("everything about one member", Per.OWN_ENTRY, lambda: ledger.entries(subject=about, limit=_ALL)),
        ("somebody found by name", Per.ENTRY, lambda: finder_of(services).by_name("thử 17")),
        ("what is due by its age", Per.ENTRY, lambda: retention.plan(services.clock.read(), far_ahead=True)),
    )
    yield from (_done(name, per, meter, act) for name, per, act in work)


def whole(scene: Scene, meter: Meter) -> Iterator[Measured]:
    """Yield what goes through everything that there is, by its nature, and so takes minutes."""
    ledger, newest = scene.services.ledger, scene.newest()
    one = OneMeeting(newest.id, newest.uid)
    work: tuple[tuple[str, Callable[[], object]], ...] = (
        ("ledger verify", lambda: _verify(scene)),
        ("ledger export, everything", lambda: sum(len(line) for line in ledger.exported_lines())),
        ("ledger export, one meeting", lambda: sum(len(line) for line in ledger.exported_lines(one))),
        ("a backup", lambda: _back_up(scene)),
    )
    yield from (_done(name, Per.ENTRY, meter, act) for name, act in work)


def erasure(scene: Scene, meter: Meter) -> Iterator[Measured]:
    """Yield what it costs to erase a member who was at every meeting."""
    services = scene.services
    member = services.roster.members()[-1]
    erase = ErasureService(services.database, services.ledger, services.roster).erase_member
    yield _done(
        "a member erased", Per.OWN_ENTRY, meter, lambda: erase(member.id, at=datetime.now(UTC), officer=_OFFICER)
    )


def _start(scene: Scene) -> None:
    services = Services.open(config_of(scene.state))
    services.meetings.current()
    services.database.close()


def _bundle(scene: Scene, meeting: Meeting) -> bytes:
    services = scene.services
    with services.database.reading() as reader:
        return bundle_of(reader, services.keys, services.ledger.bodies, meeting, at=scene.at, clock_trusted=True)


def _verify(scene: Scene) -> None:
    verdict = scene.services.ledger.verify()
    if not verdict.ok:
        raise Wrong(verdict.sentence)


def _back_up(scene: Scene) -> None:
    made = make_backup(
        config_of(scene.state), scene.services.keys, scene.settings, scene.state, _PASSPHRASE, at=scene.at
    )
    made.path.unlink()


def _done(name: str, per: Per, meter: Meter, act: Callable[[], object]) -> Measured:
    before = meter()
    act()
    return Measured(name, per, meter() - before)
