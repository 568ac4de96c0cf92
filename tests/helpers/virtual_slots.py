"""The two virtual readers of a real pcscd as the station has them, and what is said to the cards in them."""

from appliance.firmware_host.pcsc_reader import PcscCardInField, PcscCardReader
from verifier.sdk import CommandApdu

FIRST, SECOND = "Virtual 00 00", "Virtual 00 01"
CARD_ACCESS = CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=256)


def found(reader: PcscCardReader) -> PcscCardInField:
    card = reader.wait_for_card(10)
    assert isinstance(card, PcscCardInField)
    return card
