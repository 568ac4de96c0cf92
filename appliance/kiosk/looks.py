"""How each state looks and sounds: the one table from which kiosk page, lamps, buzzers and loudspeaker are served.

Never by colour alone. Somebody who sees no red or green reads the shape on the screen and the rhythm of the lamps;
somebody who looks at the card hears the answer, by pitch where there is a loudspeaker or a passive buzzer, by rhythm
where a buzzer knows one pitch only. Every two states differ in each of these; ``tests/unit/appliance/kiosk/
test_looks.py`` says by how much. Members are old: no pitch is above 1.6 kHz, no pause that matters below 0.1 s.
"""

from dataclasses import dataclass
from typing import Final

from appliance.kiosk.display import DisplayState

TICK_S: Final = 0.1
"""Seconds that one mark of a rhythm lasts."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How lamps blink, a mark for each tick: ``x`` for on, ``.`` for off; begun anew for as long as the state lasts."""

    marks: str

    @property
    def is_steady(self) -> bool:
        """Whether the lamps simply stay on."""
        return "." not in self.marks


@dataclass(frozen=True, slots=True)
class Note:
    """One tone of so many hertz, or silence of 0, for so many ticks."""

    hertz: float
    ticks: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.ticks * TICK_S


@dataclass(frozen=True, slots=True)
class Look:
    """How one state is told.

    ``colour`` names a ground of the page (``kiosk.css``), ``shape`` says in words what ``shapes.svg`` draws. ``lamps``
    are those that take part. ``melody`` is played once when the state begins; empty where nobody is to be disturbed.
    """

    colour: str
    shape: str
    lamps: tuple[str, ...]
    rhythm: Rhythm
    melody: tuple[Note, ...] = ()
    is_spoken: bool = False
    """Whether the state's phrase follows the melody, where a voice is set."""


STEADY: Final = Rhythm("x")
_E5, _A5, _B5, _C6, _D6, _E6, _G6 = 659.26, 880.0, 987.77, 1046.5, 1174.66, 1318.51, 1567.98
_REST: Final = Note(0.0, 1)


def _spoken(colour: str, shape: str, lamps: tuple[str, ...], marks: str, *melody: Note) -> Look:
    return Look(colour, shape, lamps, Rhythm(marks), melody, is_spoken=True)


_GREEN, _AMBER, _RED = ("green",), ("amber",), ("red",)

LOOKS: Final = {
    DisplayState.STARTING: Look("slate", "an hourglass", ("green", "amber", "red"), Rhythm("x.")),
    DisplayState.LOCKED: Look("violet", "a padlock", ("amber", "red"), Rhythm(20 * "x" + 20 * ".")),
    DisplayState.READY: Look("navy", "a card and three waves", _GREEN, Rhythm("x" + 19 * ".")),
    DisplayState.READING: Look("white", "a card in a ring of dashes", _AMBER, Rhythm("xxx..."), (Note(_E6, 1),)),
    DisplayState.PRESENT: _spoken("green", "a tick in a circle", _GREEN, "x", Note(_C6, 1), Note(_G6, 2)),
    DisplayState.ALREADY_PRESENT: _spoken(
        "teal", "two ticks in a dashed circle", _GREEN, "xx..xx......", Note(_E6, 1), _REST, Note(_E6, 1)
    ),
    DisplayState.LATE: _spoken(
        "lime", "a clock's face", ("green", "amber"), "xxxxxxxxxx..", Note(_C6, 1), Note(_G6, 2), _REST, Note(_E6, 3)
    ),
    DisplayState.VISITING: _spoken(
        "blue", "a person in a diamond", _GREEN, "xx..xx..xx......",
        Note(_C6, 1), _REST, Note(_E6, 1), _REST, Note(_G6, 1),
    ),
    DisplayState.CHECKED_OUT: _spoken(
        "petrol", "an arrow out of a door", _GREEN, "xxxxxxxxxx..xx..", Note(_G6, 2), Note(_C6, 1), _REST, Note(_C6, 1)
    ),
    DisplayState.ONCE_MORE: _spoken(
        "amber", "an arrow going round", _AMBER, "xxxxxxxx........", Note(_A5, 1), _REST, Note(_D6, 3)
    ),
    DisplayState.REFUSED: _spoken(
        "red", "a cross in an octagon", _RED, "xxxxxx..xxxxxx......", Note(_A5, 4), Note(_E5, 5)
    ),
    DisplayState.SEE_OFFICER: _spoken(
        "lilac", "a person in a square", _RED, "xxxxxx..xx..xx......",
        Note(_A5, 3), _REST, Note(_A5, 3), _REST, Note(_E5, 3),
    ),
    DisplayState.NO_MEETING: _spoken(
        "brown", "a page of a calendar", _AMBER, "x" + 39 * ".", Note(_E5, 1), _REST, _REST, _REST, Note(_E5, 1)
    ),
    DisplayState.READER_GONE: _spoken(
        "black", "an exclamation mark in a triangle", _RED, "x.x.......",
        Note(_B5, 1), _REST, Note(_B5, 1), _REST, Note(_B5, 1), _REST, Note(_B5, 1), _REST, Note(_B5, 1),
    ),
}  # fmt: skip
"""What waits for people is silent; what answers them, or calls for help, sounds; a tick says that a card was seen."""


def in_words(rhythm: Rhythm) -> str:
    """Return a rhythm in English words, for the documentation.

    >>> in_words(Rhythm("xx..xx......"))
    'on 0.2 s, off 0.2 s, on 0.2 s, off 0.6 s'
    """
    if rhythm.is_steady:
        return "steady"
    return ", ".join(
        f"{'on' if mark == 'x' else 'off'} {len(run) * TICK_S:.1f} s" for mark, run in _runs_of(rhythm.marks)
    )


def beeps_of(melody: tuple[Note, ...]) -> tuple[tuple[bool, int], ...]:
    """Return a melody as a buzzer of one pitch gives it: sounding or not, and for how many ticks.

    >>> beeps_of((Note(880.0, 1), Note(660.0, 2), Note(0.0, 1), Note(660.0, 1)))
    ((True, 3), (False, 1), (True, 1))
    """
    marks = "".join(("x" if note.hertz else ".") * note.ticks for note in melody)
    return tuple((mark == "x", len(run)) for mark, run in _runs_of(marks))


def _runs_of(marks: str) -> list[tuple[str, str]]:
    runs: list[tuple[str, str]] = []
    for mark in marks:
        if runs and runs[-1][0] == mark:
            runs[-1] = (mark, runs[-1][1] + mark)
        else:
            runs.append((mark, mark))
    return runs
