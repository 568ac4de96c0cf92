"""The simulation: a real station whose reader and scanner are pseudo-terminals, and a hand that holds cards to them.

The genuine nfcpy driver opens the simulated PN532, pyserial the simulated scanner. Of the station only one thing is
replaced: when the meeting began, for a card that comes late.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from appliance.checkin.service import CheckIn, CheckInService
from appliance.config import ReaderConfig, ScannerConfig
from appliance.demo.cards import DemoCard
from appliance.demo.people import DemoMember
from appliance.demo.stage import FIRST_OFFICER, SECOND_OFFICER, Stage
from appliance.errors import ApplianceError, StorageError
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.firmware_host.simulator.scanner import SimulatedScanner
from appliance.kiosk.board import CHOOSE_MEMBER, Request
from appliance.kiosk.display import Display, DisplayState
from appliance.kiosk.phrases import phrase_for_state, sentence_for_reason
from appliance.meetings import Meeting, MeetingService
from appliance.station.answers import DISPLAY_OF_DECISION, TapResult
from appliance.station.assembly import open_station
from appliance.station.door import Door
from appliance.station.station import Station
from verifier.sdk import Outcome
from verifier.sdk.testing import VirtualChip

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 30.0
_READERS_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.02
_LOOK_SECONDS = 0.2


class MeetingAsSeen(MeetingService):
    """The demo's meetings: for a card that comes late the open one began earlier. Recorded times are true."""

    earlier: timedelta = timedelta(0)

    def current(self, *, connection: Connection | None = None) -> Meeting | None:
        """Return the open meeting."""
        meeting = super().current(connection=connection)
        return None if meeting is None else replace(meeting, starts_at=meeting.starts_at - self.earlier)


@dataclass
class DoorDesk:
    """One door of the station, and what stands there."""

    door: Door
    reader: SimulatedPn532
    scanner: SimulatedScanner
    results: queue.SimpleQueue[TapResult] = field(default_factory=queue.SimpleQueue)


