"""What leaves the station for a screen: never more than that screen may show."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.firmware_host.indicator import NullIndicator
from appliance.kiosk.board import Board, StationLists
from appliance.kiosk.display import SHOW_AN_OWN_YEAR, Display, DisplayState, OwnYear
from appliance.station.screen import Screen

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
NAME = "Mẫu Thị Sen"
YEAR = OwnYear(year=2026, meetings=11, present=9, late=1, excused=1, absent=0)


@dataclass
class Steady:
    """A steady clock that a test sets."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def screen(tmp_path: Path, *, is_private: bool = False, steady: Steady | None = None) -> Screen:
    steady = steady or Steady()
    board = Board(tmp_path / "run" / "board.sqlite3", steady_clock=steady)
    return Screen("1", board, NullIndicator(), lambda: AT, is_private=is_private, steady_clock=steady)


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
    (tmp_path / "run" / "board.sqlite3").unlink()
    (tmp_path / "run" / "board.sqlite3").mkdir()
    door.show(DisplayState.PRESENT, "present", NAME, own_year=YEAR)
    door.tell_year(YEAR)
    assert door.indicator.shown is DisplayState.PRESENT


def test_a_board_that_was_made_anew_is_told_again_what_is_shown_without_a_sound(tmp_path: Path) -> None:
    steady = Steady()
    door = screen(tmp_path, steady=steady)
    door.show(DisplayState.READY)
    door.tell_lists(StationLists(AT, timestamp=12))
    door.take_requests()
    (tmp_path / "run" / "board.sqlite3").unlink()
    door.indicator.shown = None
    steady.now += 2
    assert door.take_requests() == []
    assert shown(door).state is DisplayState.READY
    assert door.indicator.shown is None
    door.tell_lists(StationLists(AT, timestamp=12))
    assert door.board.station_lists() == StationLists(AT, timestamp=12)


def test_what_could_not_be_shown_while_somebody_held_the_board_is_shown_once_it_can_be(tmp_path: Path) -> None:
    steady = Steady()
    door = screen(tmp_path, steady=steady)
    door.show(DisplayState.READING)
    holder = sqlite3.connect(tmp_path / "run" / "board.sqlite3", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    door.show(DisplayState.PRESENT, "present", NAME)
    holder.close()
    assert door.take_requests() == []
    assert shown(screen(tmp_path)).state is DisplayState.READING  # a door that failed once leaves the board alone
    steady.now += 1.1
    door.take_requests()
    assert (shown(door).state, shown(door).name) == (DisplayState.PRESENT, NAME)


def test_a_sign_of_life_is_given_every_two_seconds_and_not_on_each_turn(tmp_path: Path) -> None:
    steady = Steady()
    door = screen(tmp_path, steady=steady)
    door.show(DisplayState.READY)
    ages = []
    for _ in range(5):
        door.take_requests()
        ages.append(door.board.silent_for())
        steady.now += 0.75
    assert ages == [0, 0.75, 1.5, 0, 0.75]


def test_a_door_without_a_scanner_asks_for_the_number_on_the_card(tmp_path: Path) -> None:
    door = screen(tmp_path)
    door.show(DisplayState.READY)
    assert shown(door).detail_vi == ""
    door.has_scanner = False
    door.show(DisplayState.READY)
    assert shown(door).detail_vi == "Nhập 6 số CAN in trên thẻ, rồi đưa thẻ."
    door.show(DisplayState.ONCE_MORE, "access-denied")
    assert "Nhập lại 6 số CAN" in shown(door).detail_vi
