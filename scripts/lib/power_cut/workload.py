"""What the appliance does while its power may go: the station takes attendance, and the page writes beside it.

Both are processes of their own over one store, as on an appliance. Whatever a service returned from is acknowledged.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from power_cut.controls import CONTROLS

from appliance.checkin.erasure import ErasureService
from appliance.checkin.service import Decision
from appliance.config import Config
from appliance.config.clock import ClockConfig
from appliance.errors import StorageBusy
from appliance.ledger import EntryKind
from appliance.meetings import MeetingKind
from appliance.roster import MemberClass
from appliance.services import Services
from verifier.sdk import Holder, Outcome, Report

T = TypeVar("T")
Acknowledge: TypeAlias = Callable[..., None]

AT: Final = datetime(2026, 11, 3, 12, tzinfo=UTC)
STATE: Final = "state"
"""The folder of an appliance's state on its disk."""
READY, OPENED, CLOSED, ENTRY, ERASED, MEMBER = "ready", "meeting opened", "meeting closed", "entry", "erased", "member"
"""What is acknowledged."""

_TAPS_PER_MEETING: Final = 40
_ERASING_TAPS: Final = (7, 12)
"""Early ones: from the last on the log grows until SQLite writes it back by itself and begins it anew (1,000 pages)."""
_TAPS_PER_REFUSAL: Final = 7
_OFFICER: Final = "Mẫu Cán Bộ"
_SECOND_OFFICER: Final = "Mẫu Bí Thư"
_PATIENCE: Final = 20
"""How often a call is made again: an emulated machine is slow."""
_RECORDED_AS: Final = {
    Decision.PRESENT: EntryKind.CHECK_IN,
    Decision.PRESENT_LATE: EntryKind.CHECK_IN,
    Decision.VISITING: EntryKind.VISIT,
    Decision.REFUSED: EntryKind.REFUSED,
    Decision.RECORDED_BY_HAND: EntryKind.CHECK_IN_BY_HAND,
}


@dataclass(frozen=True, slots=True)
class Trial:
    """What is done on one disk: ``taps`` of cards, with or without the page; ``without`` names a control."""

    name: str
    taps: int
    page: bool = True
    without: str | None = None


def config_of(disk: Path, run: Path) -> Config:
    """Return the configuration of an appliance whose lasting state is on a disk."""
    config = Config.for_state(disk / STATE)
    return replace(config, run_directory=run, clock=ClockConfig(trust="system"))


def play(trial: Trial, config: Config, acknowledge: Callable[[int], Acknowledge]) -> None:
    """Play a trial to its end; ``acknowledge`` gives the station's and the page's pen, 0 and 1."""
    if trial.without is not None:
        CONTROLS[trial.without]()
    ready, say_ready = os.pipe()
    page = os.fork() if trial.page else None
    if page == 0:
        os.close(say_ready)
        _in_a_process_of_its_own(lambda: _page(config, acknowledge(1), ready, trial.taps))
    station = _Station(config, acknowledge(0))
    os.write(say_ready, b"1")
    station.work(trial.taps)
    if page is not None and os.waitstatus_to_exitcode(os.waitpid(page, 0)[1]) != 0:
        msg = "the page's process failed; see above"
        raise RuntimeError(msg)


class _Station:
    """Opens meetings, takes check-ins and visits, refuses cards, closes; erases a visitor now and then."""

    def __init__(self, config: Config, acknowledge: Acknowledge) -> None:
        self._services = services = Services.open(config)
        self._erasure = ErasureService(services.database, services.ledger, services.roster)
        self._acknowledge = acknowledge
        acknowledge(READY, key=services.keys.device_public.public_bytes_raw().hex())

    def work(self, taps: int) -> None:
        for number in range(1, taps + 1):
            if number % _TAPS_PER_MEETING == 1:
                self._change_meetings()
            self._tap(number)
            if number in _ERASING_TAPS:
                self._erase(f"visitor-{number - 1}")
        self._close()
        self._services.database.close()

    def _tap(self, number: int) -> None:
        outcome = Outcome.FAILED if number % _TAPS_PER_REFUSAL == 0 else Outcome.PASSED
        admit, report = self._services.checkins.admit, _report(outcome)
        checkin = _patiently(lambda: admit(report, identifier=f"visitor-{number}", at=AT))
        _acknowledge_entry(self._acknowledge, checkin.sequence, checkin.decision)

    def _change_meetings(self) -> None:
        self._close()
        meetings = self._services.meetings
        meeting = _patiently(lambda: meetings.create(kind=MeetingKind.EVENT, title="Thử", place="Thử", starts_at=AT))
        _patiently(lambda: meetings.open(meeting.id, at=AT, officer=_OFFICER))
        self._acknowledge(OPENED, meeting=meeting.id)

    def _close(self) -> None:
        meetings, meeting = self._services.meetings, self._services.meetings.current()
        if meeting is not None:
            _patiently(lambda: meetings.close(meeting.id, at=AT, officer=_OFFICER))
            self._acknowledge(CLOSED, meeting=meeting.id)

    def _erase(self, identifier: str) -> None:
        erased = _patiently(lambda: self._erasure.erase_visitor(identifier, at=AT, officer=_OFFICER))
        self._acknowledge(ERASED, sequences=list(erased))


class _Page:
    """Adds members, and records them by hand."""

    def __init__(self, config: Config, acknowledge: Acknowledge) -> None:
        self._services = Services.open(config)
        self._acknowledge = acknowledge

    def work(self, taps: int) -> None:
        for number in range(1, taps // 4 + 1):
            self._work(f"Mẫu Thị Sen {number}")
        self._services.database.close()

    def _work(self, name: str) -> None:
        roster, checkins = self._services.roster, self._services.checkins
        member = _patiently(lambda: roster.add(name, MemberClass.OFFICIAL))
        self._acknowledge(MEMBER, id=member.id)
        checkin = _patiently(
            lambda: checkins.record_by_hand(
                member.id, reason="thẻ hỏng", recorded_by=_OFFICER, confirmed_by=_SECOND_OFFICER, at=AT
            )
        )
        _acknowledge_entry(self._acknowledge, checkin.sequence, checkin.decision)


def _page(config: Config, acknowledge: Acknowledge, ready: int, taps: int) -> None:
    """Be the page once the station is ready; a station that failed before never is."""
    if os.read(ready, 1):
        _Page(config, acknowledge).work(taps)


def _patiently(do: Callable[[], T]) -> T:
    """Do it again where the other process held the store for too long; nothing was recorded then."""
    for _ in range(_PATIENCE):
        with suppress(StorageBusy):
            return do()
    return do()


def _acknowledge_entry(acknowledge: Acknowledge, sequence: int | None, decision: Decision) -> None:
    if sequence is not None:
        acknowledge(ENTRY, sequence=sequence, kind=_RECORDED_AS[decision].value)


def _in_a_process_of_its_own(work: Callable[[], Any]) -> None:
    """Do it and end the process; a forked child must not run on in its parent's code."""
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def _report(outcome: Outcome) -> Report:
    holder = Holder("MAU", "VAN THU", "0", None, "VNM", "VNM", "700101", "M", None, "ID")
    return Report(outcome, "tried", "", "party-card", AT, (), holder=holder)
