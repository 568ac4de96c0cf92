"""Have the chip prove that it is no copy: Chip Authentication, else Active Authentication (ICAO 9303-11, 6).

A chip that fails here is a finding and no error: what it answered becomes evidence, and ``verification`` judges it.
A chip that is taken away is an error, because then nobody has seen anything.
"""

import contextlib
from collections.abc import Callable
from typing import TypeAlias

from verifier.access.chip.active_authentication import authenticate_actively, response_length
from verifier.access.chip.chip_authentication import authenticate_chip, choose_chip_authentication
from verifier.access.chip.chip_keys import shared_keys
from verifier.access.pace.mapping_proof import verify_mapping_proof
from verifier.access.proofs import ActiveAuthenticationProof, ChipAuthenticationProof
from verifier.errors import MalformedData, SecureMessagingError, UnsupportedFeature
from verifier.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from verifier.iso7816.exchange import Exchange, through
from verifier.iso7816.files import READ_BINARY, SELECT
from verifier.lds.card_security import CardSecurity
from verifier.lds.dg14 import DataGroup14
from verifier.lds.dg15 import DataGroup15
from verifier.lds.elementary_files import SOD
from verifier.reading.session import Session
from verifier.reading.wire import Wire

Random: TypeAlias = Callable[[int], bytes]
_HEADER_BYTES = 8
"""What the first read in the new channel asks for: enough to be encrypted, and nothing of the holder."""


def mapping_suffices(session: Session, dg14: bytes) -> bool:
    """Tell whether PACE with chip authentication mapping has proved the chip already, so that nothing need follow.

    It has where the proof fits a key of DG14, and EF.CardSecurity names that key. Whoever signed EF.CardSecurity is not
    known yet: were its word enough, a copy could bring one of its own and would never be asked for the key of DG14.
    """
    proof = session.pace_chip_authentication
    if proof is None or session.card_security is None:
        return False
    try:
        named = CardSecurity.decode(session.card_security).security_infos
        signed = DataGroup14.decode(dg14).security_infos
    except (MalformedData, UnsupportedFeature):
        return False
    return any(verify_mapping_proof(proof, key) for key in shared_keys(signed, named))


def prove_by_chip_authentication(
    session: Session, dg14: bytes, random: Random, wire: Wire, *, short_identifiers: bool = True
) -> Exchange[ChipAuthenticationProof | None]:
    """Run Chip Authentication with the strongest key of DG14, and one protected command: its answer is the proof.

    That is a read, or the selection of a file on cards that know no short identifiers and might refuse it in the clear.
    Returns ``None`` where DG14 has no key that this release can use. Raises ``CardRefused`` where the chip refuses.
    """
    if session.channel is None:
        return None
    try:
        offer = choose_chip_authentication(DataGroup14.decode(dg14).security_infos)
    except (MalformedData, UnsupportedFeature):
        return None
    if offer is None:
        return None
    exchange = authenticate_chip(session.channel, *offer, random, extended_length=session.extended_length)
    channel = yield from wire.refusals_of(exchange)
    with contextlib.suppress(SecureMessagingError):  # Without the key it cannot answer: the proof holds what came.
        yield from through(channel, _read_header() if short_identifiers else _select())
    return channel.proof


def prove_by_active_authentication(
    session: Session, dg15: bytes, random: Random, wire: Wire, *, extended_length: bool
) -> Exchange[ActiveAuthenticationProof | None]:
    """Have the chip sign a challenge with the key of DG15.

    ``extended_length`` is whether the reader carries it. Whether the card gives its files so does not matter: one whose
    key needs it has to answer in it (ICAO 9303-11, 6.1), or a copy could do without by refusing it.

    Returns ``None`` where the key is unknown, or too long for the reader.
    Raises ``CardRefused`` where the chip refuses.
    """
    try:
        le = response_length(DataGroup15.decode(dg15).public_key)
    except (MalformedData, UnsupportedFeature):
        return None
    if le > SHORT_MAX_LE and not extended_length:
        return None
    return (yield from wire.refusals_of(session.inside(authenticate_actively(random, le=le))))


def _read_header() -> Exchange[None]:
    """Read the first bytes of EF.SOD; whatever the chip answers, it answers in the new channel."""
    yield CommandApdu(0x00, READ_BINARY, 0x80 | SOD.short_identifier, 0x00, le=_HEADER_BYTES)


def _select() -> Exchange[None]:
    """Select EF.SOD; whatever the chip answers, it answers in the new channel."""
    yield CommandApdu(0x00, SELECT, 0x02, 0x0C, data=SOD.file_identifier.to_bytes(2))
