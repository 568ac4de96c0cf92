"""Whether a card would be served now, and if not, why: the same at every door."""

from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.clock.reading import NOT_TRUSTED
from appliance.errors import ApplianceError
from appliance.kiosk.board import StationLists
from appliance.kiosk.display import DisplayState
from appliance.lists.shared import SharedLists
from verifier.sdk import CheckName, Policy


@dataclass(frozen=True, slots=True)
class Readiness:
    """Asked between two taps; it also takes up newer lists, and never while a card waits."""

    lists: SharedLists
    policy: Policy
    meeting_is_open: Callable[[], bool]
    clock_is_trusted: Callable[[], bool] = field(default=lambda: True)

    def now(self) -> tuple[DisplayState, str]:
        """Return what invites a card or says why none can pass, and the reason code of what is wrong."""
        no_card_can_pass, reason = self._trouble_with_lists()
        if not self.clock_is_trusted():
            no_card_can_pass, reason = True, NOT_TRUSTED
        try:
            state = DisplayState.READY if self.meeting_is_open() else DisplayState.NO_MEETING
        except ApplianceError as error:
            state, reason = DisplayState.SEE_OFFICER, error.reason
        if state is DisplayState.READY and no_card_can_pass:
            state = DisplayState.SEE_OFFICER
        return state, reason

    def lists_in_use(self) -> StationLists:
        """Return which lists cards are checked against, for the page."""
        lists = self.lists.in_use
        sequence = None if lists.card_status is None else lists.card_status.sequence
        return StationLists(lists.issued, lists.timestamp, sequence, lists.content)

    def _trouble_with_lists(self) -> tuple[bool, str]:
        """Return whether no card can pass for want of lists, and the reason code of what is wrong with them."""
        lists = self.lists.current()
        if not lists.trust.has_anchor:
            return True, "trust-store-empty"
        if lists.card_status is None and CheckName.CARD_STATUS in self.policy.required:
            return True, "card-status-list-missing"
        return False, self.lists.problem.reason if self.lists.problem is not None else ""
