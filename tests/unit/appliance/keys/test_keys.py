import os
import stat

import pytest

from appliance.errors import KeyDamaged, KeyExposed, KeyFileError, KeyLost
from appliance.keys import Keys, write_atomically


def files(directory):
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_keys_are_made_once_and_read_again(tmp_path):
    first = Keys.load_or_create(tmp_path / "keys")
    second = Keys.load_or_create(tmp_path / "keys")
    assert first.device_public == second.device_public
    assert (first.roster, first.sealing) == (second.roster, second.sealing)
    assert len({first.roster, first.sealing, first.device.private_bytes_raw()}) == 3


def test_only_the_owner_may_read_them(tmp_path):
    Keys.load_or_create(tmp_path / "keys")
    assert len(files(tmp_path)) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_nothing_of_a_key_is_in_its_repr(tmp_path):
    keys = Keys.load_or_create(tmp_path)
    assert repr(keys) == "Keys()"


@pytest.mark.parametrize("name", ["device.key", "roster.key", "sealing.key"])
def test_a_lost_key_is_an_error_and_never_made_anew(tmp_path, name):
    Keys.load_or_create(tmp_path)
    next(tmp_path.rglob(name)).unlink()
    with pytest.raises(KeyLost, match=name):
        Keys.load_or_create(tmp_path)
    assert len(files(tmp_path)) == 2


def test_a_short_key_is_an_error(tmp_path):
    Keys.load_or_create(tmp_path)
    next(tmp_path.rglob("roster.key")).write_bytes(b"x" * 31)
    with pytest.raises(KeyDamaged, match="31 bytes instead of 32"):
        Keys.load_or_create(tmp_path)


def test_a_key_that_others_may_read_is_an_error(tmp_path):
    Keys.load_or_create(tmp_path)
    next(tmp_path.rglob("device.key")).chmod(0o644)
    with pytest.raises(KeyExposed):
        Keys.load_or_create(tmp_path)


def test_an_interrupted_first_start_leaves_no_half_set(tmp_path):
    def fails_at_the_third(length, made=[]):  # noqa: B006 - counts its calls
        made.append(length)
        if len(made) == 3:
            raise OSError(28, "No space left on device")
        return bytes(length)

    with pytest.raises(KeyFileError, match="No space left"):
        Keys.load_or_create(tmp_path, random=fails_at_the_third)
    assert list(tmp_path.iterdir()) == []
    assert Keys.load_or_create(tmp_path).roster != bytes(32)


def test_of_two_processes_that_start_at_once_one_set_counts(tmp_path):
    first = []

    def while_another_starts(length):
        if not first:
            first.append(Keys.load_or_create(tmp_path))
        return bytes(length)

    assert Keys.load_or_create(tmp_path, random=while_another_starts).roster == first[0].roster
    assert len(files(tmp_path)) == 3


def test_a_folder_that_cannot_be_made_is_a_typed_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError):
        Keys.load_or_create(tmp_path / "file" / "keys")


def test_an_atomic_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "inside").write_text("")
    with pytest.raises(OSError, match=r".+"):
        write_atomically(path, b"new")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["folder"]


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_regular_file_is_no_key_and_nobody_waits_for_it(tmp_path, kind):
    Keys.load_or_create(tmp_path)
    path = tmp_path / "appliance" / "device.key"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path, 0o600)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(KeyDamaged):
        Keys.load_or_create(tmp_path)
