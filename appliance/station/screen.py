"""What one reader's people see and hear, and what they ask of the station through the page."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from appliance.errors import ApplianceError
from appliance.firmware_host.indicator import Indicator
from appliance.kiosk.board import Board, Request, StationLists
from appliance.kiosk.display import SHOW_AN_OWN_YEAR, Display, DisplayState, OwnYear, initials_of
from appliance.kiosk.phrases import phrase_for_state, sentence_for_reason

log = logging.getLogger(__name__)

_SECONDS_BETWEEN_SIGNS_OF_LIFE = 2.0


@dataclass
class Screen:
    """Lamps, buzzer and kiosk of one reader. A damaged board is logged and borne: cards are served without it."""

    reader: str
    board: Board
    indicator: Indicator
    clock: Callable[[], datetime]
    is_first: bool = True
    """Whether what is asked of no reader in particular is asked of this one."""
    is_private: bool = False
    """Whether the screen gets initials only: a name and a member's year never leave this process then."""
    has_scanner: bool = True
    """Whether this door reads the code on a card; where it does not, people are asked to type its number."""
    steady_clock: Callable[[], float] = time.monotonic
    _shown: tuple[DisplayState, str] | None = field(default=None, init=False)
    _display: Display | None = field(default=None, init=False, repr=False)
    _lists: StationLists | None = field(default=None, init=False)
    _board_failed: bool = field(default=False, init=False)
    _next_sign_at: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self.board = self.board.for_a_door()

    def shows(self, state: DisplayState, reason: str | None = None) -> bool:
        """Whether this is what is shown now, with this reason where one is given."""
        return self._shown is not None and self._shown[0] is state and reason in {None, self._shown[1]}

    def forget(self) -> None:
        """Show whatever comes next, even if it is the same again: the next person begins anew."""
        self._shown = None

    def show(
        self, state: DisplayState, reason: str = "", name: str | None = None, *, own_year: OwnYear | None = None
    ) -> None:
        """Show a state, why, perhaps whose card it was, and to a member of this chi bộ their own year."""
        self._shown = (state, reason)
        phrase, sentence = phrase_for_state(state), sentence_for_reason(reason, state, has_scanner=self.has_scanner)
        self.indicator.show(state)
        if name is not None and self.is_private:
            name = initials_of(name)
        self._display = Display(state, phrase.vi, phrase.en, self.clock(), self.reader, name, sentence.vi, sentence.en)
        try:
            self.board.post(self._display)
        except ApplianceError as error:  # light and sound were given all the same
            self._failed("the screen cannot be told", error)
        else:
            self.tell_year(own_year)

    def tell_year(self, own_year: OwnYear | None) -> None:
        """Show a member's year beside the answer that is shown now; without a sound, and nothing beside another."""
        is_theirs = self._shown is not None and self._shown[0] in SHOW_AN_OWN_YEAR
        if own_year is None or self.is_private or not is_theirs:
            return
        try:
            self.board.post_own_year(self.reader, own_year, at=self.clock())
        except ApplianceError as error:
            log.warning("the screen cannot be told a year: %s", error.reason)

    def tell_lists(self, lists: StationLists) -> None:
        """Say below which lists cards are checked against; it is written only when these are others."""
        if lists == self._lists:
            return
        try:
            self.board.tell_lists(lists)
        except ApplianceError as error:
            self._failed("the screen cannot be told which lists are used", error)
        else:
            self._lists = lists

    def take_requests(self) -> list[Request]:
        """Return what was asked since; nothing while the board cannot be used.

        Every two seconds the board is told that somebody serves, and again what is shown if it does not know that.
        """
        try:
            self._give_sign_of_life()
            requests = self.board.take_requests(self.reader, *[""] * self.is_first)
        except (ApplianceError, ValueError) as error:  # ValueError: somebody wrote a request that is none
            self._failed("nothing can be asked of the station", error)
            return []
        return requests

    def _give_sign_of_life(self) -> None:
        now = self.steady_clock()
        if now < self._next_sign_at and not self._board_failed:
            return
        is_on_board = self.board.tell_alive(self.reader)
        if self._display is not None and (self._board_failed or not is_on_board):
            self.board.post(self._display)  # without light and sound, which were given
            self._lists = None
        self._board_failed, self._next_sign_at = False, now + _SECONDS_BETWEEN_SIGNS_OF_LIFE

    def _failed(self, what: str, error: Exception) -> None:
        if not self._board_failed:
            log.warning("%s: %s", what, getattr(error, "reason", type(error).__name__))
        self._board_failed = True
