"""Typing a card access number."""

import os
import struct
from pathlib import Path

import pytest

from appliance.firmware_host.keypad import CanEntry, Key, Keypad
from verifier.sdk import CanPassword
from verifier.sdk.errors import ReaderGone

ERASE, CLEAR, ENTER = Key.ERASE, Key.CLEAR, Key.ENTER


def type_in(*keys: int | Key, seconds_between: float = 0.5) -> list[CanPassword]:
    entry = CanEntry()
    results = [entry.press(key, 100 + number * seconds_between) for number, key in enumerate(keys)]
    return [result for result in results if result is not None]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((1, 2, 3, 4, 5, 6, ENTER), ["123456"]),
        ((1, 2, 3, 4, 5, ENTER), []),
        ((1, 2, 3, 4, 5, ENTER, 6, ENTER), ["123456"]),
        ((9, ERASE, 1, 2, 3, 4, 5, 6, ENTER), ["123456"]),
        ((ERASE, ENTER, CLEAR), []),
        ((9, 9, CLEAR, 1, 2, 3, 4, 5, 6, ENTER), ["123456"]),
        ((9, 9, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6, ENTER), ["123456"]),
        ((1, 2, 3, 4, 5, 6, ENTER, ENTER), ["123456"]),
        ((0, 0, 0, 0, 0, 0, ENTER), ["000000"]),
    ],
)
def test_six_digits_and_enter_are_a_number(keys: tuple[int | Key, ...], expected: list[str]) -> None:
    assert [password.digits for password in type_in(*keys)] == expected


def test_what_was_typed_long_ago_is_forgotten() -> None:
    assert type_in(1, 2, 3, 4, 5, 6, ENTER, seconds_between=21) == []


def test_only_the_number_of_digits_is_shown() -> None:
    entry = CanEntry()
    entry.press(7, 1.0)
    entry.press(8, 1.1)
    assert entry.length == 2
    assert "7" not in repr(entry).split("at 0x")[0]


def event(code: int, value: int = 1, kind: int = 1) -> bytes:
    return struct.pack("@llHHi", 0, 0, kind, code, value)


def test_key_events_of_the_kernel_are_read(tmp_path: Path) -> None:
    device = tmp_path / "event0"
    os.mkfifo(device)
    keypad = Keypad(str(device))
    assert keypad.poll() is None
    with device.open("wb", buffering=0) as pressed:
        stream = b"".join(event(code) + event(code, 0) + event(0, 0, 0) for code in (2, 3, 79, 80, 6, 7))
        pressed.write(stream[:-5])
        assert keypad.take_password() is None
        assert keypad.length == 6
        pressed.write(stream[-5:] + event(28, 2) + event(30) + event(28))
        password = keypad.take_password()
        assert password is not None
        assert password.digits == "121256"
    keypad.close()


def test_an_absent_keypad_is_gone_and_looked_for_again(tmp_path: Path) -> None:
    now, device = 0.0, tmp_path / "event0"
    keypad = Keypad(str(device), clock=lambda: now)
    with pytest.raises(ReaderGone):
        keypad.poll()
    assert keypad.take_password() is None
    os.mkfifo(device)
    with pytest.raises(ReaderGone):
        keypad.poll()
    now = 3.0
    assert keypad.poll() is None
    keypad.close()
