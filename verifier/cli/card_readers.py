"""Readers as the command line chooses them: PC/SC readers by name or number, or one for virtual cards."""

import argparse
import re
from typing import TypeAlias

from verifier.cli.sources import seconds_from
from verifier.sdk.errors import InvalidInput, ReaderUnavailable
from verifier.sdk.readers import PcscCard, PcscReader, VpcdCard, VpcdReader, pcsc_readers
from verifier.transport.vpcd_framing import DEFAULT_HOST, DEFAULT_PORT

VPCD = "vpcd"
_NUMBER = re.compile(r"[1-9][0-9]?", re.ASCII)


HeldCard: TypeAlias = PcscCard | VpcdCard
ChosenReader: TypeAlias = PcscReader | VpcdReader


def add_reader_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--reader``, where virtual cards find it, and ``--wait``."""
    group = parser.add_argument_group("reader")
    group.add_argument(
        "--reader",
        metavar="NAME",
        help="a PC/SC reader by its name, a part of it, or its number in `thechip readers`; "
        "vpcd for virtual cards; default: whichever PC/SC reader a card is held to",
    )
    group.add_argument("--host", help=f"for vpcd: where to listen ({DEFAULT_HOST})")
    group.add_argument("--port", type=int, help=f"for vpcd: on which port ({DEFAULT_PORT})")
    group.add_argument(
        "--wait", type=seconds_from, default=60.0, metavar="SECONDS", help="how long to wait for a card (60)"
    )


def reader_from(arguments: argparse.Namespace) -> ChosenReader:
    """Return the reader that the command line means; a host or a port can only mean virtual cards.

    Raises ``InvalidInput`` for a number that no reader has, ``ReaderUnavailable`` where there is no PC/SC.
    """
    wanted: str | None = arguments.reader
    has_address = arguments.host is not None or arguments.port is not None
    if wanted == VPCD or (wanted is None and has_address):
        port = DEFAULT_PORT if arguments.port is None else arguments.port
        return VpcdReader(arguments.host or DEFAULT_HOST, port)
    if has_address:
        msg = "--host and --port belong to --reader vpcd"
        raise InvalidInput(msg)
    try:
        names = [reader.name for reader in pcsc_readers()]
    except ReaderUnavailable as error:
        msg = f"{error.sentence}. Virtual cards need neither: --reader vpcd"
        raise ReaderUnavailable(msg) from error
    if wanted is not None and _NUMBER.fullmatch(wanted):
        return PcscReader(_by_number(int(wanted), names))
    return PcscReader(wanted)


def carries_extended_length(card: HeldCard) -> bool:
    """Whether extended length can get through, as far as the reader tells."""
    return card.carries_extended_length if isinstance(card, PcscCard) else True


def _by_number(number: int, names: list[str]) -> str:
    if number > len(names):
        msg = f"there is no reader number {number}; thechip readers lists {len(names)}"
        raise InvalidInput(msg)
    return names[number - 1]
