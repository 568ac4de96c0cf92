"""The board between station and page."""

import math
import shutil
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import StorageError
from appliance.kiosk.board import MAX_WAITING_REQUESTS, TYPE_CAN, Board, StationLists, TrayCard
from appliance.kiosk.display import SHOW_AN_OWN_YEAR, Display, DisplayState, OwnYear

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
YEAR = OwnYear(year=2026, meetings=11, present=9, late=1, excused=1, absent=0)


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path / "run" / "board.sqlite3")


def display(state: DisplayState, reader: str = "1", name: str | None = None) -> Display:
    return Display(state, "Có mặt", "Present", AT, reader=reader, name=name)


def test_an_empty_board_shows_nothing(board: Board) -> None:
    assert board.latest() is None
    assert board.tray() == []
    assert board.take_requests() == []


@pytest.mark.parametrize(
    "lists",
    [StationLists(), StationLists(AT, None, 7), StationLists(AT, timestamp=12, card_status=7, content="ab" * 32)],
)
def test_it_says_which_lists_the_station_uses_once_the_station_said_so(board: Board, lists: StationLists) -> None:
    assert board.station_lists() is None
    board.tell_lists(StationLists(AT, timestamp=1))
    before = board.version()
    board.tell_lists(lists)
    assert board.station_lists() == lists
    assert board.version() > before


def test_the_newest_display_wins_and_each_reader_keeps_its_own(board: Board) -> None:
    board.post(display(DisplayState.READING, reader="1"))
    board.post(display(DisplayState.PRESENT, reader="2", name="Mẫu Thị Sen"))
    newest, first = board.latest(), board.latest("1")
    assert newest is not None
    assert (newest.reader, newest.state, newest.name, newest.at) == ("2", DisplayState.PRESENT, "Mẫu Thị Sen", AT)
    assert first is not None
    assert first.state is DisplayState.READING
    assert first.sequence < newest.sequence


def test_another_process_sees_what_was_posted(board: Board, tmp_path: Path) -> None:
    before = board.version()
    board.post(display(DisplayState.READY))
    other = Board(tmp_path / "run" / "board.sqlite3")
    seen = other.latest()
    assert seen is not None
    assert seen.state is DisplayState.READY
    assert other.version() > before


def test_a_request_is_taken_once_and_in_order(board: Board) -> None:
    first = board.request("tap", {"card": "genuine"})
    second = board.request("tap", {"card": "late"})
    assert [(request.id, request.payload["card"]) for request in board.take_requests()] == [
        (first, "genuine"),
        (second, "late"),
    ]
    assert board.take_requests() == []


def test_requests_that_nobody_takes_are_refused_at_last(board: Board) -> None:
    for _ in range(MAX_WAITING_REQUESTS):
        board.request("tap", {})
    with pytest.raises(StorageError, match="does not answer"):
        board.request("tap", {})


def test_a_name_is_in_no_repr_and_the_file_is_its_owners(board: Board, tmp_path: Path) -> None:
    assert "Sen" not in repr(display(DisplayState.PRESENT, name="Mẫu Thị Sen"))
    assert stat.S_IMODE((tmp_path / "run" / "board.sqlite3").stat().st_mode) == 0o600


def test_a_board_that_cannot_be_mended_is_a_typed_error(board: Board, tmp_path: Path) -> None:
    (tmp_path / "run" / "board.sqlite3").unlink()
    (tmp_path / "run" / "board.sqlite3").mkdir()
    with pytest.raises(StorageError, match="cannot be used"):
        board.latest()


