"""What one reader's people see and hear, and what they ask of the station through the page."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from appliance.errors import ApplianceError
from appliance.firmware_host.indicator import Indicator
from appliance.kiosk.board import Board, Request, StationLists
from appliance.kiosk.display import SHOW_AN_OWN_YEAR, Display, DisplayState, OwnYear, initials_of
from appliance.kiosk.phrases import phrase_for_state, sentence_for_reason

log = logging.getLogger(__name__)


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
    _shown: tuple[DisplayState, str] | None = field(default=None, init=False)
    _lists: StationLists | None = field(default=None, init=False)
    _board_failed: bool = field(default=False, init=False)

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
        phrase, sentence = phrase_for_state(state), sentence_for_reason(reason, state)
        self.indicator.show(state)
        if name is not None and self.is_private:
            name = initials_of(name)
        display = Display(state, phrase.vi, phrase.en, self.clock(), self.reader, name, sentence.vi, sentence.en)
        try:
            self.board.post(display)
        except ApplianceError as error:
            log.warning("the screen cannot be told: %s", error.reason)  # light and sound were given all the same
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
            log.warning("the screen cannot be told which lists are used: %s", error.reason)
        else:
            self._lists = lists

    def take_requests(self) -> list[Request]:
        """Return what was asked since; nothing while the board is damaged or held."""
        try:
            requests = self.board.take_requests(self.reader, *[""] * self.is_first)
        except (ApplianceError, ValueError) as error:  # ValueError: somebody wrote a request that is none
            if not self._board_failed:
                log.warning("nothing can be asked of the station: %s", type(error).__name__)
            self._board_failed = True
            return []
        if self._board_failed:
            self._board_failed = False
            self.forget()  # what was shown since never reached the screen
            self._lists = None
        return requests
