"""``thechip``: read cards, verify evidence, look after trust. ``docs/cli.md`` describes it."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import verifier
from verifier.cli import exit_codes
from verifier.cli.batch_command import add_batch_command
from verifier.cli.emulate_command import add_emulate_command
from verifier.cli.exit_codes import ExitCode
from verifier.cli.output import Output
from verifier.cli.read_command import add_inspect_command, add_read_command
from verifier.cli.readers_command import add_readers_command
from verifier.cli.trust_command import add_trust_command
from verifier.cli.verify_command import add_verify_command
from verifier.sdk.errors import VerifierError

_EXIT_CODES = """\
exit status: 0 passed or done; 1 a card failed; 2 wrong usage; 3 undecided; 4 card or reader; 5 unusable file
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status. A user's mistake ends in a sentence; a traceback is a bug of ours."""
    _prepare_streams()
    try:
        code = _run(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return ExitCode.BROKEN_PIPE
    except OSError:  # nobody can be told: what fails is the telling
        _forget_output()
        return ExitCode.UNUSABLE_FILE
    return code


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = build_parser().parse_args(argv)
    except SystemExit as leaving:  # after --help, --version or a usage error, which were told
        return leaving.code if isinstance(leaving.code, int) else ExitCode.OK
    output = Output(as_json=arguments.json, show_holder=getattr(arguments, "show_holder", False))
    try:
        code: ExitCode = arguments.run(arguments, output)
    except BrokenPipeError:
        raise
    except (VerifierError, OSError) as error:
        output.error(error)
        return exit_codes.of_error(error)
    return code


class _Version(argparse.Action):
    """``--version``, which looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        sys.stdout.write(f"thechip {verifier.__version__}\n")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="thechip",
        description="Verify chip identity cards (ICAO 9303), offline.",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (
        add_read_command,
        add_verify_command,
        add_batch_command,
        add_inspect_command,
        add_readers_command,
        add_trust_command,
        add_emulate_command,
    ):
        add(commands)
    return parser


def _prepare_streams() -> None:
    """Let output that was closed go nowhere, and letters that the terminal lacks go out as escapes."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - it is open for good
        elif isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_output() -> None:
    """Let the interpreter's last flush go nowhere: the reader of our output has left, or its disk is full."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
