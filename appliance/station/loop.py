"""The station: one reader's loop, one tap after another.

The order of a tap is the order of its code: card, password, evidence, report, meeting, ledger, and only then light,
sound and screen. One thread runs a station and owns its reader; nothing else touches it. Whatever a card or a cable
does ends in a typed error, an answer for the person, and a station that serves the next card.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from threading import Event

from appliance.clock.reading import NOT_TRUSTED
from appliance.errors import ApplianceError
from appliance.firmware_host.complaints import Complaints
from appliance.firmware_host.reader import CardInField, Reader
from appliance.firmware_host.watchdog import Watchdog
from appliance.kiosk.board import Request, StationLists
from appliance.kiosk.display import DisplayState
from appliance.lists.freshness import FreshnessPolicy, ListsAge
from appliance.lists.in_use import ListStore
from appliance.meetings.checkin import CheckIn, CheckInService, Decision
from appliance.station.passwords import PasswordDesk
from appliance.station.screen import Screen
from appliance.station.tap import Tap, TapEvent
from verifier.sdk import (
    CardProfile,
    CheckName,
    CommandApdu,
    Evidence,
    Outcome,
    Password,
    Policy,
    Report,
    ResponseApdu,
    read,
    verify,
)
from verifier.sdk.errors import (
    AccessDenied,
    CardProtocolError,
    CardRemoved,
    DeadlineExceeded,
    ReaderError,
    SecureMessagingError,
    VerifierError,
)

log = logging.getLogger(__name__)

REOPEN_AFTER_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
SESSIONS_PER_TAP = 2
_SENSE_SECONDS = 0.25
_POLL_SECONDS = 0.05
_BROKEN_SESSION = (CardRemoved, CardProtocolError, SecureMessagingError)

DISPLAY_OF_DECISION = {
    Decision.PRESENT: DisplayState.PRESENT,
    Decision.PRESENT_LATE: DisplayState.LATE,
    Decision.ALREADY_PRESENT: DisplayState.ALREADY_PRESENT,
    Decision.VISITING: DisplayState.VISITING,
    Decision.REFUSED: DisplayState.REFUSED,
    Decision.TRY_AGAIN: DisplayState.ONCE_MORE,
    Decision.SEE_OFFICER: DisplayState.SEE_OFFICER,
    Decision.NO_MEETING: DisplayState.NO_MEETING,
    Decision.RECORDED_BY_HAND: DisplayState.PRESENT,
}


@dataclass(frozen=True, slots=True)
class TapResult:
    """What became of one tap, without the person."""

    number: int
    outcome: Outcome
    reason: str
    decision: Decision
    elapsed_ms: float
    """From the card being there to the answer being given."""
    apdus: int = 0
    bytes: int = 0
    sequence: int | None = None
    """The ledger's sequence number, where the tap was recorded."""


