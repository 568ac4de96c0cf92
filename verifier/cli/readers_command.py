"""``thechip readers``: which readers there are, and what they can do."""

import argparse

from verifier.cli import exit_codes
from verifier.cli.card_readers import VPCD
from verifier.cli.exit_codes import ExitCode
from verifier.cli.output import Output, one_line
from verifier.sdk.errors import ReaderError
from verifier.sdk.readers import PcscReaderInfo, pcsc_readers

_SHORT_ONLY = 256


def add_readers_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``readers``."""
    parser = commands.add_parser(
        "readers", help="list the readers", description="List the readers, by the numbers that --reader takes."
    )
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line")
    parser.set_defaults(run=run_readers)


def run_readers(_: argparse.Namespace, output: Output) -> ExitCode:
    """List the reader for virtual cards, which is always there, after those of PC/SC."""
    code = ExitCode.OK
    try:
        readers = pcsc_readers()
    except ReaderError as error:
        output.error(error)
        readers, code = (), exit_codes.of_error(error)
    else:
        if not readers:
            output.remark("No PC/SC reader is plugged in.")
    for number, reader in enumerate(readers, 1):
        output.result(
            f"{number:>4}  {one_line(reader.name)}\n      {_holds(reader)}; {_carries(reader)}",
            reader=reader.name,
            number=number,
            kind="pcsc",
            has_card=reader.has_card,
            is_taken=reader.is_taken,
            max_apdu_data=reader.max_apdu_data,
        )
    output.result(
        f"{VPCD}  virtual cards, over TCP on this machine\n      see thechip emulate; carries long commands",
        reader=VPCD,
        number=None,
        kind=VPCD,
        has_card=None,
        is_taken=None,
        max_apdu_data=None,
    )
    return code


def _holds(reader: PcscReaderInfo) -> str:
    if reader.is_taken:
        return "another program uses the card in it"
    return "a card is in it" if reader.has_card else "no card is in it"


def _carries(reader: PcscReaderInfo) -> str:
    if reader.max_apdu_data is None:
        return "does not say how long commands may be; long ones are tried"
    if reader.max_apdu_data <= _SHORT_ONLY:
        return "carries short commands only, so a card takes longer"
    return "carries long commands"
