"""What leaves the station for a screen: never more than that screen may show."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.firmware_host.indicator import NullIndicator
from appliance.kiosk.board import Board
from appliance.kiosk.display import SHOW_AN_OWN_YEAR, Display, DisplayState, OwnYear
from appliance.station.screen import Screen

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
NAME = "Mẫu Thị Sen"
YEAR = OwnYear(year=2026, meetings=11, present=9, late=1, excused=1, absent=0)


def screen(tmp_path: Path, *, is_private: bool = False) -> Screen:
    board = Board(tmp_path / "run" / "board.sqlite3")
    return Screen("1", board, NullIndicator(), lambda: AT, is_private=is_private)


def shown(screen: Screen) -> Display:
    display = screen.board.latest("1")
    assert display is not None
    return display


def test_a_member_is_shown_their_name_and_their_year(tmp_path: Path) -> None:
    door = screen(tmp_path)
    door.show(DisplayState.PRESENT, "present", NAME, own_year=YEAR)
    assert shown(door).name == NAME
    assert shown(door).own_year is not None
    assert shown(door).own_year.of == YEAR


def test_a_year_may_come_after_the_answer_and_makes_no_light_and_no_sound(tmp_path: Path) -> None:
    door = screen(tmp_path)
    door.show(DisplayState.LATE, "present-late", NAME)
    door.indicator.shown = None
    door.tell_year(YEAR)
    assert door.indicator.shown is None
    assert shown(door).state is DisplayState.LATE
    assert shown(door).own_year is not None


@pytest.mark.parametrize("state", sorted(set(DisplayState) - SHOW_AN_OWN_YEAR))
def test_whoever_is_refused_or_visits_is_shown_no_year(tmp_path: Path, state: DisplayState) -> None:
    door = screen(tmp_path)
    door.show(state, "", NAME, own_year=YEAR)
    door.tell_year(YEAR)
    assert shown(door).own_year is None


def test_a_year_that_comes_when_the_tap_is_over_is_not_shown(tmp_path: Path) -> None:
    door = screen(tmp_path)
    door.show(DisplayState.PRESENT, "present", NAME)
    door.forget()
    door.tell_year(YEAR)
    door.show(DisplayState.READING)
    door.tell_year(YEAR)
    assert shown(door).own_year is None


@pytest.mark.parametrize(
    ("name", "initials"), [(NAME, "M. T. S."), ("Mẫu-Đỗ Thị Ấn", "M.-Đ. T. Ấ."), ("Sen", "S."), (None, None)]
)
def test_on_a_private_screen_neither_name_nor_year_ever_reaches_the_board(
    tmp_path: Path, name: str | None, initials: str | None
) -> None:
    door = screen(tmp_path, is_private=True)
    door.show(DisplayState.PRESENT, "present", name, own_year=YEAR)
    door.tell_year(YEAR)
    assert shown(door).name == initials
    assert shown(door).own_year is None
    written = (tmp_path / "run" / "board.sqlite3").read_bytes()
    assert name is None or name.encode() not in written


def test_a_board_that_cannot_be_written_costs_no_light(tmp_path: Path) -> None:
    door = screen(tmp_path)
    (tmp_path / "run" / "board.sqlite3").write_bytes(b"no database" * 500)
    door.show(DisplayState.PRESENT, "present", NAME, own_year=YEAR)
    door.tell_year(YEAR)
    assert door.indicator.shown is DisplayState.PRESENT
