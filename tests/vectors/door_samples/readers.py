"""Wait for a card in any PC/SC reader; without one, or without pyscard, say why not."""

from verifier.sdk import CardConnection, CommandApdu
from verifier.sdk.errors import ReaderError, ReaderUnavailable
from verifier.sdk.readers import PcscReader, PcscReaderInfo, VpcdReader, pcsc_readers

try:
    found: tuple[PcscReaderInfo, ...] = pcsc_readers()
except ReaderUnavailable:
    found = ()
names: list[str] = [reader.name for reader in found if not reader.is_taken]


def has_master_file(wanted: str) -> bool | None:
    try:
        with PcscReader(wanted) as reader:
            card: CardConnection | None = reader.wait_for_card(30)
            return None if card is None else card.transmit(CommandApdu(0x00, 0xA4, 0x00, 0x0C)).status == 0x9000
    except ReaderError:
        return None


with VpcdReader(port=0) as virtual:
    nobody: CardConnection | None = virtual.wait_for_card(0.0)
    assert nobody is None
