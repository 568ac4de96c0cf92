"""``event``: the list of numbers by which an event without a roll admits people."""

import argparse
from pathlib import Path

from appliance.commands.console import EXIT_OK, Commands, open_existing, say, takes_config
from appliance.commands.roster_commands import refused
from appliance.names import count
from appliance.roster_sheet.numbers import read_numbers
from appliance.roster_sheet.table import FaultyRosterFile


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    event = commands.add_parser("event", help="events without a roll").add_subparsers(required=True, metavar="WHAT")
    admit = event.add_parser("admit", help="let these numbers in, and no others of a list that came before")
    admit.add_argument("file", type=Path, metavar="FILE", help="UTF-8, one card or personal number a line")
    admit.add_argument("--meeting", type=int, required=True, metavar="N")
    admit.add_argument(
        "--short-numbers", action="store_true", help="take numbers of 10 or 11 digits as they are; nothing was lost"
    )
    takes_config(admit)
    admit.set_defaults(command=_admit)


def _admit(options: argparse.Namespace) -> int:
    try:
        numbers = read_numbers(options.file, short_numbers=options.short_numbers)
    except FaultyRosterFile as error:
        return refused(error)
    admitted = open_existing(options).events.admit_numbers(options.meeting, numbers)
    say(f"{count(admitted, 'number')} on the list of meeting {options.meeting}; nothing but their hashes is kept.")
    return EXIT_OK
