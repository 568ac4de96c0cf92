"""Card and personal numbers as people type them, in a column of the roster's file or one a line in a file of their own.

What spreadsheets do to such numbers is a fault: zeros dropped at the start, digits rounded.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.errors import RuleViolation
from appliance.roster_sheet.table import Fault, FaultyRosterFile, is_heading

LONGEST_NUMBER: Final = 32
LONGEST_FILE: Final = 5_000_000
"""Bytes."""
_TEXT_FORMULA = re.compile(r'="(.*)"')
_NUMBER = re.compile(rf"(?=.*[0-9])[0-9A-Za-z]{{1,{LONGEST_NUMBER}}}")
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*[Ee]\+?[0-9]+")
_SHORT = re.compile(r"[0-9]{10,11}")


def compact(text: str) -> str:
    """Return what a number's cell holds without spaces and the marks with which spreadsheets keep it a text."""
    found = "".join(unicodedata.normalize("NFC", text).split())
    if formula := _TEXT_FORMULA.fullmatch(found):
        return formula[1]
    return found.removeprefix("'")


def number_in(text: str, *, short_numbers: bool = False) -> str | None:
    """Return the number of a cell, in upper case, or None for an empty one; RuleViolation for what cannot be one.

    ``short_numbers`` takes 10 or 11 digits, which otherwise count as a personal number that lost its zeros.
    """
    number = compact(text)
    if not number:
        return None
    if _ROUNDED.fullmatch(number) and not number.isalnum():
        msg = "a spreadsheet rounded this number; format the column as text and type it again"
        raise RuleViolation(msg)
    if not _NUMBER.fullmatch(number):
        msg = f"a number has digits, and letters A to Z at most beside them, no other signs; {LONGEST_NUMBER} at most"
        raise RuleViolation(msg)
    if _SHORT.fullmatch(number) and not short_numbers:
        msg = (
            f"this number has {len(number)} digits; a personal number has 12, and spreadsheets drop the zeros it"
            " begins with (--short-numbers takes it as it is)"
        )
        raise RuleViolation(msg)
    return number.upper()


def read_numbers(path: Path, *, short_numbers: bool = False) -> tuple[str, ...]:
    """Read a file with one number a line, UTF-8 with or without BOM; empty lines are passed over.

    Raises FaultyRosterFile with every fault, by its line, and where there is no number at all; OSError.
    """
    with path.open("rb") as file:
        content = file.read(LONGEST_FILE + 1)
    if len(content) > LONGEST_FILE:
        msg = f"the file is longer than {LONGEST_FILE // 1_000_000} MB"
        raise FaultyRosterFile(msg)
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        msg = "the file is no text in UTF-8 with one number a line"
        raise FaultyRosterFile(msg) from error
    faults: list[Fault] = []
    numbers = tuple(_numbers(lines, short_numbers, faults))
    if faults:
        raise FaultyRosterFile.of(faults)
    if not numbers:
        msg = "the file holds no number"
        raise FaultyRosterFile(msg)
    return numbers


def _numbers(lines: list[str], short_numbers: bool, faults: list[Fault]) -> Iterator[str]:
    for line, text in enumerate(lines, start=1):
        try:
            if is_heading(text):
                faults.append(Fault(line, "", "this is a column's heading; the file has one number a line only"))
            elif (number := number_in(text, short_numbers=short_numbers)) is not None:
                yield number
        except RuleViolation as error:
            faults.append(Fault(line, "", error.sentence))
