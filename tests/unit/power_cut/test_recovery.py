"""Recovering a real ext4 image: a whole one, one whose superblock was torn, and one that is none."""

import subprocess
from pathlib import Path

import pytest
from power_cut.errors import NotSurvived
from power_cut.parts import tool
from power_cut.recorded_disk import RecordedDisk, write_small_disk
from power_cut.recovery import UNUSABLE, recover

SUPERBLOCK = 1024
MOUNT_COUNT = SUPERBLOCK + 52
"""s_mnt_count, in the superblock's first sector; its checksum is in the second."""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with one file."""
    write_small_disk(tmp_path / "disk")
    recorded = RecordedDisk(tmp_path / "disk", tmp_path / "no-log")
    image = tmp_path / "image"
    recorded.file_system_before().save(image)
    (tmp_path / "file").write_bytes(b"content")
    command = [tool("debugfs", "e2fsprogs"), "-w", "-R", f"write {tmp_path / 'file'} file", image]
    subprocess.run(command, check=True, capture_output=True)
    return image


def changed(image: Path, at: int, content: bytes) -> Path:
    with image.open("r+b") as file:
        file.seek(at)
        file.write(content)
    return image


def test_the_files_of_a_whole_image_are_there(image: Path, tmp_path: Path) -> None:
    assert recover(image, tmp_path / "files") is False
    assert (tmp_path / "files" / "file").read_bytes() == b"content"


def test_a_torn_superblock_is_recovered_from_the_second_and_told(image: Path, tmp_path: Path) -> None:
    assert recover(changed(image, MOUNT_COUNT, b"\x07"), tmp_path / "files") is True
    assert (tmp_path / "files" / "file").read_bytes() == b"content"


def test_what_is_no_file_system_is_a_loss(image: Path, tmp_path: Path) -> None:
    with pytest.raises(NotSurvived) as raised:
        recover(changed(image, 0, bytes(2**20)), tmp_path / "files")
    assert raised.value.loss == UNUSABLE


def test_a_file_system_that_needs_a_repair_is_a_loss(image: Path, tmp_path: Path) -> None:
    clear = [tool("debugfs", "e2fsprogs"), "-w", "-R", "clri file", image]
    subprocess.run(clear, check=True, capture_output=True)
    with pytest.raises(NotSurvived) as raised:
        recover(image, tmp_path / "files")
    assert raised.value.loss == UNUSABLE
