"""The command line: what it takes, and how each of its errors ends."""

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence

from appliance.commands import (
    backup_commands,
    bundle_commands,
    clock_commands,
    device_commands,
    event_commands,
    exemption_commands,
    ledger_commands,
    lists_commands,
    person_commands,
    protection_commands,
    reader_commands,
    retention_commands,
    roster_commands,
    serving,
    setting_up,
)
from appliance.commands.console import EXIT_OK, EXIT_TROUBLE, EXIT_USAGE, warn
from appliance.errors import ApplianceError, ConfigError
from verifier.sdk.errors import InvalidInput, VerifierError

_PARTS = (
    serving,
    setting_up,
    reader_commands,
    lists_commands,
    roster_commands,
    ledger_commands,
    clock_commands,
    backup_commands,
    protection_commands,
    device_commands,
    bundle_commands,
    person_commands,
    retention_commands,
    exemption_commands,
    event_commands,
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 well, 1 not as it must be, 2 usage, 3 trouble."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a console without Vietnamese letters is no reason to fail
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(levelname)s %(message)s")
    try:
        code: int = options.command(options)
    except (ApplianceError, VerifierError) as error:
        warn(f"{error.sentence} [{error.reason}]")
        return EXIT_USAGE if isinstance(error, ConfigError | InvalidInput) else EXIT_TROUBLE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains when it ends
        return EXIT_TROUBLE
    except OSError as error:
        warn(f"{error.filename or 'a file'}: {error.strerror or 'cannot be used'}")
        return EXIT_TROUBLE
    except KeyboardInterrupt:
        return EXIT_OK
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="thechip-appliance", description="The check-in appliance for chip cards.")
    parser.add_argument("--verbose", action="store_true", help="say what happens, without persons")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for part in _PARTS:
        part.add_to(commands)
    return parser
