"""Which proof a reading asks of the chip, and in which order (ICAO 9303-11, 6; ``chip_proof`` has the proofs)."""

from dataclasses import replace
from functools import partial

from verifier.errors import CardRefused, MalformedData
from verifier.evidence.record import ACTIVE_AUTHENTICATION, CHIP_AUTHENTICATION
from verifier.iso7816.exchange import Exchange
from verifier.lds.dg14 import DataGroup14
from verifier.lds.elementary_files import CARD_ACCESS, DG14, DG15
from verifier.reading.chip_proof import mapping_suffices, prove_by_active_authentication, prove_by_chip_authentication
from verifier.reading.options import ReadingStep
from verifier.reading.purpose import ChipProof
from verifier.reading.session import Session
from verifier.reading.under_way import OtherMannerError, Reading


def prove(reading: Reading, session: Session, listed: frozenset[int]) -> Exchange[None]:
    """Run the first proof that plan, options and card have in common. Both proofs end a chip that fails them.

    A challenge is somebody's question. Only Active Authentication answers it, so it is run beside the other, and
    before it: Chip Authentication leaves the channel that the session knows.
    """
    options, proofs = reading.options, list(reading.plan.chip_proofs)
    if options.challenge is not None:
        proofs.sort(key=lambda proof: proof is not ChipProof.ACTIVE_AUTHENTICATION)
    for proof in proofs:
        if not session.is_alive:
            return
        match proof:
            case ChipProof.CHIP_AUTHENTICATION if options.chip_authentication and DG14.data_group in listed:
                answered = yield from _prove_by_chip_authentication(reading, session)
            case ChipProof.ACTIVE_AUTHENTICATION if options.active_authentication and DG15.data_group in listed:
                answered = yield from _prove_by_active_authentication(reading, session)
            case _:
                answered = False
        if answered and options.challenge is None:
            return


def _prove_by_chip_authentication(reading: Reading, session: Session) -> Exchange[bool]:
    """Tell whether the chip answered, well or badly, or declined to."""
    dg14 = yield from reading.read(DG14)
    if dg14 is None:
        return False
    _compare_offers(reading, dg14)
    if mapping_suffices(session, dg14):
        return True
    reading.progress(ReadingStep.PROVING)
    try:
        reading.chip_authentication = yield from prove_by_chip_authentication(
            session, dg14, reading.random, reading.wire, short_identifiers=reading.reader.short_identifiers
        )
    except CardRefused as refusal:
        _doubt_memory(reading)
        reading.note_refusal(CHIP_AUTHENTICATION, refusal)
        return True
    return reading.chip_authentication is not None


def _doubt_memory(reading: Reading) -> None:
    """Read once more in extended length where only other cards said that this one has none.

    It may carry no chains of commands, and a hostile card could have said so for it: that is not held against a chip.
    """
    manner = reading.manner
    if manner.trusts_memory and reading.options.extended_length and not manner.extended_length:
        raise OtherMannerError(replace(manner, extended_length=True, trusts_memory=False))


def _prove_by_active_authentication(reading: Reading, session: Session) -> Exchange[bool]:
    """Tell whether the chip answered, well or badly, or declined to."""
    dg15 = yield from reading.read(DG15)
    if dg15 is None:
        return False
    reading.progress(ReadingStep.PROVING)
    try:
        proof = yield from prove_by_active_authentication(
            session, dg15, partial(_challenge, reading), reading.wire, extended_length=reading.options.extended_length
        )
    except CardRefused as refusal:  # also for its length: a chip with such a key has to carry it
        reading.refused[ACTIVE_AUTHENTICATION] = refusal.status
        return True
    reading.active_authentication = proof
    return proof is not None


def _challenge(reading: Reading, length: int) -> bytes:
    """Return what Active Authentication signs, which draws nothing else."""
    return reading.random(length) if reading.options.challenge is None else reading.options.challenge


def _compare_offers(reading: Reading, dg14: bytes) -> None:
    """Look for EF.CardAccess again where DG14 repeats what only it can have offered (ICAO 9303-11, 9.2.11)."""
    doubtful = reading.is_absent and reading.manner.trusts_first_look and CARD_ACCESS.name not in reading.files
    if doubtful and _offers_pace(dg14):
        reading.looked = False
        raise OtherMannerError(replace(reading.manner, trusts_first_look=False))


def _offers_pace(dg14: bytes) -> bool:
    try:
        return bool(DataGroup14.decode(dg14).security_infos.pace)
    except MalformedData:
        return False
