"""A key file on a stick: taken, away, somebody else's, no file at all; made where it can be, and never replaced."""

import errno
import os
import pathlib

import pytest

from appliance.errors import KeyDamaged, KeyFileAway, KeyFileUnreadable, KeysNotProtected, WrongSecret
from appliance.keys import files, protection
from appliance.keys.key_set import PROTECTED
from appliance.keys.wrapping import WrappedKeys

PASSPHRASE = "sáu từ ngẫu nhiên"


def test_the_stick_may_be_pulled_once_the_appliance_is_up(machine):
    keys = machine.protected("key-file").open()
    stick = machine.stick.rename(machine.stick.with_name("in a pocket"))
    assert machine.room.open().secrets() == keys.secrets()
    machine.power_off()
    with pytest.raises(KeyFileAway, match="plug in the stick"):
        machine.room.open()
    stick.rename(machine.stick)
    assert machine.room.open().secrets() == keys.secrets()


def test_the_stick_is_taken_at_once_by_whoever_unlocks_with_it(machine):
    keys = machine.protected("key-file").unlock_by_key_file()
    machine.stick.rename(machine.stick.with_name("in a pocket"))
    assert machine.room.open().secrets() == keys.secrets()
    machine.power_off()
    with pytest.raises(KeyFileAway, match="plug in the stick"):
        machine.room.unlock_by_key_file()


def test_a_passphrase_is_no_key_file_and_a_key_file_no_passphrase(machine):
    machine.protected("passphrase")
    with pytest.raises(KeysNotProtected):
        machine.room.unlock_by_key_file()
    machine.protected("key-file")
    with pytest.raises(KeysNotProtected):
        machine.room.unlock(PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"00" * 32, b"\xff" * 40, b"not hexadecimal at all"])
def test_another_key_file_opens_nothing(machine, content):
    machine.protected("key-file")
    (machine.stick / "thechip.key").write_bytes(content)
    with pytest.raises(WrongSecret, match=r"thechip\.key is not the key file"):
        machine.room.open()


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "not for this user"])
def test_what_cannot_be_read_in_place_of_the_key_file_is_said_at_once_and_the_right_one_opens_after_it(
    machine, kind, monkeypatch
):
    keys = machine.protected("key-file").open()
    machine.power_off()
    file = machine.stick / "thechip.key"
    right = file.read_bytes()
    file.unlink()
    with monkeypatch.context() as for_a_while:
        match kind:
            case "a pipe":
                os.mkfifo(file)
            case "a folder":
                file.mkdir()
            case _:  # whoever runs these tests as root may read anything
                for_a_while.setattr(protection, "read_regular", refused)
        with pytest.raises(KeyFileUnreadable, match=r"thechip\.key is there and cannot be read \("):
            machine.room.open()
    file.rmdir() if kind == "a folder" else file.unlink(missing_ok=True)
    file.write_bytes(right)
    assert machine.room.open().secrets() == keys.secrets()


def refused(path, length):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def test_a_pipe_in_place_of_a_key_file_protects_nothing(machine):
    keys = machine.room.open()
    room = machine.told("key-file")
    os.mkfifo(machine.stick / "thechip.key")
    with pytest.raises(KeyFileUnreadable, match="no regular file"):
        room.protect(keys)
    assert [path.name for path in machine.card.iterdir()] == ["appliance"]


def test_a_key_file_that_is_there_is_used_and_never_replaced(machine):
    machine.protected("key-file")
    first = (machine.stick / "thechip.key").read_bytes()
    machine.protected("key-file")
    assert (machine.stick / "thechip.key").read_bytes() == first


@pytest.mark.parametrize("content", [b"", b"\n", b"00", b"zz" * 32, b"00" * 31, b"00" * 33, b"0 " * 64])
def test_a_file_that_holds_no_key_of_32_bytes_protects_nothing(machine, content):
    """An empty one would be a key that everybody has."""
    keys = machine.room.open()
    room = machine.told("key-file")
    (machine.stick / "thechip.key").write_bytes(content)
    with pytest.raises(KeyDamaged, match=r"holds no key, which is 64 hexadecimal digits.*nothing was changed"):
        room.protect(keys)
    assert [path.name for path in machine.card.iterdir()] == ["appliance"]


def test_keys_that_were_put_under_an_empty_key_file_are_not_opened_by_one(machine):
    keys = machine.room.open()
    room = machine.told("key-file")
    (machine.card / PROTECTED).write_bytes(WrappedKeys.new(keys, b"", kind="key-file", log2_cost=10).encode())
    (machine.card / PROTECTED).chmod(0o600)
    (machine.stick / "thechip.key").write_bytes(b"")
    with pytest.raises(WrongSecret):
        room.open()


def without_hard_links(monkeypatch):
    """FAT and exFAT, as Linux answers for them."""

    def refused(path, target):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))

    monkeypatch.setattr(pathlib.Path, "hardlink_to", refused)


def test_a_key_file_is_made_on_a_stick_without_hard_links_and_nothing_lies_beside_it(machine, monkeypatch):
    keys = machine.room.open()
    without_hard_links(monkeypatch)
    machine.protected("key-file")
    assert machine.room.open().secrets() == keys.secrets()
    assert [path.name for path in machine.stick.iterdir()] == ["thechip.key"]
    first = (machine.stick / "thechip.key").read_bytes()
    assert files.write_once(machine.stick / "thechip.key", b"another") is False
    assert (machine.stick / "thechip.key").read_bytes() == first
    assert [path.name for path in machine.stick.iterdir()] == ["thechip.key"]


def test_a_stick_that_goes_away_while_the_key_file_is_named_leaves_none(machine, monkeypatch):
    without_hard_links(monkeypatch)

    def gone(path, target):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(pathlib.Path, "replace", gone)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        files.write_once(machine.stick / "thechip.key", b"key")
    assert list(machine.stick.iterdir()) == []
