"""Reading a log of writes."""

from pathlib import Path

import pytest
from power_cut.errors import Failed
from power_cut.write_log import SECTOR, Flags, WriteLog
from write_logs import FLUSH, discard, entry, filled, log_of, superblock, write


def test_entries_come_in_their_order_with_what_was_written() -> None:
    log = log_of(write(5, "ab"), FLUSH, write(7, "c", Flags.FUA))
    assert [(one.flags, one.sector, one.count) for one in log.entries] == [
        (Flags(0), 5, 2),
        (Flags.FLUSH, 0, 0),
        (Flags.FUA, 7, 1),
    ]
    assert log.content(log.entries[0]) == filled("ab")
    assert log.content(log.entries[1]) == b""
    assert log.content(log.entries[2]) == filled("c")


def test_a_discard_has_no_data_and_reads_as_zeros() -> None:
    log = log_of(discard(3, 4), write(0, "a"))
    assert log.content(log.entries[0]) == bytes(4 * SECTOR)
    assert log.content(log.entries[1]) == filled("a")


def test_a_mark_is_passed_over_with_its_text() -> None:
    log = log_of(entry(0, 0, Flags.MARK, 5) + b"hello".ljust(SECTOR, b"\0"), write(1, "a"))
    assert log.content(log.entries[1]) == filled("a")


def test_what_follows_the_last_counted_entry_is_nothing() -> None:
    log = WriteLog(superblock(1) + write(0, "a") + write(1, "b"))
    assert len(log.entries) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        superblock(0)[:-1],
        superblock(0, magic=1),
        superblock(0, version=2),
        superblock(0, sector_size=4096),
        superblock(1),
        superblock(1) + entry(0, 0, 0)[:31],
        superblock(1) + write(0, "ab")[:-1],
        superblock(1) + entry(0, 0, 64),
    ],
    ids=["empty", "short", "magic", "version", "sector size", "no entry", "half an entry", "half the data", "flags"],
)
def test_what_is_no_whole_log_is_told(content: bytes) -> None:
    with pytest.raises(Failed):
        WriteLog(content)


def test_a_file_is_a_log_and_an_empty_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(superblock(1) + write(2, "a"))
    log = WriteLog.open(path)
    assert log.content(log.entries[0]) == filled("a")
    path.write_bytes(b"")
    with pytest.raises(Failed, match="empty"):
        WriteLog.open(path)
