"""``event``: the list of numbers by which an event without a roll admits people."""

import argparse
from pathlib import Path

from appliance.commands.console import EXIT_OK, Commands, open_existing, say, takes_config
from appliance.errors import RuleViolation
from appliance.names import count


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    event = commands.add_parser("event", help="events without a roll").add_subparsers(required=True, metavar="WHAT")
    admit = event.add_parser("admit", help="let these numbers in, and no others of a list that came before")
    admit.add_argument("file", type=Path, metavar="FILE", help="UTF-8, one card or personal number a line")
    admit.add_argument("--meeting", type=int, required=True, metavar="N")
    takes_config(admit)
    admit.set_defaults(command=_admit)


def _admit(options: argparse.Namespace) -> int:
    try:
        lines = options.file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        msg = f"{options.file} is no text in UTF-8 with one number a line"
        raise RuleViolation(msg) from error
    numbers = [line for line in lines if line.strip()]
    admitted = open_existing(options).events.admit_numbers(options.meeting, numbers)
    say(f"{count(admitted, 'number')} on the list of meeting {options.meeting}; nothing but their hashes is kept.")
    return EXIT_OK
