"""What the commands share: exit codes, where the desk and its keys are, passphrases, and one place that prints."""

import argparse
import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from publisher.desk import Desk
from publisher.passphrases import AskedPassphrases, PassphraseFiles, Passphrases, nobody

EXIT_OK, EXIT_NOT_AS_IT_MUST_BE, EXIT_USAGE, EXIT_TROUBLE = 0, 1, 2, 3

_GROUP = 8


class Commands(Protocol):
    """Where a command is announced, as ``add_subparsers`` returns it."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 – argparse calls it so
        """Return the parser of a new command."""
        ...


def takes_desk(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--desk``."""
    parser.add_argument("--desk", type=Path, default=Path(), metavar="DIR", help="the desk's folder; else this one")


def takes_keys(parser: argparse.ArgumentParser) -> None:
    """Give a command the options ``--desk``, ``--keys`` and ``--passphrase-file``; see ``open_desk``."""
    takes_desk(parser)
    parser.add_argument(
        "--keys",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="where key files are looked for beside the desk's own, such as a stick (may be repeated)",
    )
    parser.add_argument(
        "--passphrase-file",
        type=_named_file,
        action="append",
        default=[],
        metavar="NAME[,NAME]=PATH",
        help="a file with the passphrase of these keys, or the PIN of a token; others are asked for (may be repeated)",
    )


def open_desk(options: argparse.Namespace) -> Desk:
    """Open the desk that is meant, with the keys and passphrases that were named."""
    keys = getattr(options, "keys", [])
    return Desk(options.desk, passphrases=passphrases_of(options), key_folders=keys)


def passphrases_of(options: argparse.Namespace) -> Passphrases:
    """Return who knows the passphrases: files, and whoever sits at the terminal, if somebody does."""
    return PassphraseFiles(passphrase_files_of(options), AskedPassphrases(getpass.getpass) if is_asked() else nobody)


def passphrase_files_of(options: argparse.Namespace) -> dict[str, Path]:
    """Return the passphrase files that were named, by the names of their keys."""
    return {name: path for names, path in getattr(options, "passphrase_file", []) for name in names}


def is_asked() -> bool:
    """Whether somebody sits at a terminal who can be asked."""
    return sys.stdin.isatty()


def now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


def say(line: str = "") -> None:
    """Print a result."""
    print(printable(line), flush=True)  # noqa: T201 – results of a command belong on standard output


def warn(line: str) -> None:
    """Print what somebody should know beside the result."""
    print(f"thechip-lists: {printable(line)}", file=sys.stderr, flush=True)  # noqa: T201 – for the console


def in_groups(digest: str) -> str:
    """Return a fingerprint in groups of eight digits, as appliances show it, to be read aloud."""
    return " ".join(digest[start : start + _GROUP] for start in range(0, len(digest), _GROUP))


def count(number: int, thing: str) -> str:
    """Return ``1 root``, ``2 roots``."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def printable(line: str) -> str:
    """Return a line without what could steer a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)  # names come from anywhere


def _named_file(text: str) -> tuple[tuple[str, ...], Path]:
    names, separator, path = text.partition("=")
    if not separator or not names or not path:
        msg = "it is NAME=PATH, such as timestamp=/etc/thechip/timestamp.passphrase"
        raise argparse.ArgumentTypeError(msg)
    return tuple(name.strip() for name in names.split(",")), Path(path)
