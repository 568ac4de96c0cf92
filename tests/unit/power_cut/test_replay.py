"""What a disk may hold after a power cut, drawn often enough to see everything that can be drawn."""

from random import Random

import pytest
from power_cut.replay import Certain, Region, Replay, honest, lying
from power_cut.write_log import SECTOR, Flags, WriteLog
from write_logs import FLUSH, discard, disk_of, letters_of, log_of, write

BEFORE = "........"
DRAWS = 1000
WHOLE = Region(0, 8)


def drawn(log: WriteLog, after: int, certain: Certain = honest, region: Region = WHOLE) -> set[str]:
    """Return every state of the disk that came of many draws."""
    before = disk_of(BEFORE[: region.count])
    cuts = (Replay(log, region, before, certain).cut(after, Random(seed)) for seed in range(DRAWS))
    return {letters_of(disk.content()) for disk in cuts}


def test_before_the_first_write_everything_is_as_it_was() -> None:
    assert drawn(log_of(write(0, "a")), 0) == {BEFORE}


def test_what_was_flushed_is_there_whatever_is_drawn() -> None:
    assert drawn(log_of(write(0, "ab"), write(2, "c"), FLUSH), 3) == {"abc....."}


def test_of_what_was_not_flushed_each_write_may_be_there_or_not() -> None:
    assert drawn(log_of(write(0, "a"), write(1, "b")), 2) == {BEFORE, "a.......", ".b......", "ab......"}


def test_a_later_write_may_be_there_without_an_earlier_one_of_the_same_place() -> None:
    assert drawn(log_of(write(0, "ab"), FLUSH, write(0, "c"), write(0, "d")), 4) == {
        "ab......",
        "cb......",
        "db......",
    }


def test_a_write_is_torn_between_sectors_and_in_no_sector() -> None:
    states = drawn(log_of(write(0, "abc")), 1)
    assert states == {f"{a}{b}{c}....." for a in "a." for b in "b." for c in "c."}


def test_what_comes_after_the_cut_is_not_there() -> None:
    log = log_of(write(0, "a"), FLUSH, write(1, "b"), FLUSH)
    assert drawn(log, 2) == {"a......."}
    assert drawn(log, 3) == {"a.......", "ab......"}


def test_a_write_with_fua_is_there_without_a_flush_and_takes_nothing_else_along() -> None:
    assert drawn(log_of(write(0, "a"), write(1, "b", Flags.FUA)), 2) == {".b......", "ab......"}


def test_a_lying_disk_is_behind_by_so_many_entries_flush_or_no_flush() -> None:
    log = log_of(write(0, "a"), FLUSH, write(1, "b"), FLUSH)
    assert drawn(log, 4, lying(3)) == {"a.......", "ab......"}
    assert drawn(log, 4, lying(4)) == {BEFORE, "a.......", ".b......", "ab......"}


def test_a_discard_leaves_what_was_there_or_zeros() -> None:
    assert drawn(log_of(discard(0, 1)), 1) == {BEFORE, "\0......."}


def test_only_what_lies_in_the_region_is_rebuilt() -> None:
    log = log_of(write(1, "abcd"), write(6, "e"), write(0, "f"), FLUSH)
    assert drawn(log, 4, region=Region(3, 3)) == {"cd."}
    assert drawn(log, 4, region=Region(2, 2)) == {"bc"}


def test_one_replay_goes_through_a_log_as_new_ones_would() -> None:
    log = log_of(write(0, "a"), FLUSH, write(1, "b"), write(0, "c"), FLUSH, write(2, "d"))
    replay = Replay(log, WHOLE, disk_of(BEFORE))
    for after in range(len(log.entries) + 1):
        alone = Replay(log, WHOLE, disk_of(BEFORE))
        assert replay.cut(after, Random(after)).content() == alone.cut(after, Random(after)).content()


def test_a_replay_does_not_go_back() -> None:
    log = log_of(write(0, "a"), FLUSH, write(1, "b"), FLUSH)
    replay = Replay(log, WHOLE, disk_of(BEFORE))
    replay.cut(4, Random(1))
    with pytest.raises(ValueError, match="order"):
        replay.cut(1, Random(1))


def test_a_region_has_a_length_in_bytes() -> None:
    assert Region(2, 3).length == 3 * SECTOR
