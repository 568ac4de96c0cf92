"""Acknowledgements, partitions and the archive that the guest starts from."""

from pathlib import Path, PurePosixPath

import pytest
from power_cut.acknowledged import Acknowledger, acknowledgements
from power_cut.archive import Archive
from power_cut.errors import Failed
from power_cut.partitions import partition, partition_table
from power_cut.replay import Region
from power_cut.sparse_disk import SparseDisk
from power_cut.write_log import SECTOR, WriteLog
from write_logs import FLUSH, entry, log_of, superblock, write


def test_an_acknowledgement_is_found_where_it_stands_in_the_log(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.write_bytes(bytes(8 * SECTOR))
    for share in (0, 1):
        pen = Acknowledger(device, share=share, shares=2, direct=False)
        pen("entry", sequence=share + 1)
        pen("entry", sequence=share + 11)
        pen.close()
    sectors = [device.read_bytes()[place * SECTOR : (place + 1) * SECTOR] for place in (0, 1, 4, 5)]
    writes = [entry(100 + place, 1, 0) + sector for place, sector in zip((0, 1, 4, 5), sectors, strict=True)]
    log = log_of(write(3, "a"), writes[0], FLUSH, writes[2], writes[1], writes[3])
    found = [(one.after, one.what, one.more) for one in acknowledgements(log, Region(100, 8))]
    assert found == [
        (2, "entry", {"sequence": 1}),
        (4, "entry", {"sequence": 2}),
        (5, "entry", {"sequence": 11}),
        (6, "entry", {"sequence": 12}),
    ]


def test_two_acknowledgements_in_one_write_are_two(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.write_bytes(bytes(2 * SECTOR))
    pen = Acknowledger(device, direct=False)
    pen("one")
    pen("two")
    log = WriteLog(superblock(1) + entry(9, 2, 0) + device.read_bytes())
    assert [one.what for one in acknowledgements(log, Region(9, 2))] == ["one", "two"]


def test_a_full_region_takes_no_more(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.write_bytes(bytes(SECTOR))
    pen = Acknowledger(device, direct=False)
    pen("one")
    with pytest.raises(StopIteration):
        pen("two")


def test_a_sparse_disk_holds_what_was_written_across_its_parts(tmp_path: Path) -> None:
    disk = SparseDisk(200_000)
    disk.write(65_530, b"0123456789")
    disk.write(199_990, b"abcdefghij")
    expected = bytes(65_530) + b"0123456789" + bytes(200_000 - 65_540 - 10) + b"abcdefghij"
    assert disk.content() == expected
    disk.save(tmp_path / "image")
    assert (tmp_path / "image").read_bytes() == expected
    with (tmp_path / "image").open("rb") as file:
        assert SparseDisk.read(file, 200_000).content() == expected


def test_a_copy_of_a_sparse_disk_is_one_of_its_own() -> None:
    disk = SparseDisk(1000)
    disk.write(0, b"a")
    copy = disk.copy()
    copy.write(0, b"b")
    copy.write(999, b"c")
    assert disk.content() == b"a" + bytes(999)
    assert copy.content() == b"b" + bytes(998) + b"c"


@pytest.mark.parametrize("offset", [-1, 998, 5000])
def test_nothing_is_written_beyond_the_end_of_a_sparse_disk(offset: int) -> None:
    disk = SparseDisk(1000)
    with pytest.raises(ValueError, match="do not fit"):
        disk.write(offset, b"abc")


def test_partitions_are_read_as_they_were_written() -> None:
    table = partition_table([Region(2048, 100), Region(4096, 7)])
    assert len(table) == SECTOR
    assert partition(table, 1) == Region(2048, 100)
    assert partition(table, 2) == Region(4096, 7)


@pytest.mark.parametrize("number", [0, 3, 5])
def test_a_partition_that_is_not_there_is_told(number: int) -> None:
    with pytest.raises(Failed, match=f"no partition {number}"):
        partition(partition_table([Region(2048, 100), Region(4096, 7)]), number)


def test_a_disk_without_a_table_has_no_partition() -> None:
    with pytest.raises(Failed):
        partition(bytes(SECTOR), 1)


def test_an_archive_has_each_folder_before_what_is_in_it_and_every_link_on_the_way(tmp_path: Path) -> None:
    target = tmp_path / "real" / "file"
    target.parent.mkdir()
    target.write_bytes(b"content")
    (tmp_path / "way").symlink_to("real")
    (tmp_path / "real" / "name").symlink_to("file")
    archive = Archive()
    archive.add(tmp_path / "way" / "name")
    archive.write(PurePosixPath("/init"), b"#!", mode=0o755)
    found = entries_of(archive.content())
    assert list(found)[-1] == "TRAILER!!!"
    assert found[str(tmp_path / "way").lstrip("/")] == (0o120777, b"real")
    assert found[str(tmp_path / "real" / "name").lstrip("/")] == (0o120777, b"file")
    assert found[str(target).lstrip("/")][1] == b"content"
    assert found["init"] == (0o100755, b"#!")
    names = list(found)
    for name in names[:-1]:
        parent = str(PurePosixPath(name).parent)
        assert parent == "." or names.index(parent) < names.index(name)


def entries_of(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Read a cpio archive back: mode and content by name."""
    found, place = {}, 0
    while place < len(archive):
        assert archive[place : place + 6] == b"070701"
        fields = [int(archive[place + 6 + 8 * number : place + 14 + 8 * number], 16) for number in range(13)]
        mode, length, name_length = fields[1], fields[6], fields[11]
        name = archive[place + 110 : place + 110 + name_length - 1].decode()
        start = place + 110 + name_length + -(110 + name_length) % 4
        assert name not in found
        found[name] = (mode, archive[start : start + length])
        place = start + length + -length % 4
    return found
