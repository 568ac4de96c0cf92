"""The door for readers: PC/SC readers, and one for virtual cards. Any other is a ``CardConnection`` of one's own.

``with PcscReader() as reader: card = reader.wait_for_card(30)`` waits for a card in any reader; ``pcsc_readers`` lists
those that are plugged in, ``pcsc_reader_names`` only their names. They need the package pyscard
(``pip install 'thechip[pcsc]'``). ``VpcdReader`` needs nothing: card simulators connect to it by TCP.
"""

from verifier.transport.pcsc import PcscReader, PcscReaderInfo, pcsc_reader_names, pcsc_readers
from verifier.transport.pcsc_card import PcscCard
from verifier.transport.vpcd import VpcdCard, VpcdReader

__all__ = ["PcscCard", "PcscReader", "PcscReaderInfo", "VpcdCard", "VpcdReader", "pcsc_reader_names", "pcsc_readers"]
