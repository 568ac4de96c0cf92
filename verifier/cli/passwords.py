"""Passwords of cards, from people and files; never from the command line, which all users of a machine can see."""

import argparse
import getpass
import re
import sys
from pathlib import Path

from verifier.sdk import CanPassword, MrzPassword, Password
from verifier.sdk.errors import InvalidInput

_MAX_LENGTH = 1000
_CAN = re.compile(r"\d{6}", re.ASCII)
_DATE = re.compile(r"[0-9<]{6}")


def add_password_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--can``, ``--mrz`` and ``--password-file``."""
    group = parser.add_argument_group("password", "asked for at the terminal, or read from standard input")
    kind = group.add_mutually_exclusive_group()
    kind.add_argument("--can", action="store_true", help="the card access number: six digits on the front of the card")
    kind.add_argument("--mrz", action="store_true", help="the machine readable zone, or its number and two dates")
    group.add_argument("--password-file", type=Path, metavar="FILE", help="read the password from FILE")


def password_from(arguments: argparse.Namespace) -> Password:
    """Return the password; raise ``InvalidInput`` where it cannot be one, without repeating it."""
    if arguments.password_file is not None:
        with arguments.password_file.open("rb") as file:
            text = file.read(_MAX_LENGTH + 1).decode("utf-8-sig", errors="replace")
    elif sys.stdin is not None and sys.stdin.isatty():
        return _ask(arguments)
    else:
        text = _piped()
    if len(text) > _MAX_LENGTH:
        msg = f"a password has at most {_MAX_LENGTH} characters"
        raise InvalidInput(msg)
    return decode_password(text, is_can=arguments.can, is_mrz=arguments.mrz)


def decode_password(text: str, *, is_can: bool = False, is_mrz: bool = False) -> Password:
    """Decode a CAN; a scanned MRZ; or document number, birth and expiry, parted by spaces, commas or line ends."""
    text = text.strip()
    if not text:
        raise _nothing_entered()
    if is_can or (not is_mrz and _CAN.fullmatch(text)):
        return CanPassword(text)
    parts = text.replace(",", " ").split()
    if len(parts) == 3 and _DATE.fullmatch(parts[1]) and _DATE.fullmatch(parts[2]):
        return MrzPassword(*parts)
    return MrzPassword.from_mrz(text)


def _piped() -> str:
    try:
        return "" if sys.stdin is None else sys.stdin.read(_MAX_LENGTH + 1).removeprefix("\N{BYTE ORDER MARK}")
    except UnicodeDecodeError as error:
        msg = "a password holds no such characters"
        raise InvalidInput(msg) from error


def _ask(arguments: argparse.Namespace) -> Password:
    if arguments.can:
        return CanPassword(_hidden("Card access number (six digits): "))
    if arguments.mrz:
        number = _hidden("Document number: ")
        return MrzPassword(number, _hidden("Date of birth (YYMMDD): "), _hidden("Date of expiry (YYMMDD): "))
    return decode_password(_hidden("Card access number, or MRZ in one line: "))


def _hidden(prompt: str) -> str:
    try:
        text = getpass.getpass(prompt).strip()
    except EOFError as error:
        raise _nothing_entered() from error
    if not text:
        raise _nothing_entered()
    return text


def _nothing_entered() -> InvalidInput:
    return InvalidInput("nothing was entered; a card is opened by its card access number or its MRZ")
