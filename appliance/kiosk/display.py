"""What the station says: the states that light, sound and screen can show, and one thing said to one person."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_HYPHENS = re.compile("[-\u2010\u2011\u2013]")


class DisplayState(StrEnum):
    """What the station tells people, by light, sound and screen."""

    STARTING = "starting"
    LOCKED = "locked"
    READY = "ready"
    READING = "reading"
    PRESENT = "present"
    ALREADY_PRESENT = "already-present"
    LATE = "late"
    VISITING = "visiting"
    CHECKED_OUT = "checked-out"
    ONCE_MORE = "once-more"
    REFUSED = "refused"
    SEE_OFFICER = "see-officer"
    NO_MEETING = "no-meeting"
    READER_GONE = "reader-gone"


SHOW_AN_OWN_YEAR = frozenset(
    {DisplayState.PRESENT, DisplayState.ALREADY_PRESENT, DisplayState.LATE, DisplayState.CHECKED_OUT}
)
"""The answers to members of this chi bộ: nobody else has a year here."""


@dataclass(frozen=True, slots=True, repr=False)
class OwnYear:
    """A member's own year in numbers, for their eyes, after their own tap, for ten seconds.

    ``meetings`` are those that counted for this member so far: ``present + excused + absent + away``. ``late`` are
    among the present.
    """

    year: int
    meetings: int
    present: int
    late: int
    excused: int
    absent: int
    away: int = 0


@dataclass(frozen=True, slots=True)
class ShownYear:
    """A year that was put on a reader's screen, when, and as which of all things shown."""

    of: OwnYear = field(repr=False)
    at: datetime
    sequence: int
    age_seconds: float = field(compare=False)
    """By a clock that nobody sets; infinite from before a restart."""


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
    own_year: ShownYear | None = field(default=None, repr=False)
    """Given by the board, also beside the next invitation, which may come before its ten seconds are over."""


def initials_of(name: str) -> str:
    """Return the initials of a name, for screens that show no more: one for each word, the parts of a double one kept.

    >>> initials_of("Mẫu Thị Sen"), initials_of("mẫu-đỗ thị ấn"), initials_of("Y"), initials_of("H'Mẫu Niê")
    ('M. T. S.', 'M.-Đ. T. Ấ.', 'Y.', 'H. N.')
    """
    words = unicodedata.normalize("NFC", name).split()
    return " ".join(filter(None, ("-".join(_initials_of_parts(word)) for word in words)))


def _initials_of_parts(word: str) -> Iterator[str]:
    for part in _HYPHENS.split(word):
        first = next((character for character in part if character.isalnum()), "")
        if first:
            yield f"{first.upper()[0]}."