@dataclass
class Simulation:
    """A running station, and the hand that serves it. Made by ``running``."""

    stage: Stage
    station: Station
    desks: Sequence[DoorDesk]
    meetings: MeetingAsSeen
    thread: threading.Thread

    @property
    def door(self) -> Door:
        """The first door of the station."""
        return self.desks[0].door

    @property
    def reader(self) -> SimulatedPn532:
        """The first door's reader."""
        return self.desks[0].reader

    @property
    def scanner(self) -> SimulatedScanner:
        """The first door's scanner."""
        return self.desks[0].scanner

    @property
    def results(self) -> queue.SimpleQueue[TapResult]:
        """What became of taps at the first door, as long as nobody took it."""
        return self.desks[0].results

    def tap(self, card: DemoCard, *, at: int = 0) -> TapResult:
        """Scan the card's code if there is one, hold the card to the reader until it is answered, and take it away.

        ``at`` is the door, from 0.
        """
        desk = self.desks[at]
        self.wait_for(DisplayState.READY, DisplayState.NO_MEETING, at=at)
        if card.chip is None:
            return self._record_by_hand(card)
        self.meetings.earlier = card.late_by
        try:
            if card.scanned:
                desk.scanner.scan(card.scanned)
            desk.reader.field.place(VirtualChip(card.chip), remove_after_apdus=card.taken_away_after)
            return self._result(desk)
        finally:
            desk.reader.field.remove()
            self.meetings.earlier = timedelta(0)

    def check(self) -> None:
        """Raise ``StationEnded`` where the station ended by itself."""
        if not self.thread.is_alive():
            msg = "the demo's station ended by itself; see above"
            raise StationEnded(msg)

    def _result(self, desk: DoorDesk) -> TapResult:
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(queue.Empty):
                return desk.results.get(timeout=_LOOK_SECONDS)
            self.check()
        msg = f"the station did not answer a card within {_PATIENCE_SECONDS:.0f} seconds"
        raise DemoStuck(msg)

    def choose(self, member: DemoMember) -> None:
        """Choose a member's roster line, as an officer does on the page."""
        self.stage.services.board.request(CHOOSE_MEMBER, {"member": str(self._line_of(member))})

    def _line_of(self, member: DemoMember) -> int:
        (line,) = self.stage.services.roster.search(member.person.display_name)
        return line.id

    def _record_by_hand(self, card: DemoCard) -> TapResult:
        """Let two officers record a member who has no card, as they do on the page, and let the tray see it."""
        checkin = self.stage.services.checkins.record_by_hand(
            self._line_of(card.member),
            reason="Chưa được cấp thẻ",
            recorded_by=FIRST_OFFICER,
            confirmed_by=SECOND_OFFICER,
            at=_now(),
        )
        self._show_by_hand(checkin)
        return TapResult(0, Outcome.NOT_PERFORMED, checkin.reason, checkin.decision, 0.0, sequence=checkin.sequence)

    def _show_by_hand(self, checkin: CheckIn) -> None:
        """Show on the screen what was recorded, then again what the station says.

        On a real appliance the officers read it on their own page: the screen speaks to whoever holds a card.
        """
        board, state = self.stage.services.board, DISPLAY_OF_DECISION[checkin.decision]
        phrase, sentence = phrase_for_state(state), sentence_for_reason(checkin.reason, state)
        said = Display(state, phrase.vi, phrase.en, _now(), "by-hand", checkin.name, sentence.vi, sentence.en)
        board.post(said)
        time.sleep(self.door.result_seconds)
        station_says = board.latest(self.door.reader.name)
        if station_says is not None:
            board.post(station_says)

    def wait_for(self, *states: DisplayState, at: int = 0) -> None:
        """Wait until the station shows one of these at a door."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            shown = self.stage.services.board.latest(self.desks[at].door.reader.name)
            if shown is not None and shown.state in states:
                return
            self.check()
            time.sleep(_POLL_SECONDS)
        msg = f"the station was not ready within {_PATIENCE_SECONDS:.0f} seconds"
        raise DemoStuck(msg)


class DemoStuck(ApplianceError):
    """The simulation waited for its station in vain."""

    reason = "demo-stuck"


class StationEnded(ApplianceError):
    """The station of the simulation ended without being told to."""

    reason = "station-ended"


@contextmanager
def running(
    stage: Stage,
    *,
    result_seconds: float,
    doors: int = 1,
    new_reader: Callable[[], SimulatedPn532] = SimulatedPn532,
) -> Iterator[Simulation]:
    """Run the station on simulated readers and scanners for as long as the ``with`` block lasts.

    ``new_reader`` makes the reader of a door: one whose link takes time, for instance.
    """
    stop = threading.Event()
    of = stage.services
    meetings = MeetingAsSeen(of.database, of.ledger)
    checkins = CheckInService(of.database, of.ledger, of.roster, meetings)
    with ExitStack() as stack:
        devices = [(stack.enter_context(new_reader()), stack.enter_context(SimulatedScanner())) for _ in range(doors)]
        readers = tuple(
            ReaderConfig(reader.path, patience_seconds=_READERS_PATIENCE_SECONDS, scanner=ScannerConfig(scanner.path))
            for reader, scanner in devices
        )
        config = replace(of.config, readers=readers, result_seconds=result_seconds)
        seen = replace(of, config=config, meetings=meetings, checkins=checkins)
        station = stack.enter_context(open_station(seen, clock=_now))
        thread = threading.Thread(target=station.run, args=(stop,), name="station")
        desks = [DoorDesk(door, *of_door) for door, of_door in zip(station.doors, devices, strict=True)]
        for desk in desks:
            desk.door.on_result = desk.results.put
        simulation = Simulation(stage, station, desks, meetings, thread)
        thread.start()
        try:
            yield simulation
        finally:
            stop.set()
            thread.join(_PATIENCE_SECONDS)


class Tray:
    """Answers the page: «hold this card to the reader». One card after another, in a thread of its own."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._cards = {card.key: card for card in simulation.stage.cards}
        simulation.door.requests = {**simulation.door.requests, "tap": self._take}

    def _take(self, request: Request) -> None:
        self._waiting.put(request.payload.get("card", ""))

    def serve(self, stop: threading.Event) -> None:
        """Tap what the page asks for until ``stop`` is set. Raises ``StationEnded`` where the station ends before."""
        while not stop.is_set():
            self._simulation.check()
            with suppress(StorageError):  # what is wrong with the board, the station says
                self._simulation.stage.lay_out_again()
            try:
                self._tap_next()
            except StationEnded:
                raise
            except ApplianceError as error:
                log.warning("the demo could not tap: %s", error.sentence)

    def _tap_next(self) -> None:
        """Wait a moment for the page to ask for a card, and tap it."""
        with suppress(queue.Empty):
            card = self._cards.get(self._waiting.get(timeout=_LOOK_SECONDS))
            if card is not None:
                self._simulation.tap(card)


def _now() -> datetime:
    return datetime.now(UTC)
