"""Scanned lines and what they mean; scanners that are there, send rubbish, and vanish."""

import os
import tty
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.firmware_host.scanner import Scanner
from appliance.firmware_host.scans import (
    LONGEST_LINE,
    LineAssembler,
    ScanInterpreter,
    Scanned,
    ScannedIdentifier,
    ScannedPassword,
)
from verifier.sdk import CanPassword, MrzPassword
from verifier.sdk.errors import ReaderGone
from verifier.sdk.testing import DocumentType, invented_person
from verifier.sdk.testing.writing.mrz import write_mrz

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
"""The specimens of ICAO 9303-4 and 9303-5."""
CARD_CODE = "001099012345|123456789|Nguyễn Văn Ví Dụ|02031999|Nam|Số 1, Phố Mẫu, Hà Nội|05062021"


def interpret(*lines: str, seconds_between: float = 0.05) -> list[Scanned]:
    interpreter = ScanInterpreter()
    results = [interpreter.take(line, 10 + number * seconds_between) for number, line in enumerate(lines)]
    return [result for result in results if result is not None]


@pytest.mark.parametrize("lines", [TD1, ("".join(TD1),), (" ".join(TD1),)])
def test_a_card_zone_is_a_password_in_one_line_or_three(lines: tuple[str, ...]) -> None:
    assert interpret(*lines) == [ScannedPassword(MrzPassword("D23145890", "740812", "120415"))]


@pytest.mark.parametrize("lines", [TD3, ("".join(TD3),)])
def test_a_passport_zone_is_a_password_in_one_line_or_two(lines: tuple[str, ...]) -> None:
    assert interpret(*lines) == [ScannedPassword(MrzPassword("L898902C3", "740812", "120415"))]


def test_six_digits_are_a_card_access_number() -> None:
    assert interpret("123456") == [ScannedPassword(CanPassword("123456"))]


@pytest.mark.parametrize("line", [CARD_CODE, CARD_CODE.replace("|123456789|", "||"), CARD_CODE + "|x|y"])
def test_the_code_on_a_citizen_card_is_an_identifier_and_no_password(line: str) -> None:
    assert interpret(line) == [ScannedIdentifier("001099012345", "990302")]


@pytest.mark.parametrize(
    "line", ["12345", "1234567", "١٢٣٤٥٦", "hello", "https://example.org/", "|||||||", "A" * 24, "<"]
)
def test_other_lines_mean_nothing(line: str) -> None:
    assert interpret(line) == []


def test_a_misread_zone_is_no_password() -> None:
    assert interpret(TD1[0], TD1[1].replace("740812", "740813"), TD1[2]) == []


def test_half_a_zone_is_forgotten() -> None:
    assert interpret(TD1[0], TD1[1], "123456") == [ScannedPassword(CanPassword("123456"))]
    assert interpret(*TD1, seconds_between=10) == []
    assert len(interpret(TD1[0], *TD3)) == 1


def test_nobody_sees_a_person_or_a_password_in_a_log() -> None:
    shown = repr(interpret(CARD_CODE, "123456", *TD1))
    assert not any(secret in shown for secret in ("001099", "990302", "123456", "D23145890", "740812"))


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n", b"\n\r"])
def test_lines_end_with_carriage_return_or_line_feed(ending: bytes) -> None:
    assert LineAssembler().feed(b"123456" + ending + b" 654321 " + ending) == ["123456", "654321"]


def test_a_line_without_an_end_does_not_grow() -> None:
    assembler = LineAssembler()
    for _ in range(100):
        assert assembler.feed(b"x" * 1000) == []
    assert len(assembler._line) == LONGEST_LINE
    assert assembler.feed(b"\r123456\r") == ["123456"]


@given(noise=st.lists(st.binary(max_size=200), max_size=20))
def test_rubbish_is_borne_for_ever(noise: list[bytes]) -> None:
    assembler, interpreter = LineAssembler(), ScanInterpreter()
    for number, part in enumerate([*noise, b"\r"]):
        for line in assembler.feed(part):
            interpreter.take(line, number)
    assert [interpreter.take(line, 99) for line in assembler.feed(b"123456\r")] == [
        ScannedPassword(CanPassword("123456"))
    ]


