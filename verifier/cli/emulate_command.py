"""``thechip emulate``: a virtual card for a vpcd reader, from the catalogue of test cards."""

import argparse
import time
from pathlib import Path

from verifier.cli.exit_codes import ExitCode
from verifier.cli.output import Output
from verifier.cli.sources import now, seconds_from
from verifier.sdk.errors import InvalidInput, ReaderGone
from verifier.transport.vpcd_card import VirtualCard, serve_virtual_card
from verifier.transport.vpcd_framing import DEFAULT_HOST, DEFAULT_PORT

_PAUSE_S = 0.1


def add_emulate_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``emulate``."""
    parser = commands.add_parser(
        "emulate",
        help="be a virtual card",
        description="Be an invented card in a vpcd reader: another thechip, or any other program's.",
    )
    parser.add_argument("--card", default="genuine", metavar="NAME", help="which card (default: genuine); see --list")
    parser.add_argument("--list", action="store_true", help="list the cards and what is wrong with each")
    parser.add_argument("--host", default=DEFAULT_HOST, help=f"where the reader listens ({DEFAULT_HOST})")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"on which port ({DEFAULT_PORT})")
    parser.add_argument(
        "--wait", type=seconds_from, default=60.0, metavar="SECONDS", help="how long to wait for a reader (60)"
    )
    parser.add_argument(
        "--write-trust", type=Path, metavar="FOLDER", help="write what makes a verifier believe this card into FOLDER"
    )
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line")
    parser.set_defaults(run=run_emulate)


def run_emulate(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Make the card, and serve it until the reader hangs up."""
    from verifier.sdk.testing.misbehaving import CATALOGUE, Scene  # noqa: PLC0415 - only this command needs a chip

    if arguments.list:
        for card in CATALOGUE.values():
            output.result(
                f"{card.name:<28}  {card.situation.splitlines()[0]}", name=card.name, situation=card.situation
            )
        return ExitCode.OK
    if arguments.card not in CATALOGUE:
        msg = "there is no test card of this name; thechip emulate --list names them"
        raise InvalidInput(msg)
    scene = Scene(at=now())
    chip = CATALOGUE[arguments.card].make(scene)
    if arguments.write_trust is not None:
        scene.write_to(arguments.write_trust)
    else:
        output.remark("No verifier believes this card; --write-trust FOLDER makes one believe it.")
    mrz = chip.data.mrz_information.decode("ascii")
    number, birth, expiry = mrz[:-15].rstrip("<"), mrz[-14:-8], mrz[-7:-1]  # each with its check digit
    output.result(
        f"The card {arguments.card} waits for a reader. Its holder is invented; CAN {scene.can}\n"
        f"As --mrz asks for it: document number {number}, date of birth {birth}, date of expiry {expiry}",
        card=arguments.card,
        can=scene.can,
        mrz_information=mrz,
        document_number=number,
        date_of_birth=birth,
        date_of_expiry=expiry,
    )
    answered = _serve(arguments, chip)
    output.result(f"The reader let go of the card after {answered} commands.", answered=answered)
    return ExitCode.OK


def _serve(arguments: argparse.Namespace, card: VirtualCard) -> int:
    """Serve the card as soon as a reader listens."""
    ends_at = time.monotonic() + arguments.wait
    while True:
        try:
            return serve_virtual_card(card, host=arguments.host, port=arguments.port)
        except ReaderGone:
            if time.monotonic() >= ends_at:
                raise
            time.sleep(_PAUSE_S)
