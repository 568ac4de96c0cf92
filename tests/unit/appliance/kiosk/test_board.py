"""The board between station and page."""

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.errors import StorageError
from appliance.kiosk.board import MAX_WAITING_REQUESTS, Board, StationLists, TrayCard
from appliance.kiosk.display import Display, DisplayState

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


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


def test_a_damaged_board_is_a_typed_error(board: Board, tmp_path: Path) -> None:
    (tmp_path / "run" / "board.sqlite3").write_bytes(b"no database" * 500)
    with pytest.raises(StorageError):
        board.latest()


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
