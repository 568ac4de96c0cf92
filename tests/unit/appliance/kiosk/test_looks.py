"""How states look and sound: any two of them are told apart without colours, and with the ears alone."""

import itertools
import re
from pathlib import Path

import pytest

import web_admin
from appliance.kiosk.display import DisplayState
from appliance.kiosk.looks import LOOKS, TICK_S, Note, Rhythm, beeps_of, in_words
from appliance.kiosk.phrases import STATES

ROOT = Path(web_admin.__file__).parent
DOCS = Path(__file__).parents[4] / "docs" / "kiosk.md"
PAIRS = list(itertools.combinations(DisplayState, 2))
SOUNDING_PAIRS = [pair for pair in PAIRS if all(LOOKS[state].melody for state in pair)]
SILENT = {DisplayState.STARTING, DisplayState.LOCKED, DisplayState.READY}
BY_FACTOR = 1.9
"""Somebody who counts no tenths of a second tells a flash from one about twice as long."""


def shapes() -> dict[str, str]:
    """What the page draws for each state, without its colours."""
    drawn = (ROOT / "templates" / "shapes.svg").read_text(encoding="utf-8")
    return dict(re.findall(r'<symbol id="shape-([a-z-]+)"[^>]*>(.*?)</symbol>', drawn, re.DOTALL))


def grounds() -> dict[str, tuple[str, str]]:
    """Ground and letters of each colour in the style sheet."""
    sheet = (ROOT / "static" / "css" / "kiosk.css").read_text(encoding="utf-8")
    rule = r'\.screen\[data-colour="([a-z]+)"\] \{ background: (#[0-9a-f]{6}); color: (#[0-9a-f]{6}); \}'
    return {name: (ground, letters) for name, ground, letters in re.findall(rule, sheet)}


def are_told_apart(first: tuple[tuple[bool, int], ...], second: tuple[tuple[bool, int], ...]) -> bool:
    """Whether two patterns of on and off differ in number, or somewhere in length so that it is seen or heard."""
    return len(first) != len(second) or any(
        max(one, other) >= BY_FACTOR * min(one, other) for (_, one), (_, other) in zip(first, second, strict=True)
    )


def runs_of(rhythm: Rhythm) -> tuple[tuple[bool, int], ...]:
    return beeps_of(tuple(Note(880.0 if mark == "x" else 0.0, 1) for mark in rhythm.marks))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_state_has_a_look_a_shape_a_ground_and_a_phrase() -> None:
    assert set(LOOKS) == set(STATES) == set(DisplayState)
    assert shapes().keys() >= {state.value for state in DisplayState}
    assert {look.colour for look in LOOKS.values()} == set(grounds())


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_any_two_states_differ_in_text_shape_colour_and_rhythm(one: DisplayState, other: DisplayState) -> None:
    first, second = LOOKS[one], LOOKS[other]
    assert STATES[one].vi != STATES[other].vi
    assert STATES[one].en != STATES[other].en
    assert first.shape != second.shape
    assert shapes()[one] != shapes()[other]
    assert grounds()[first.colour] != grounds()[second.colour]
    assert are_told_apart(runs_of(first.rhythm), runs_of(second.rhythm))


@pytest.mark.parametrize(("one", "other"), SOUNDING_PAIRS)
def test_any_two_sounds_differ_on_a_buzzer_of_one_pitch_and_on_a_loudspeaker(
    one: DisplayState, other: DisplayState
) -> None:
    first, second = LOOKS[one].melody, LOOKS[other].melody
    assert are_told_apart(beeps_of(first), beeps_of(second))
    assert [note.hertz for note in first] != [note.hertz for note in second]


def test_what_answers_a_person_or_calls_for_help_sounds_and_is_spoken() -> None:
    assert {state for state, look in LOOKS.items() if not look.melody} == SILENT
    assert {state for state, look in LOOKS.items() if not look.is_spoken} == SILENT | {DisplayState.READING}


def test_lamps_of_a_state_flash_and_begin_with_light() -> None:
    for look in LOOKS.values():
        assert look.lamps
        assert re.fullmatch(r"x[x.]*", look.rhythm.marks)


def test_sounds_are_short_and_within_the_hearing_of_old_people() -> None:
    for look in LOOKS.values():
        assert sum(note.ticks for note in look.melody) * TICK_S <= 1.5
        assert all(note.hertz == 0 or 500 <= note.hertz <= 1600 for note in look.melody)


@pytest.mark.parametrize("colour", sorted(grounds()))
def test_letters_stand_out_from_their_ground(colour: str) -> None:
    lighter, darker = sorted(map(luminance, grounds()[colour]), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 7


def table() -> str:
    """The table of the documentation, drawn from the tables of the code."""
    rows = ["| says | screen | lamps | they are | buzzer, in seconds |", "|---|---|---|---|---|"]
    for state, look in LOOKS.items():
        beeps = ", ".join(
            f"{'on' if sounds else 'off'} {ticks * TICK_S:.1f}" for sounds, ticks in beeps_of(look.melody)
        )
        rows.append(
            f"| **{STATES[state].vi}** – {STATES[state].en} | {look.colour}, {look.shape} | {', '.join(look.lamps)} "
            f"| {in_words(look.rhythm)} | {beeps or 'silent'} |"
        )
    return "\n".join(rows)


def test_the_table_in_the_documentation_is_the_one_in_the_code() -> None:
    assert table() in DOCS.read_text(encoding="utf-8")


def test_the_documentation_names_a_recording_for_every_phrase_that_is_spoken() -> None:
    pages = DOCS.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z-]+)\.wav` \| (.+) \|$", pages, re.MULTILINE))
    assert named == {(state.value, STATES[state].vi) for state, look in LOOKS.items() if look.is_spoken}
