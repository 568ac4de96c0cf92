"""How the card's side of a protocol says no: with a status word."""

from collections.abc import Iterator

from verifier.errors import MalformedData
from verifier.iso7816.status import StatusWord
from verifier.iso7816.tlv import decode_all


class Refusal(Exception):
    """Ends a command with a status word. Never leaves the virtual chip."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


def require(condition: bool, status: int) -> None:
    """Refuse the command with ``status`` unless the condition holds."""
    if not condition:
        raise Refusal(status)


def data_objects(encoded: bytes, status: int = StatusWord.WRONG_PARAMETERS_IN_DATA) -> dict[int, bytes]:
    """Return the data objects of a command by tag; refuse with ``status`` what is no sequence of them."""
    return dict(_pairs(encoded, status))


def _pairs(encoded: bytes, status: int) -> Iterator[tuple[int, bytes]]:
    try:
        for element in decode_all(encoded):
            yield element.tag, element.value
    except MalformedData as error:
        raise Refusal(status) from error
