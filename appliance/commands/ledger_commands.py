"""``ledger verify``: is the attendance ledger what was recorded?"""

import argparse
import json

from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    open_existing,
    say,
    takes_config,
)


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    ledger = commands.add_parser("ledger", help="the attendance ledger").add_subparsers(required=True, metavar="WHAT")
    verify = ledger.add_parser("verify", help="find any altered, removed or reordered entry")
    takes_config(verify)
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(command=_verify)


def _verify(options: argparse.Namespace) -> int:
    verdict = open_existing(options).ledger.verify()
    if options.json:
        fields = {
            "ok": verdict.ok,
            "entries": verdict.entries,
            "erased": verdict.erased,
            "first_bad": verdict.first_bad,
            "reason": verdict.reason,
        }
        say(json.dumps(fields))
    else:
        say(verdict.sentence)
    return EXIT_OK if verdict.ok else EXIT_NOT_AS_IT_MUST_BE
