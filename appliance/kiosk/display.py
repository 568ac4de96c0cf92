"""What the station says: the states that light, sound and screen can show, and one thing said to one person."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DisplayState(StrEnum):
    """What the station tells people, by light, sound and screen."""

    STARTING = "starting"
    READY = "ready"
    READING = "reading"
    PRESENT = "present"
    ALREADY_PRESENT = "already-present"
    LATE = "late"
    VISITING = "visiting"
    ONCE_MORE = "once-more"
    REFUSED = "refused"
    SEE_OFFICER = "see-officer"
    NO_MEETING = "no-meeting"
    READER_GONE = "reader-gone"


@dataclass(frozen=True, slots=True)
class Display:
    """One thing said to the person at the reader: a state, a sentence in two languages, and perhaps a name."""

    state: DisplayState
    vi: str
    en: str
    at: datetime
    reader: str = "1"
    name: str | None = field(default=None, repr=False)
    detail_vi: str = ""
    detail_en: str = ""
    sequence: int = 0
    """Rises with every display posted; given by the board."""
    age_seconds: float = field(default=0.0, compare=False)
    """How long ago it was posted, by a clock that nobody sets; given by the board, infinite from before a restart."""