@dataclass
class Station:
    """One reader and everything that its taps need."""

    reader: Reader
    profile: CardProfile
    policy: Policy
    lists: ListStore
    passwords: PasswordDesk
    checkins: CheckInService
    meeting_is_open: Callable[[], bool]
    screen: Screen
    clock: Callable[[], datetime]
    watchdog: Watchdog
    time_zone: tzinfo
    session_seconds: float = 8.0
    result_seconds: float = 2.0
    freshness: FreshnessPolicy = field(default_factory=FreshnessPolicy)
    clock_is_trusted: Callable[[], bool] = field(default=lambda: True)
    """Whether it is what ``clock`` says, and not perhaps later; asked before it."""
    requests: Mapping[str, Callable[[Request], None]] = field(default_factory=dict)
    on_result: Callable[[TapResult], None] = field(default=lambda _: None)
    _taps: int = field(default=0, init=False)
    _complaints: Complaints = field(default_factory=Complaints, init=False)
    _stop: Event = field(default_factory=Event, init=False)

    def run(self, stop: Event) -> None:
        """Serve cards until ``stop`` is set; open the reader again whenever it goes away.

        A card that is being read when ``stop`` is set is not read to its end; one that was read is recorded.
        """
        self._stop = stop
        self.screen.show(DisplayState.STARTING)  # a board may still say what a station said that was killed
        failures = 0
        while not stop.is_set():
            try:
                self.reader.open()
                self._complaints.works(at=time.monotonic())
                failures = 0
                self._serve(stop)
            except ReaderError as error:
                self._complaints.about(error.sentence, at=time.monotonic())
                if not self.screen.shows(DisplayState.READER_GONE):
                    self.screen.show(DisplayState.READER_GONE, error.reason)
                delay = REOPEN_AFTER_SECONDS[min(failures, len(REOPEN_AFTER_SECONDS) - 1)]
                failures += 1
                self._pause(delay, stop)
            finally:
                self.reader.close()

    def _serve(self, stop: Event) -> None:
        while not stop.is_set():
            self.watchdog.feed()
            self._take_requests()
            self.passwords.collect()
            self._show_whether_ready()
            card = self.reader.wait_for_card(_SENSE_SECONDS)
            if card is not None:
                self._tap(card)

    # --- one tap -------------------------------------------------------------------------------------------------

    def _tap(self, card: CardInField) -> None:
        self._taps += 1
        tap = Tap(self._taps, began=time.monotonic())
        tap.on(TapEvent.CARD_SEEN)
        self.screen.show(DisplayState.READING)
        card.set_deadline(self.session_seconds)
        failure: ReaderError | None = None
        try:
            result = self._answer(tap, card)
        except ReaderError as error:
            failure = error
            gave_up = _GaveUp(Decision.TRY_AGAIN, error.reason, DisplayState.READER_GONE)
            result = self._give_up(tap, gave_up, card)
        except _GaveUp as gave_up:
            result = self._give_up(tap, gave_up, card)
        self.passwords.forget()
        log.info("tap %d: %s, %s", tap.number, result.decision, result.reason)
        self.on_result(result)
        if failure is not None:
            raise failure
        self._wait_until_gone(card)
        self.screen.forget()  # the next person is not greeted with this one's answer
        tap.on(TapEvent.CARD_LEFT)

    def _answer(self, tap: Tap, card: CardInField) -> TapResult:
        password = self._password_for(tap, card)
        tap.on(TapEvent.PASSWORD_KNOWN)
        evidence = self._read(tap, card, password)
        tap.on(TapEvent.EVIDENCE_READ)
        lists = self.lists.in_use  # looked for before every tap
        trusted = self.clock_is_trusted()  # before the time: an officer may confirm it at this very moment
        at = self.clock().astimezone(self.time_zone)  # a card expires at the end of a day, and days are local
        report = verify(evidence, lists.trust, self.policy, at=at, card_status=lists.card_status, clock_trusted=trusted)
        tap.on(TapEvent.REPORT_MADE)
        checkin = self._record(report, lists.age(self.freshness, at=at).by_clock(trusted=trusted))
        tap.on(TapEvent.RECORDED)
        state = DISPLAY_OF_DECISION[checkin.decision]
        self.screen.show(state, checkin.reason, checkin.name)
        made = _result(tap, report.outcome, checkin.decision, checkin.reason, card)
        return replace(made, sequence=checkin.sequence)

    def _password_for(self, tap: Tap, card: CardInField) -> Password:
        """Return the password that was given before the card came, or wait for one while the card stays."""
        while True:
            password = self.passwords.take()
            if password is not None:
                return password
            over = self._stop.is_set() or time.monotonic() - tap.began > self.session_seconds
            if over or not card.is_present():
                raise _GaveUp(Decision.TRY_AGAIN, "password-missing")
            self.watchdog.feed()
            self._take_requests()  # an officer may choose the roster line while the card lies here
            time.sleep(_POLL_SECONDS)

    def _read(self, tap: Tap, card: CardInField, password: Password) -> Evidence:
        """Read the card; a broken session is begun once more from the start while the card stays."""
        for attempt in range(1, SESSIONS_PER_TAP + 1):
            try:
                until_stop = _UntilStop(card, self._stop)
                return read(until_stop, profile=self.profile, password=password, at=self.clock())
            except _BROKEN_SESSION as error:
                if attempt == SESSIONS_PER_TAP or not card.start_over():
                    raise _GaveUp(Decision.TRY_AGAIN, error.reason) from error
                log.info("tap %d: %s, once more", tap.number, error.reason)
                tap.on(TapEvent.SESSION_BROKEN)
            except (AccessDenied, DeadlineExceeded) as error:
                raise _GaveUp(Decision.TRY_AGAIN, error.reason) from error
            except ReaderError:
                raise
            except VerifierError as error:
                raise _GaveUp(Decision.SEE_OFFICER, error.reason) from error
        raise AssertionError  # the last attempt returned or raised

    def _record(self, report: Report, lists: ListsAge) -> CheckIn:
        """Apply the meeting's rules and commit; whoever cannot be recorded goes to the officer, never through."""
        identifier = self.profile.holder_identifier(report.holder) if report.holder is not None else None
        try:
            return self.checkins.admit(report, identifier=identifier, at=self.clock(), lists=lists)
        except ApplianceError as error:
            raise _GaveUp(Decision.SEE_OFFICER, error.reason) from error

    def _give_up(self, tap: Tap, gave_up: "_GaveUp", card: CardInField) -> TapResult:
        tap.on(TapEvent.GAVE_UP)
        self.screen.show(gave_up.display, gave_up.reason)
        return _result(tap, Outcome.NOT_PERFORMED, gave_up.decision, gave_up.reason, card)

    def _wait_until_gone(self, card: CardInField) -> None:
        """Keep the answer on the screen while the card lies there, and at least ``result_seconds``."""
        answered = time.monotonic()
        while not self._stop.is_set() and card.is_present():
            self.watchdog.feed()
            self._take_requests()
            time.sleep(_POLL_SECONDS)
        card.release()
        while not self._stop.is_set() and (left := answered + self.result_seconds - time.monotonic()) > 0:
            self.watchdog.feed()
            time.sleep(min(left, _POLL_SECONDS))

    # --- between taps ----------------------------------------------------------------------------------------------

    def _show_whether_ready(self) -> None:
        """Invite a card while a meeting is open and cards can pass. Posted when it changes, not on every turn."""
        no_card_can_pass, reason = self._trouble_with_lists()
        if not self.clock_is_trusted():
            no_card_can_pass, reason = True, NOT_TRUSTED
        try:
            state = DisplayState.READY if self.meeting_is_open() else DisplayState.NO_MEETING
        except ApplianceError as error:
            state, reason = DisplayState.SEE_OFFICER, error.reason
        if state is DisplayState.READY and no_card_can_pass:
            state = DisplayState.SEE_OFFICER
        if not self.screen.shows(state, reason):
            log.log(logging.WARNING if reason else logging.INFO, "shown: %s %s", state, reason)
            self.screen.show(state, reason)

    def _trouble_with_lists(self) -> tuple[bool, str]:
        """Return whether no card can pass for want of lists, and the reason code of what is wrong with them."""
        lists = self.lists.current()
        sequence = None if lists.card_status is None else lists.card_status.sequence
        self.screen.tell_lists(StationLists(lists.issued, lists.timestamp, sequence, lists.content))
        if not lists.trust.has_anchor:
            return True, "trust-store-empty"
        if lists.card_status is None and CheckName.CARD_STATUS in self.policy.required:
            return True, "card-status-list-missing"
        return False, self.lists.problem.reason if self.lists.problem is not None else ""

    def _take_requests(self) -> None:
        for request in self.screen.take_requests():
            handler = self.requests.get(request.kind)
            if handler is None:
                log.warning("request %d: nobody handles %r", request.id, request.kind)
            else:
                handler(request)

    def _pause(self, seconds: float, stop: Event) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not stop.wait(min(left, _SENSE_SECONDS)):
            self.watchdog.feed()
            self._take_requests()


@dataclass(frozen=True, slots=True)
class _UntilStop:
    """A card that is asked nothing more once the station is told to stop."""

    card: CardInField
    stop: Event

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if self.stop.is_set():
            msg = "the station was told to stop"
            raise DeadlineExceeded(msg)
        return self.card.transmit(command)


class _GaveUp(Exception):
    """Nobody's error, but the end of a tap without a record: why, and what the person is told."""

    def __init__(self, decision: Decision, reason: str, display: DisplayState | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.decision = decision
        self.display = display or DISPLAY_OF_DECISION[decision]


def _result(tap: Tap, outcome: Outcome, decision: Decision, reason: str, card: CardInField) -> TapResult:
    statistics = card.statistics
    return TapResult(
        number=tap.number,
        outcome=outcome,
        reason=reason,
        decision=decision,
        elapsed_ms=round((time.monotonic() - tap.began) * 1000, 1),
        apdus=statistics.apdus,
        bytes=statistics.bytes_sent + statistics.bytes_received,
    )
