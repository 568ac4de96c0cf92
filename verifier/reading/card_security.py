"""EF.CardSecurity as it is read: after PACE, before the application is selected (ICAO 9303-10, 3.11.4)."""

from verifier.access.secure_messaging import SecureMessaging
from verifier.errors import CardRefused
from verifier.iso7816.apdu import EXTENDED_MAX_LE
from verifier.iso7816.exchange import Exchange, through
from verifier.iso7816.files import read_by_short_identifier, read_selected, select_file
from verifier.iso7816.status import StatusWord
from verifier.lds.elementary_files import CARD_SECURITY

_WRONG_LENGTH_WITH_HINT = 0x6C


def complains_of_length(status: int) -> bool:
    """Tell whether a card refused a command for its length, so that short commands may fare better."""
    return status == StatusWord.WRONG_LENGTH or status >> 8 == _WRONG_LENGTH_WITH_HINT


def read_card_security(channel: SecureMessaging, *, extended_length: bool) -> Exchange[bytes]:
    """Read EF.CardSecurity, which lies in the master file, where PACE leaves a card.

    The application has a file of the same identifiers, EF.SOD: so it is read now or never. By its short identifier,
    else by SELECT. Raises ``CardRefused`` where the card gives it in neither way.
    """
    chunk = EXTENDED_MAX_LE if extended_length else channel.max_plain_chunk()
    try:
        return (yield from through(channel, read_by_short_identifier(CARD_SECURITY.short_identifier, chunk=chunk)))
    except CardRefused as refusal:
        if not channel.is_alive or complains_of_length(refusal.status):
            raise
        try:
            return (yield from through(channel, _select_and_read(chunk)))
        except CardRefused:
            raise refusal from None


def _select_and_read(chunk: int) -> Exchange[bytes]:
    yield from select_file(CARD_SECURITY.file_identifier)
    return (yield from read_selected(chunk=chunk))
