"""Command chaining: data that is too long for one command, in several (ISO/IEC 7816-4, 5.3.3)."""

from dataclasses import replace

from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import Exchange

CHAINING_CLA = 0x10


def in_pieces(command: CommandApdu, room: int | None) -> Exchange[ResponseApdu]:
    """Send a command in pieces of at most ``room`` data bytes and return the last response; ``None``: in one piece.

    A card that does not accept a piece ends the chain: that response is returned.
    """
    pieces = _pieces(command, room)
    for piece in pieces[:-1]:
        response = yield piece
        if not response.is_ok:
            return response
    return (yield pieces[-1])


def _pieces(command: CommandApdu, room: int | None) -> list[CommandApdu]:
    if room is None or len(command.data) <= room:
        return [command]
    starts = range(0, len(command.data), room)
    parts = [command.data[start : start + room] for start in starts]
    chained = [replace(command, cla=command.cla | CHAINING_CLA, data=part, le=None) for part in parts[:-1]]
    return [*chained, replace(command, data=parts[-1])]
