"""A card that follows a published transcript, and randomness that is the example's."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.iso7816.apdu import CommandApdu, ResponseApdu

sys.path.append(str(Path(__file__).parents[2] / "scripts" / "lib"))  # conformance_suites


class TranscriptCard:
    """Insists on each command byte for byte, and gives the answer that stands beside it."""

    def __init__(self, transcript: list[tuple[str, str]]) -> None:
        self._left = [(bytes.fromhex(command), bytes.fromhex(answer)) for command, answer in transcript]

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        expected, answer = self._left.pop(0)
        assert command.encode().hex() == expected.hex()
        return ResponseApdu.decode(answer)

    @property
    def is_finished(self) -> bool:
        return not self._left


@pytest.fixture
def transcript_card() -> type[TranscriptCard]:
    return TranscriptCard


@pytest.fixture
def example_random() -> Callable[..., Callable[[int], bytes]]:
    """``example_random("01…", "02…")`` is a source that gives these values, in this order, once."""

    def of(*values: str) -> Callable[[int], bytes]:
        left = [bytes.fromhex(value) for value in values]

        def draw(length: int) -> bytes:
            value = left.pop(0)
            assert len(value) == length
            return value

        return draw

    return of
