"""What the commands share: exit codes, the option for the configuration, and one place that prints."""

import argparse
import getpass
import signal
import sys
import threading
from pathlib import Path
from typing import Protocol

from appliance.config import Config
from appliance.errors import ConfigError, NotFound
from appliance.services import Services

CONFIG_NAME = "appliance.toml"
EXIT_OK, EXIT_NOT_AS_IT_MUST_BE, EXIT_USAGE, EXIT_TROUBLE = 0, 1, 2, 3


class Commands(Protocol):
    """Where a command is announced, as ``add_subparsers`` returns it."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 – argparse calls it so
        """Return the parser of a new command."""
        ...


def takes_config(parser: argparse.ArgumentParser) -> None:
    """Give a command the options ``--config`` and ``--state``, of which one is needed; see ``config_of``."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--config", type=Path, metavar="FILE", help="docs/appliance.toml.example")
    which.add_argument("--state", type=Path, metavar="DIR", help="the directory that init made: its appliance.toml")


def config_of(options: argparse.Namespace) -> Config:
    """Return the configuration of ``--config FILE``, or of ``appliance.toml`` in ``--state DIR``."""
    return Config.load(options.config or options.state / CONFIG_NAME)


def open_services(options: argparse.Namespace) -> Services:
    """Open the appliance that is meant, making its store and keys at the first time."""
    return Services.open(config_of(options))


def open_existing(options: argparse.Namespace) -> Services:
    """Open the appliance that is meant; NotFound where it has no store, rather than to look into a new, empty one."""
    config = config_of(options)
    if not config.database_path.exists():
        msg = f"there is no store at {config.database_path}"
        raise NotFound(msg)
    return Services.open(config)


def stop_on_signals() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def say(line: str) -> None:
    """Print a result."""
    print(line, flush=True)  # noqa: T201 – results of a command belong on standard output


def warn(line: str) -> None:
    """Print what somebody should know beside the result."""
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)  # names of files, too
    print(f"thechip-appliance: {printable}", file=sys.stderr, flush=True)  # noqa: T201 – for the console


def is_compared(fingerprint: str, *, of: str, how: str, by_option: str) -> bool:
    """Show a fingerprint, how to compare it, and ask whether it is the same.

    Raises ``ConfigError`` where nobody is at a terminal to answer; ``by_option`` says what they do instead.
    """
    if not sys.stdin.isatty():
        msg = f"nobody is at a terminal to compare the fingerprint: {by_option}"
        raise ConfigError(msg)
    say(f"{of} has this fingerprint:")
    say(f"\n  {fingerprint}\n")
    say(how)
    return _says_yes("Is every group the same?")


def is_confirmed(question: str, *, by_option: str = "--yes") -> bool:
    """Ask somebody whether to go on; ``ConfigError`` where nobody is at a terminal, and what they say then instead."""
    _require_terminal(by_option)
    return _says_yes(question)


def is_typed(word: str, question: str, *, by_option: str = "--yes") -> bool:
    """Ask somebody to type a word before what cannot be undone; raises as ``is_confirmed`` does."""
    _require_terminal(by_option)
    return _answer(f"{question} Type {word} to go on: ") == word


def asked(prompt: str) -> str:
    """Ask at the terminal without showing what is typed, or take a line of standard input."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().strip()


def _require_terminal(by_option: str) -> None:
    if not sys.stdin.isatty():
        msg = f"nobody is at a terminal to be asked; a script says {by_option}"
        raise ConfigError(msg)


def _says_yes(question: str) -> bool:
    return _answer(f"{question} [y/N] ").lower() in {"y", "yes"}


def _answer(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        return ""
