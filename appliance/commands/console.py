"""What the commands share: exit codes, the option for the configuration, and one place that prints."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from appliance.config import Config
from appliance.errors import NotFound
from appliance.services import Services

EXIT_OK, EXIT_NOT_AS_IT_MUST_BE, EXIT_USAGE, EXIT_TROUBLE = 0, 1, 2, 3


class Commands(Protocol):
    """Where a command is announced, as ``add_subparsers`` returns it."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 – argparse calls it so
        """Return the parser of a new command."""
        ...


def takes_config(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--config``."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="docs/appliance.toml.example")


def open_services(options: argparse.Namespace) -> Services:
    """Open the appliance of ``--config``, making its store and keys at the first time."""
    return Services.open(Config.load(options.config))


def open_existing(options: argparse.Namespace) -> Services:
    """Open the appliance of ``--config``; NotFound where it has no store, rather than to look into a new, empty one."""
    config = Config.load(options.config)
    if not config.database_path.exists():
        msg = f"there is no store at {config.database_path}"
        raise NotFound(msg)
    return Services.open(config)


def now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


def say(line: str) -> None:
    """Print a result."""
    print(line, flush=True)  # noqa: T201


def warn(line: str) -> None:
    """Print what somebody should know beside the result."""
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)  # names of files, too
    print(f"thechip-appliance: {printable}", file=sys.stderr, flush=True)  # noqa: T201
