"""The passphrase of a backup: typed at the terminal, or read from a file; never an argument, and never in a log."""

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO

from appliance.errors import BackupPassphraseWrong

SHORTEST: Final = 12
"""Characters of a new one. What protects a backup that is lost is its passphrase: six random words are good."""
_LONGEST: Final = 1024


def takes_passphrase(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--passphrase-file``; without it the passphrase is asked for."""
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="one line; else it is asked for")


def passphrase_of(
    options: argparse.Namespace,
    *,
    new: bool,
    ask: Callable[[str], str] = getpass.getpass,
    terminal: TextIO | None = None,
) -> str:
    """Return the passphrase; a ``new`` one is asked for twice and must be long enough.

    Raises ``BackupPassphraseWrong``, also where there is neither a file nor a terminal, and ``OSError``.
    """
    if options.passphrase_file is not None:
        passphrase = _read(options.passphrase_file)
    elif (terminal or sys.stdin).isatty():
        passphrase = ask("Passphrase of the backup: ")
        if new and ask("Once more: ") != passphrase:
            msg = "the two were not the same; nothing was written"
            raise BackupPassphraseWrong(msg)
    else:
        msg = "there is no terminal to ask for the passphrase: --passphrase-file FILE"
        raise BackupPassphraseWrong(msg)
    if new and len(passphrase) < SHORTEST:
        msg = f"the passphrase is shorter than {SHORTEST} characters; take six random words"
        raise BackupPassphraseWrong(msg)
    return passphrase


def _read(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(_LONGEST + 1)
    try:
        passphrase = content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        passphrase = ""
    if not passphrase or "\n" in passphrase or len(content) > _LONGEST:
        msg = f"the passphrase file {path.name} must hold one line of text"
        raise BackupPassphraseWrong(msg)
    return passphrase
