"""Keys under what the board knows, somebody types, or lies on a stick: the card alone opens nothing."""

import json
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
    KeyLocked,
    KeysNotProtected,
    WrongSecret,
)
from appliance.keys import Keys, memory
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


def test_no_error_names_a_secret(machine):
    machine.protected("passphrase")
    with pytest.raises(WrongSecret) as caught:
        machine.room.unlock("câu sai hoàn toàn")
    assert re.search("sai|ngẫu", str(caught.value)) is None


def test_open_keys_takes_what_the_configuration_says(tmp_path):
    from appliance.config import Config

    assert open_keys(Config.for_state(tmp_path)).secrets() == Keys.load_or_create(tmp_path / "keys").secrets()