@pytest.fixture
def line() -> Iterator[tuple[int, int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, slave, os.ttyname(slave)
    for descriptor in (master, slave):
        try:
            os.close(descriptor)
        except OSError:
            continue


def poll_until(scanner: Scanner) -> Scanned:
    for _ in range(100_000):
        scanned = scanner.poll()
        if scanned is not None:
            return scanned
    raise AssertionError


def test_a_scanner_on_a_line_gives_what_it_scans_one_after_another(line: tuple[int, int, str]) -> None:
    master, _, path = line
    scanner = Scanner(path)
    scanner.open()
    os.write(master, f"123456\r{CARD_CODE}\r\nrubbish\r654321\r".encode())
    assert poll_until(scanner) == ScannedPassword(CanPassword("123456"))
    assert isinstance(poll_until(scanner), ScannedIdentifier)
    assert scanner.take_password() == CanPassword("654321")
    assert scanner.take_password() is None
    scanner.close()


def test_two_cannot_share_a_scanner(line: tuple[int, int, str]) -> None:
    first = Scanner(line[2])
    first.open()
    with pytest.raises(ReaderGone):
        Scanner(line[2]).open()
    first.close()


def test_a_scanner_that_vanishes_is_gone_and_found_again(line: tuple[int, int, str]) -> None:
    master, slave, path = line
    now = 0.0
    scanner = Scanner(path, clock=lambda: now)
    scanner.open()
    os.close(slave)
    os.close(master)
    with pytest.raises(ReaderGone):
        scanner.poll()
    assert scanner.take_password() is None
    master, slave = os.openpty()
    tty.setraw(slave)
    scanner._device = os.ttyname(slave)
    with pytest.raises(ReaderGone):
        scanner.poll()
    now = 5.0
    assert scanner.poll() is None
    os.write(master, b"123456\r")
    assert poll_until(scanner) == ScannedPassword(CanPassword("123456"))
    scanner.close()
    os.close(slave)
    os.close(master)


def test_the_lines_of_two_cards_make_no_password_of_both() -> None:
    """The number stands in the first line of a card, the dates in the second; each has check digits of its own."""
    mixed = accepted = 0
    first, second = (write_mrz(invented_person(number), DocumentType.TD1) for number in (1, 2))
    for one, other in ((TD1, _lines(first)), (_lines(first), TD1), (_lines(second), TD1), (TD1, _lines(second))):
        mixed += 1
        accepted += bool(interpret(one[0], other[1], other[2]))
    assert (mixed, accepted) == (4, 0)


def test_lines_that_come_by_turns_from_two_cards_never_give_a_number_with_the_other_ones_dates() -> None:
    own = {_password(TD1), _password(_lines(write_mrz(invented_person(1), DocumentType.TD1)))}
    other = _lines(write_mrz(invented_person(1), DocumentType.TD1))
    by_turns = [line for pair in zip(TD1, other, strict=True) for line in pair]
    for start in range(len(by_turns)):
        found = interpret(*by_turns[start:], *TD1, *other)
        assert {item.password for item in found if isinstance(item, ScannedPassword)} <= own


def test_foreign_digits_are_no_citizen_card_code() -> None:
    arabic = CARD_CODE.translate({ord("0") + n: 0x0660 + n for n in range(10)})
    assert interpret(arabic) == []


def test_a_million_bytes_without_a_line_end_are_not_kept() -> None:
    assembler = LineAssembler()
    for _ in range(250):
        assert assembler.feed(b"\x00\xffP<UTO" * 600) == []
    assert assembler.feed(b"\n123456\r\n") == ["123456"]


def _lines(zone: str) -> tuple[str, ...]:
    return tuple(zone.split())


def _password(lines: tuple[str, ...]) -> MrzPassword:
    return MrzPassword.from_mrz("".join(lines))
