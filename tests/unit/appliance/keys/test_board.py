"""What a board knows of itself, and which folders lie in memory."""

import errno
import os

import pytest

from appliance.errors import BoardUnknown
from appliance.keys import board as boards
from appliance.keys import memory
from appliance.keys.board import board_secret


def board(root, name, content):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_programmed_key_counts_for_more_than_a_serial_number(tmp_path):
    board(tmp_path, "proc/device-tree/serial-number", b"100000003d1e55ab\0")
    assert board_secret(root=tmp_path).secret == b"100000003d1e55ab"
    board(tmp_path, "sys/bus/nvmem/devices/rpi_otp_private0/nvmem", bytes(32))
    assert board_secret(root=tmp_path).source == "serial", "it was never programmed"
    board(tmp_path, "sys/bus/nvmem/devices/rpi_otp_private0/nvmem", b"k" * 32)
    assert (board_secret(root=tmp_path).source, board_secret(root=tmp_path).secret) == ("otp", b"k" * 32)
    assert board_secret("serial", root=tmp_path).secret == b"100000003d1e55ab", "by which keys were protected before"
    assert "k" * 32 not in repr(board_secret(root=tmp_path))


def test_a_programmed_key_that_this_user_may_not_read_is_said_and_no_worse_number_is_taken_instead(
    tmp_path, monkeypatch
):
    board(tmp_path, "proc/device-tree/serial-number", b"100000003d1e55ab\0")
    board(tmp_path, "sys/bus/nvmem/devices/rpi_otp_private0/nvmem", b"k" * 32)
    with monkeypatch.context() as of_another_user:
        of_another_user.setattr(boards.Path, "open", as_for_another_user(boards.Path.open))
        for source in (None, "otp"):
            with pytest.raises(BoardUnknown, match=r"nvmem is there and cannot be read \(Permission denied\)"):
                board_secret(source, root=tmp_path)
        assert board_secret("serial", root=tmp_path).source == "serial", "by which keys were protected before"
    assert board_secret(root=tmp_path).source == "otp"


def as_for_another_user(usual):
    """Whoever runs these tests as root may read anything."""

    def opened(path, mode):
        if path.name == "nvmem":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return usual(path, mode)

    return opened


@pytest.mark.parametrize("serial", [None, b"", b"0000000000000000\0", b"00000000-0000-0000-0000-000000000000\n"])
def test_a_board_without_a_number_is_said_to_have_none(tmp_path, serial):
    if serial is not None:
        board(tmp_path, "proc/device-tree/serial-number", serial)
    with pytest.raises(BoardUnknown, match="passphrase or a key file"):
        board_secret(root=tmp_path)


@pytest.mark.parametrize(
    ("mounts", "is_so"),
    [
        ("1 0 8:1 / / rw - ext4 /dev/root rw\n2 1 0:2 / /run rw,nosuid shared:5 - tmpfs tmpfs rw\n", True),
        ("1 0 8:1 / / rw - ext4 /dev/root rw\n2 1 0:2 / /running rw - tmpfs tmpfs rw\n", False),
        ("2 1 0:2 / /run rw - tmpfs tmpfs rw\n3 2 8:2 / /run/a\\040b rw - ext4 /dev/x rw\n", False),
        ("2 1 0:2 / /run rw - tmpfs tmpfs rw\n3 2 8:2 / /run rw - ext4 /dev/x rw\n", False),
        ("", False),
    ],
)
def test_a_folder_is_in_memory_if_the_nearest_mount_is(tmp_path, mounts, is_so):
    (tmp_path / "mountinfo").write_text(mounts)
    place = type(tmp_path)("/run/a b/thechip")
    assert memory.is_in_memory(place, mounts=tmp_path / "mountinfo") is is_so


def test_what_this_machine_calls_memory_is_memory(in_memory, tmp_path):
    assert memory.is_in_memory(in_memory / "not made yet")
    assert not memory.is_in_memory(tmp_path / "no such mounts", mounts=tmp_path / "nothing")
