"""A tap's life as a table of states.

Everything that may happen between a card coming into the field and leaving it is in ``TRANSITIONS``; what is not there
raises, so that no tap can be answered before it is recorded. ``station`` does the work and reports events here.
"""

from dataclasses import dataclass
from enum import StrEnum

from appliance.errors import ApplianceError


class TapState(StrEnum):
    """Where a tap stands."""

    IDLE = "idle"
    AWAITING_PASSWORD = "awaiting-password"
    READING = "reading"
    VERIFYING = "verifying"
    RECORDING = "recording"
    ANSWERED = "answered"


class TapEvent(StrEnum):
    """What happened to a tap."""

    CARD_SEEN = "card seen"
    PASSWORD_KNOWN = "password known"
    SESSION_BROKEN = "session broken"
    EVIDENCE_READ = "evidence read"
    REPORT_MADE = "report made"
    RECORDED = "recorded"
    GAVE_UP = "gave up"
    CARD_LEFT = "card left"


TRANSITIONS = {
    (TapState.IDLE, TapEvent.CARD_SEEN): TapState.AWAITING_PASSWORD,
    (TapState.AWAITING_PASSWORD, TapEvent.PASSWORD_KNOWN): TapState.READING,
    (TapState.AWAITING_PASSWORD, TapEvent.GAVE_UP): TapState.ANSWERED,
    (TapState.READING, TapEvent.SESSION_BROKEN): TapState.READING,
    (TapState.READING, TapEvent.EVIDENCE_READ): TapState.VERIFYING,
    (TapState.READING, TapEvent.GAVE_UP): TapState.ANSWERED,
    (TapState.VERIFYING, TapEvent.REPORT_MADE): TapState.RECORDING,
    (TapState.VERIFYING, TapEvent.GAVE_UP): TapState.ANSWERED,
    (TapState.RECORDING, TapEvent.RECORDED): TapState.ANSWERED,
    (TapState.RECORDING, TapEvent.GAVE_UP): TapState.ANSWERED,
    (TapState.ANSWERED, TapEvent.CARD_LEFT): TapState.IDLE,
}


class ImpossibleTransition(ApplianceError):
    """The station reported an event that its state does not allow: a bug, never a card's doing."""

    reason = "impossible-transition"


@dataclass(slots=True)
class Tap:
    """One tap: its number in the logs, which name no person; when it began, on a steady clock; and its state."""

    number: int
    began: float = 0.0
    state: TapState = TapState.IDLE

    def on(self, event: TapEvent) -> TapState:
        """Move on by the table; raise ``ImpossibleTransition`` where the table has no such move."""
        following = TRANSITIONS.get((self.state, event))
        if following is None:
            msg = f"tap {self.number}: «{event}» cannot happen while {self.state}"
            raise ImpossibleTransition(msg)
        self.state = following
        return following


def diagram() -> str:
    """Return the table as a Mermaid state diagram, for the documentation."""
    lines = [f"    {before.name} --> {after.name}: {event}" for (before, event), after in TRANSITIONS.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> IDLE", *lines])
