"""One session of a reading: look, recognise the type of card, open it, read its files, have it prove itself."""

from dataclasses import replace
from datetime import datetime

from verifier.access.password import MrzPassword
from verifier.access.proofs import AccessProtocol
from verifier.errors import CardRefused, ExtendedLengthRefused, MalformedData, SecureMessagingError, UnsupportedFeature
from verifier.evidence.record import Evidence
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.status import StatusWord
from verifier.lds.elementary_files import CARD_ACCESS, CARD_SECURITY, ELEMENTARY_FILES, SOD
from verifier.lds.security_object import SecurityObject
from verifier.reading.file_reader import NO_SUCH_WAY, FileReader, read_atr_info
from verifier.reading.options import ReadingStep
from verifier.reading.proving import prove
from verifier.reading.session import Session, open_session, read_card_access, return_to_master_file
from verifier.reading.under_way import OtherMannerError, Reading
from verifier.reading.wire import watched


def read_once(reading: Reading, captured_at: datetime) -> Exchange[Evidence]:
    """Open a session, read, and return the evidence; what an earlier session knew of EF.CardAccess is kept."""
    card_access = reading.files.get(CARD_ACCESS.name)
    reading.files.clear()
    reading.refused.clear()
    reading.chip_authentication = reading.active_authentication = None
    try:
        session = yield from watched(reading.wire, _session(reading, card_access))
    except (CardRefused, SecureMessagingError) as error:
        if reading.wire.refused_extended_length and reading.wire.response is not None:
            msg = "the card does not carry extended length"
            raise ExtendedLengthRefused(msg, reading.wire.response.status) from error
        raise
    reading.progress(ReadingStep.DONE)
    return Evidence(
        profile=reading.profile.name,
        captured_at=captured_at,
        access=session.access,
        files=reading.files,
        refused=reading.refused,
        chip_authentication=reading.chip_authentication,
        active_authentication=reading.active_authentication,
        pace_chip_authentication=session.pace_chip_authentication,
    )


def _session(reading: Reading, card_access: bytes | None) -> Exchange[Session]:
    if AccessProtocol.PACE in reading.options.access and not reading.looked:
        reading.progress(ReadingStep.LOOKING)
        card_access = yield from _look(reading)
    if card_access is not None:
        reading.files[CARD_ACCESS.name] = card_access
    yield from _recognise(reading, card_access)
    reading.progress(ReadingStep.OPENING)
    session = yield from open_session(
        reading.profile.aid,
        reading.password,
        reading.options,
        extended_length=reading.manner.extended_length,
        random=reading.random,
        card_access=card_access,
    )
    _note_card_security(reading, session)
    reading.progress(ReadingStep.READING)
    reading.reader = FileReader(
        session, reading.wire, reading.received, reading.manner.short_identifiers, reading.learning.traits.max_response
    )
    sod = yield from _read_first(reading)
    if sod is None:
        return session  # Nothing can be verified without it, so nothing else is asked for.
    listed = _listed(sod)
    reading.refused.update(reading.manner.passed_over)
    for name in reading.plan.data_groups:
        file = ELEMENTARY_FILES[name]
        if name not in reading.refused and (listed is None or file.data_group in listed):
            yield from reading.read(file)
            _require_session(reading, session, name)
    yield from prove(reading, session, listed or frozenset())
    return session


def _require_session(reading: Reading, session: Session, name: str) -> None:
    """Open the card once more where it ended the session over a file: it has yet to prove itself.

    A copy could else choose a file to end it over, and would never be asked.
    """
    if not session.is_alive:
        passed_over = (*reading.manner.passed_over, (name, reading.refused[name]))
        raise OtherMannerError(replace(reading.manner, passed_over=passed_over))


def _look(reading: Reading) -> Exchange[bytes | None]:
    """Read EF.CardAccess; look twice before a password that needs it is blamed.

    A card that another reading left within its application has no such file there (ICAO 9303-10, 3.11.3).
    """
    reading.looked = True
    card_access = yield from read_card_access()
    reading.is_absent = reading.wire.response is not None and reading.wire.response.status == StatusWord.FILE_NOT_FOUND
    if card_access is None and reading.manner.trusts_first_look and not isinstance(reading.password, MrzPassword):
        reading.manner = replace(reading.manner, trusts_first_look=False)
        yield from return_to_master_file()
        card_access = yield from read_card_access()
    return card_access


def _recognise(reading: Reading, card_access: bytes | None) -> Exchange[None]:
    """Let what earlier readings learned about this type of card decide how it is read."""
    reading.learning.recognise(reading.profile.name, card_access)
    if reading.options.memory is not None and card_access and not reading.learning.traits.atr_info_looked_at:
        info = yield from read_atr_info()
        reading.learning.note(
            atr_info_looked_at=True,
            max_response=info.max_response,
            extended_length=info.extended_length,
            short_identifiers=info.short_identifiers,
        )
    known, manner = reading.learning.traits, reading.manner
    reading.manner = replace(
        manner,
        extended_length=manner.extended_length and not (manner.trusts_memory and known.extended_length is False),
        short_identifiers=manner.short_identifiers and known.short_identifiers is not False,
    )


def _read_first(reading: Reading) -> Exchange[bytes | None]:
    """Read EF.SOD, and learn from it what the card knows."""
    sod = yield from reading.read(SOD)
    status = reading.refused.get(SOD.name)
    if sod is not None:
        session, access = reading.reader.session, reading.reader.session.access
        reading.learning.note(
            extended_length=session.extended_length if reading.options.extended_length else None,
            short_identifiers=reading.reader.short_identifiers,
            pace_oid=access.pace_oid,
            pace_parameter_id=access.pace_parameter_id,
        )
    elif status in NO_SUCH_WAY and not reading.reader.session.is_alive and reading.manner.short_identifiers:
        raise OtherMannerError(replace(reading.manner, short_identifiers=False))
    return sod


def _note_card_security(reading: Reading, session: Session) -> None:
    if session.card_security is not None:
        reading.files[CARD_SECURITY.name] = session.card_security
    if session.card_security_refusal is not None:
        reading.refused[CARD_SECURITY.name] = session.card_security_refusal


def _listed(sod: bytes) -> frozenset[int] | None:
    """Return the data groups that EF.SOD lists; ``None`` where it cannot be decoded, which the report will say."""
    try:
        return frozenset(SecurityObject.decode(sod).data_group_hashes)
    except (MalformedData, UnsupportedFeature):
        return None
