from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import CardProtocolError, CardRefused
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import perform
from verifier.iso7816.files import read_by_short_identifier, read_selected

answers = st.builds(ResponseApdu, st.binary(max_size=64), st.sampled_from([0x9000, 0x6282, 0x6B00, 0x6A82, 0x6F00]))


class ArbitraryCard:
    """Gives the answers that it was made of, then the last one for ever."""

    def __init__(self, left: list[ResponseApdu]) -> None:
        self.left, self.count = left, 0

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        del command
        self.count += 1
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


@given(st.lists(answers, min_size=1, max_size=6), st.sampled_from([1, 223, 256, 65_536]))
def test_whatever_a_card_answers_reading_ends(left, chunk):
    """In a typed error or a file; and after no more commands than the file has bytes."""
    for exchange in (read_by_short_identifier(0x1D, chunk=chunk), read_selected(chunk=chunk)):
        card = ArbitraryCard(list(left))
        try:
            content = perform(exchange, card)
        except (CardRefused, CardProtocolError):
            continue
        assert len(content) >= 2
        assert card.count <= len(content) + 1
