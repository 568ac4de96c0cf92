"""Keys under what the board knows, somebody types, or lies on a stick: the card alone opens nothing."""

import errno
import json
import os
import pathlib
import re
import shutil
import stat
from dataclasses import replace

import pytest

from appliance.errors import (
    BoardUnknown,
    ConfigError,
    KeyDamaged,
    KeyExposed,
    KeyFileAway,
    KeyFileUnreadable,
    KeyLocked,
    KeysNotProtected,
    WrongSecret,
)
from appliance.keys import Keys, files, memory, protection
from appliance.keys import board as boards
from appliance.keys.board import board_secret
from appliance.keys.key_set import PROTECTED
from appliance.keys.protection import open_keys
from appliance.keys.wrapping import WrappedKeys

PASSPHRASE = "sáu từ ngẫu nhiên"
PROTECTING = ["board", "passphrase", "key-file"]


def content_of(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def opened(machine, kind):
    return machine.room.unlock(PASSPHRASE) if kind == "passphrase" else machine.room.open()


@pytest.mark.parametrize("kind", PROTECTING)
def test_protected_keys_are_the_same_keys_and_none_of_them_is_on_the_card(machine, kind):
    before = machine.room.open().secrets()
    machine.protected(kind)
    assert opened(machine, kind).secrets() == before
    assert machine.room.open().secrets() == before
    card = content_of(machine.card)
    assert [secret for secret in before if secret in card or secret.hex().encode() in card] == []
    assert [path.name for path in machine.card.iterdir()] == [PROTECTED]
    assert stat.S_IMODE((machine.card / PROTECTED).stat().st_mode) == 0o600


@pytest.mark.parametrize("after", ["none", *PROTECTING])
@pytest.mark.parametrize("before", ["none", *PROTECTING])
def test_every_kind_follows_every_other(machine, before, after):
    secrets = machine.room.open().secrets()
    machine.protected(before)
    if before == "passphrase":
        machine.room.unlock(PASSPHRASE)
    machine.protected(after)
    assert opened(machine, after).secrets() == secrets


@pytest.mark.parametrize("kind", ["passphrase", "key-file"])
def test_a_first_start_that_needs_somebody_says_so_and_makes_nothing(machine, kind):
    with pytest.raises(KeysNotProtected, match=r"no keys yet.*thechip-appliance protect"):
        machine.told(kind).open()
    assert not machine.card.exists()


def test_a_first_start_under_the_board_makes_protected_keys_at_once(machine):
    keys = machine.told("board").open()
    assert [path.name for path in machine.card.iterdir()] == [PROTECTED]
    assert machine.room.open().secrets() == keys.secrets()


# --- what does not open -----------------------------------------------------------------------------------------------


def test_a_card_in_another_board_opens_nothing_and_the_sentence_says_what_to_do(machine):
    machine.protected("board")
    machine.serial = b"100000003d1e55ac"
    with pytest.raises(WrongSecret, match="another board: put the card back"):
        machine.room.open()
    machine.serial = None
    with pytest.raises(BoardUnknown):
        machine.room.open()


def test_another_passphrase_opens_nothing_and_leaves_the_keys_locked(machine):
    machine.protected("passphrase")
    with pytest.raises(WrongSecret, match="not the passphrase"):
        machine.room.unlock(PASSPHRASE + " ")
    with pytest.raises(KeyLocked, match="thechip-appliance unlock"):
        machine.room.open()


def test_what_was_unlocked_is_open_to_every_process_until_power_off(machine):
    keys = machine.protected("passphrase").unlock(PASSPHRASE)
    assert machine.room.open().secrets() == keys.secrets()
    machine.power_off()
    with pytest.raises(KeyLocked):
        machine.room.open()


def test_whoever_locks_asks_for_the_passphrase_again(machine):
    machine.protected("passphrase").unlock(PASSPHRASE)
    machine.room.lock()
    with pytest.raises(KeyLocked):
        machine.room.open()


def test_a_new_passphrase_makes_the_old_one_and_what_was_unlocked_worthless(machine):
    keys = machine.protected("passphrase").unlock(PASSPHRASE)
    old = memory.remembered(machine.memory)
    machine.room.protect(keys, "một câu khác hẳn")
    memory.remember(machine.memory, old)
    with pytest.raises(KeyLocked):
        machine.room.open()
    with pytest.raises(WrongSecret):
        machine.room.unlock(PASSPHRASE)
    assert machine.room.unlock("một câu khác hẳn").secrets() == keys.secrets()


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


@pytest.mark.parametrize("found", ["none", *PROTECTING])
@pytest.mark.parametrize("told", ["none", *PROTECTING])
def test_keys_that_lie_otherwise_than_the_configuration_says_are_not_opened_in_silence(machine, found, told):
    machine.room.open()
    machine.protected(found)
    if found != "none":
        machine.told("none")
        with pytest.raises(KeyLocked):
            Keys.load_or_create(machine.card)
    room = machine.told(told)
    if found == told:
        assert opened(machine, told)
        return
    with pytest.raises(KeysNotProtected, match=f'"{told}".*"{found}".*thechip-appliance protect'):
        room.open()


def test_a_run_directory_on_the_card_is_refused_before_anything_is_unlocked_into_it(machine, tmp_path):
    keys = machine.room.open()
    machine.room = replace(machine.told("passphrase"), run_directory=tmp_path / "run")
    with pytest.raises(ConfigError, match="must lie in memory"):
        machine.room.protect(keys, PASSPHRASE)
    assert not (machine.card / PROTECTED).exists()
    for unlock in (lambda: machine.room.unlock(PASSPHRASE), machine.room.unlock_by_key_file):
        with pytest.raises(ConfigError, match="must lie in memory"):
            unlock()


# --- the file ---------------------------------------------------------------------------------------------------------


def test_whatever_the_file_says_of_itself_is_authenticated(machine):
    machine.protected("board")
    file = machine.card / PROTECTED
    fields = json.loads(file.read_text())
    for name, value in {"source": "otp", "salt": "00" * 32, "log2_cost": 11, "sealed": "00" * 124}.items():
        file.write_text(json.dumps({**fields, name: value}))
        with pytest.raises((WrongSecret, BoardUnknown)):
            machine.room.open()


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[" * 900, "[]", '{"log2_cost": 40}', '{"log2_cost": 1e999}', "\x00"],
)
def test_a_damaged_file_is_an_error_and_costs_no_gigabytes(machine, content):
    machine.protected("board")
    file = machine.card / PROTECTED
    fields = json.loads(file.read_text())
    damaged = json.dumps({**fields, **json.loads(content)}) if content.startswith('{"log') else content
    file.write_text(damaged)
    with pytest.raises(KeyDamaged):
        machine.room.open()


def test_a_kind_that_nobody_knows_is_damage(machine):
    machine.protected("board")
    file = machine.card / PROTECTED
    file.write_text(file.read_text().replace('"board"', '"moon"'))
    with pytest.raises(KeyDamaged):
        machine.room.open()


def test_a_file_that_others_may_read_is_refused(machine):
    machine.protected("board")
    (machine.card / PROTECTED).chmod(0o644)
    with pytest.raises(KeyExposed):
        machine.room.open()


def test_what_an_interrupted_change_left_in_the_clear_is_removed_at_the_next_start(machine, tmp_path):
    """The power went after the protected file was there, and before the plain ones were gone."""
    keys = machine.room.open()
    shutil.copytree(machine.card, tmp_path / "plain")
    machine.protected("board")
    shutil.copytree(tmp_path / "plain", machine.card, dirs_exist_ok=True)
    shutil.copytree(tmp_path / "plain" / "appliance", machine.card / ".new-abc")
    assert machine.room.open().secrets() == keys.secrets()
    assert [path.name for path in machine.card.iterdir()] == [PROTECTED]


def test_two_equal_passphrases_become_two_different_keys():
    keys = Keys.of((bytes(32), bytes(32), bytes(32)))
    one, other = (WrappedKeys.new(keys, b"x", kind="passphrase", log2_cost=10) for _ in range(2))
    assert one.key_of(b"x") != other.key_of(b"x")
    assert "Keys" not in repr(one).replace("WrappedKeys", "")
    assert one.sealed.hex() not in repr(one)


# --- the board, the memory --------------------------------------------------------------------------------------------


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


def test_no_error_names_a_secret(machine):
    machine.protected("passphrase")
    with pytest.raises(WrongSecret) as caught:
        machine.room.unlock("câu sai hoàn toàn")
    assert re.search("sai|ngẫu", str(caught.value)) is None


def test_open_keys_takes_what_the_configuration_says(tmp_path):
    from appliance.config import Config

    assert open_keys(Config.for_state(tmp_path)).secrets() == Keys.load_or_create(tmp_path / "keys").secrets()
