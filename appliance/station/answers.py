"""What becomes of a tap: what the person is told, and what programs are."""

from dataclasses import dataclass

from appliance.checkin.service import Decision
from appliance.kiosk.display import DisplayState
from verifier.sdk import Outcome

DISPLAY_OF_DECISION = {
    Decision.PRESENT: DisplayState.PRESENT,
    Decision.PRESENT_LATE: DisplayState.LATE,
    Decision.ALREADY_PRESENT: DisplayState.ALREADY_PRESENT,
    Decision.VISITING: DisplayState.VISITING,
    Decision.CHECKED_OUT: DisplayState.CHECKED_OUT,
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
    own_ms: float | None = None
    """Of that, from the card's last answer to ours: verified, recorded durably, shown; ``None`` if it was not read."""
    door: str = ""
    """The name of the reader."""


class GaveUp(Exception):
    """Nobody's error, but the end of a tap without a record: why, and what the person is told."""

    def __init__(self, decision: Decision, reason: str, display: DisplayState | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.decision = decision
        self.display = display or DISPLAY_OF_DECISION[decision]