@pytest.mark.parametrize("harm", ["gone", "emptied", "garbage", "without its folder", "torn"])
def test_a_board_that_is_harmed_while_it_is_used_is_made_anew_by_the_next_call(
    board: Board, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "run" / "board.sqlite3"
    whole = path.read_bytes()
    match harm:
        case "gone":
            path.unlink()
        case "without its folder":
            shutil.rmtree(path.parent)
        case _:
            path.write_bytes({"emptied": b"", "garbage": b"junk" * 2000, "torn": whole[:100] + b"\xff" * 9000}[harm])
    assert board.latest() is None
    board.post(display(DisplayState.READY))
    board.request("tap", {})
    assert board.version() == 2
    assert len(board.take_requests()) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_door_waits_a_moment_for_whoever_holds_the_board_and_then_leaves_it_alone_for_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    connect = sqlite3.connect

    def noted(path: Path, timeout: float, **how: Any) -> sqlite3.Connection:
        waits.append(timeout)
        return connect(path, timeout=timeout, **how)

    now = 100.0
    page = Board(tmp_path / "board.sqlite3", steady_clock=lambda: now)
    door = page.for_a_door()
    holder = connect(tmp_path / "board.sqlite3", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(sqlite3, "connect", noted)
    for _ in range(3):
        with pytest.raises(StorageError):
            door.post(display(DisplayState.READING))
    assert waits == [0.2]
    holder.close()
    now += 1.1
    assert door.post(display(DisplayState.READY))
    page.latest()
    assert waits[-1] == 5.0


def test_a_sign_of_life_has_an_age_until_a_station_ends_and_takes_its_displays_off(tmp_path: Path) -> None:
    now = 100.0
    board = Board(tmp_path / "board.sqlite3", steady_clock=lambda: now)
    assert board.silent_for() is None
    assert not board.tell_alive("1")
    board.post(display(DisplayState.READY))
    now += 31
    assert board.silent_for() == 31
    assert board.tell_alive("1")
    assert board.silent_for() == 0
    now = 5  # the machine started anew, and the file outlived that
    assert board.silent_for() == math.inf
    board.forget_displays()
    assert board.silent_for() is None


def test_the_tray_is_replaced_as_a_whole(board: Board) -> None:
    board.lay_out([TrayCard("a", "Một", "One", "present"), TrayCard("b", "Hai", "Two", "refused")])
    board.lay_out([TrayCard("c", "Ba", "Three", "present")])
    assert [card.key for card in board.tray()] == ["c"]


def test_a_board_that_a_power_cut_damaged_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "run" / "board.sqlite3"
    Board(path).request("tap", {})
    whole = path.read_bytes()
    for damaged in (b"junk" * 2000, whole[:100] + b"\xff" * (len(whole) - 100)):
        path.write_bytes(damaged)
        board = Board(path)
        assert board.take_requests() == []
        assert board.version() == 0


def test_a_board_that_somebody_holds_is_not_wiped(tmp_path: Path) -> None:
    path = tmp_path / "board.sqlite3"
    Board(path).request("tap", {})
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageError):
        Board(path)
    holder.close()
    assert len(Board(path).take_requests()) == 1


# --- a member's own year ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(SHOW_AN_OWN_YEAR))
def test_a_year_stands_beside_the_answer_and_beside_the_invitation_that_follows(
    board: Board, state: DisplayState
) -> None:
    board.post(display(state))
    board.post_own_year("1", YEAR, at=AT)
    for following in (None, DisplayState.READY):
        if following is not None:
            board.post(display(following))
        shown = board.latest("1")
        assert shown is not None
        assert shown.own_year is not None
        assert (shown.own_year.of, shown.own_year.at) == (YEAR, AT)


@pytest.mark.parametrize("state", sorted(set(DisplayState) - {DisplayState.READY}))
def test_whatever_else_is_shown_next_takes_the_year_away_at_once_and_for_good(
    board: Board, state: DisplayState
) -> None:
    board.post(display(DisplayState.PRESENT))
    board.post_own_year("1", YEAR, at=AT)
    board.post(display(state))
    board.post(display(DisplayState.READY))
    shown = board.latest("1")
    assert shown is not None
    assert shown.own_year is None


@pytest.mark.parametrize("state", sorted(set(DisplayState) - SHOW_AN_OWN_YEAR))
def test_no_year_is_kept_beside_anything_but_the_answer_to_a_member(board: Board, state: DisplayState) -> None:
    board.post(display(state))
    before = board.latest("1")
    board.post_own_year("1", YEAR, at=AT)
    board.post_own_year("nobody's", YEAR, at=AT)
    assert board.latest("1") == before


def test_a_year_belongs_to_one_reader_and_leaves_with_its_displays(board: Board) -> None:
    for reader in ("1", "2"):
        board.post(display(DisplayState.PRESENT, reader=reader))
    board.post_own_year("2", YEAR, at=AT)
    board.post(display(DisplayState.READING, reader="1"))
    first, second = board.displays()
    assert (first.reader, first.own_year) == ("1", None)
    assert second.own_year is not None
    board.forget_displays()
    assert board.displays() == []
    board.post(display(DisplayState.READY, reader="2"))
    assert board.displays()[0].own_year is None


def test_a_year_that_is_forgotten_is_not_in_the_file_any_more_nor_is_a_name_or_a_number(
    board: Board, tmp_path: Path
) -> None:
    board.post(display(DisplayState.PRESENT, name="Mẫu Thị Sen"))
    board.post_own_year("1", OwnYear(2026, 770_771, 770_772, 770_773, 770_774, 770_775), at=AT)
    board.request(TYPE_CAN, {"digits": "424344"})
    whole = (tmp_path / "run" / "board.sqlite3").read_bytes()
    assert all(secret in whole for secret in ("Mẫu Thị Sen".encode(), b"770773", b"424344"))
    shown = board.latest("1")
    assert shown is not None
    assert shown.own_year is not None
    board.forget_own_year(shown.own_year)
    board.take_requests()
    board.post(display(DisplayState.READY))
    left = b"".join(path.read_bytes() for path in (tmp_path / "run").iterdir())
    assert not any(secret in left for secret in ("Mẫu Thị Sen".encode(), b"770773", b"424344"))


def test_forgetting_one_year_leaves_the_next_one(board: Board) -> None:
    board.post(display(DisplayState.PRESENT))
    board.post_own_year("1", YEAR, at=AT)
    first = board.latest("1")
    board.post_own_year("1", YEAR, at=AT)
    assert first is not None
    assert first.own_year is not None
    board.forget_own_year(first.own_year)
    second = board.latest("1")
    assert second is not None
    assert second.own_year is not None
    assert second.own_year.sequence > first.own_year.sequence


def test_a_year_is_in_no_repr(tmp_path: Path) -> None:
    board = Board(tmp_path / "board.sqlite3", steady_clock=lambda: 0.0)
    board.post(display(DisplayState.PRESENT))
    board.post_own_year("1", OwnYear(2026, 77, 77, 77, 77, 77), at=AT)
    shown = board.latest("1")
    assert shown is not None
    assert "77" not in repr(shown) + repr(shown.own_year) + repr(YEAR)
