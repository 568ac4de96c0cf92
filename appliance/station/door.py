"""A door: one reader's loop, one tap after another.

The order of a tap is the order of its code: card, password, evidence, report, meeting, ledger, and only then light,
sound and screen. One thread runs a door and owns its reader; nothing else touches it. Whatever a card or a cable does
ends in a typed error, an answer for the person, and a door that serves the next card.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from traceback import extract_tb

from appliance.checkin.service import CheckIn, Decision
from appliance.errors import ApplianceError
from appliance.firmware_host.complaints import Complaints
from appliance.firmware_host.reader import CardInField, Reader
from appliance.kiosk.board import Request
from appliance.kiosk.display import DisplayState, OwnYear
from appliance.station.answers import DISPLAY_OF_DECISION, GaveUp, TapResult
from appliance.station.card_reading import read_card
from appliance.station.examiner import Examiner
from appliance.station.passwords import PasswordDesk
from appliance.station.readiness import Readiness
from appliance.station.screen import Screen
from appliance.station.tap import Tap, TapEvent, TapState
from verifier.sdk import Outcome, Password
from verifier.sdk.errors import ReaderError

log = logging.getLogger(__name__)

REOPEN_AFTER_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
INTERNAL_ERROR = "internal-error"
_SENSE_SECONDS = 0.25
_POLL_SECONDS = 0.05
_LONGEST_RECORDING_SECONDS = 2.0
"""So much of a session is kept for verifying and recording, at most a quarter of it."""


@dataclass
class Door:
    """One reader and everything that its taps need. ``beat`` says that the loop turns."""

    reader: Reader
    examiner: Examiner
    readiness: Readiness
    passwords: PasswordDesk
    screen: Screen
    clock: Callable[[], datetime]
    session_seconds: float = 8.0
    """Within which everybody who holds a card has an answer."""
    result_seconds: float = 2.0
    beat: Callable[[], None] = field(default=lambda: None)
    requests: Mapping[str, Callable[[Request], None]] = field(default_factory=dict)
    year_of: Callable[[CheckIn], OwnYear | None] = field(default=lambda _: None)
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
                self.beat()
                self.reader.open()
                self._complaints.works(at=time.monotonic())
                failures = 0
                self._serve()
            except ReaderError as error:
                self._complaints.about(error.sentence, at=time.monotonic())
                if not self.screen.shows(DisplayState.READER_GONE):
                    self.screen.show(DisplayState.READER_GONE, error.reason)
                delay = REOPEN_AFTER_SECONDS[min(failures, len(REOPEN_AFTER_SECONDS) - 1)]
                failures += 1
                self._pause(delay)
            finally:
                self.reader.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            self.beat()
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
        card.set_deadline(self.session_seconds - self._reserve())
        failure: ReaderError | None = None
        try:
            result = self._answer(tap, card)
        except ReaderError as error:
            failure = error
            result = self._give_up(tap, GaveUp(Decision.TRY_AGAIN, error.reason, DisplayState.READER_GONE), card)
        except GaveUp as gave_up:
            result = self._give_up(tap, gave_up, card)
        except Exception as error:  # noqa: BLE001 - ours, and yet somebody stands here who must have an answer
            _log_fault(error)
            result = self._give_up(tap, GaveUp(Decision.SEE_OFFICER, INTERNAL_ERROR), card)
        self.passwords.forget()
        log.info("door %s, tap %d: %s, %s", self.reader.name, tap.number, result.decision, result.reason)
        self.on_result(result)
        if failure is not None:
            raise failure
        self._wait_until_gone(card, may_try_again=result.decision is Decision.TRY_AGAIN)
        self.screen.forget()  # the next person is not greeted with this one's answer
        tap.on(TapEvent.CARD_LEFT)

    def _answer(self, tap: Tap, card: CardInField) -> TapResult:
        password = self._password_for(tap, card)
        tap.on(TapEvent.PASSWORD_KNOWN)
        evidence = read_card(
            card,
            profile=self.examiner.profile,
            password=password,
            at=self.clock(),
            stop=self._stop,
            beat=self.beat,
            on_broken=lambda: tap.on(TapEvent.SESSION_BROKEN),
        )
        was_read = time.monotonic()
        tap.on(TapEvent.EVIDENCE_READ)
        examined = self.examiner.examine(evidence)
        tap.on(TapEvent.REPORT_MADE)
        try:
            checkin = self.examiner.record(examined, patience_s=self._time_to_record(tap))
        except ApplianceError as error:  # whoever cannot be recorded goes to the officer, never through
            raise GaveUp(Decision.SEE_OFFICER, error.reason) from error
        tap.on(TapEvent.RECORDED)
        self.screen.show(DISPLAY_OF_DECISION[checkin.decision], checkin.reason, checkin.name)
        made = self._result(tap, examined.report.outcome, checkin.decision, checkin.reason, card)
        made = replace(made, sequence=checkin.sequence, own_ms=_milliseconds_since(was_read))
        self._tell_year(checkin)  # light and sound did not wait for it
        return made

    def _password_for(self, tap: Tap, card: CardInField) -> Password:
        """Return the password that was given before the card came, or wait for one while the card stays."""
        while True:
            password = self.passwords.take()
            if password is not None:
                return password
            over = self._stop.is_set() or time.monotonic() - tap.began > self.session_seconds
            if over or not card.is_present():
                raise GaveUp(Decision.TRY_AGAIN, "password-missing")
            self.beat()
            self._take_requests()  # an officer may choose the roster line while the card lies here
            time.sleep(_POLL_SECONDS)

    def _give_up(self, tap: Tap, gave_up: GaveUp, card: CardInField) -> TapResult:
        if tap.state is not TapState.ANSWERED:
            tap.on(TapEvent.GAVE_UP)
        self.screen.show(gave_up.display, gave_up.reason)
        return self._result(tap, Outcome.NOT_PERFORMED, gave_up.decision, gave_up.reason, card)

    def _wait_until_gone(self, card: CardInField, *, may_try_again: bool) -> None:
        """Keep the answer on the screen while the card lies there, and at least ``result_seconds``.

        A card that lost its thread may be the next person's, laid down at once: nobody can tell, and it counts as the
        first one's until a password is given. Whoever is asked for once more need not lift the card to scan again.
        """
        answered = time.monotonic()
        while not self._stop.is_set() and card.is_present():
            if (may_try_again or not card.is_unbroken) and self.passwords.is_waiting:
                break
            self.beat()
            self._take_requests()
            time.sleep(_POLL_SECONDS)
        card.release()
        while not self._stop.is_set() and (left := answered + self.result_seconds - time.monotonic()) > 0:
            if self.passwords.is_waiting:
                return
            self.beat()
            time.sleep(min(left, _POLL_SECONDS))

    def _tell_year(self, checkin: CheckIn) -> None:
        try:
            self.screen.tell_year(self.year_of(checkin))
        except ApplianceError as error:  # they are on the list, and were told so
            log.warning("a member's year cannot be told: %s", error.reason)

    def _time_to_record(self, tap: Tap) -> float:
        """Return how long another process may keep us waiting, so that the answer still comes in time."""
        left = tap.began + self.session_seconds - time.monotonic()
        return max(left - self._reserve() / 4, self._reserve() / 4)

    def _reserve(self) -> float:
        return min(_LONGEST_RECORDING_SECONDS, self.session_seconds / 4)

    def _result(self, tap: Tap, outcome: Outcome, decision: Decision, reason: str, card: CardInField) -> TapResult:
        statistics = card.statistics
        return TapResult(
            number=tap.number,
            outcome=outcome,
            reason=reason,
            decision=decision,
            elapsed_ms=_milliseconds_since(tap.began),
            apdus=statistics.apdus,
            bytes=statistics.bytes_sent + statistics.bytes_received,
            door=self.reader.name,
        )

    # --- between taps ----------------------------------------------------------------------------------------------

    def _show_whether_ready(self) -> None:
        """Invite a card while a meeting is open and cards can pass. Posted when it changes, not on every turn."""
        state, reason = self.readiness.now()
        self.screen.tell_lists(self.readiness.lists_in_use())
        if not self.screen.shows(state, reason):
            log.log(logging.WARNING if reason else logging.INFO, "shown: %s %s", state, reason)
            self.screen.show(state, reason)

    def _take_requests(self) -> None:
        for request in self.screen.take_requests():
            handler = self.requests.get(request.kind)
            if handler is None:
                log.warning("request %d: nobody handles %r", request.id, request.kind)
            else:
                handler(request)

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._stop.wait(min(left, _SENSE_SECONDS)):
            self.beat()
            self._take_requests()


def _milliseconds_since(moment: float) -> float:
    return round((time.monotonic() - moment) * 1000, 1)


def _log_fault(error: Exception) -> None:
    """Say where it happened, and not what was in its hands: an exception's text may name a person."""
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(extract_tb(error.__traceback__)))
    log.error("a fault of this program: %s at %s", type(error).__name__, where)
