"""Faults: ways in which a chip misbehaves, to be put together as needed: ``VirtualChip(data, faults=(…,))``.

    personalise(signer, holder, faults=(WITHOUT_CARD_ACCESS,))
    VirtualChip(data, faults=(tampered(wrong_mac_from(8)), files_replaced(DG1=other)))

``CATALOGUE`` has whole cards with what must be said of them; these are the parts for one's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from verifier.sdk.testing.arithmetic.groups import Random
from verifier.sdk.testing.card_side.pace import PaceParameters, PaceResponder, ScalarChooser
from verifier.sdk.testing.chip_data import ChipData

Tamper: TypeAlias = Callable[[int, bytes, bytes], bytes]
"""Called with the number of the command since power on (from 1), the command and the true response, all as they
travel; returns the response that is sent instead, or raises ``CardRemoved``."""
PaceResponderMaker: TypeAlias = Callable[[PaceParameters, bytes, Random, ScalarChooser], PaceResponder]


@dataclass(frozen=True)
class Fault:
    """One way to misbehave: other data, another side of PACE, altered responses, or several of them."""

    alter: Callable[[ChipData], ChipData] | None = None
    """Changes what was personalised."""
    pace_responder: PaceResponderMaker | None = None
    """Makes the card's side of PACE; the last fault that has one counts."""
    tamper: Tamper | None = None
    """Alters responses on their way out, after the faults before it."""


def altered(alter: Callable[[ChipData], ChipData]) -> Fault:
    """Return the fault of other data."""
    return Fault(alter=alter)


def tampered(tamper: Tamper) -> Fault:
    """Return the fault of altered responses; some are in ``verifier.sdk.testing.tampering``."""
    return Fault(tamper=tamper)


def pace_by(responder: PaceResponderMaker) -> Fault:
    """Return the fault of another side of PACE: a subclass of ``PaceResponder``."""
    return Fault(pace_responder=responder)


def files_replaced(files: Mapping[str, bytes]) -> Fault:
    """Return the fault of files that hold something else than was signed, by name."""
    return altered(lambda data: replace(data, files={**data.files, **files}))


def files_removed(*names: str) -> Fault:
    """Return the fault of files that are not there (6A82)."""
    return altered(lambda data: replace(data, files={n: c for n, c in data.files.items() if n not in names}))


WITHOUT_CARD_ACCESS = files_removed("EF.CardAccess")
"""PACE is there, but nobody is told; DG14 still says so."""
WITHOUT_CHIP_KEYS = altered(lambda data: replace(data, chip_authentication=(), active_authentication=None))
"""The data groups were copied, the private keys could not be: Chip and Active Authentication are refused."""
EMPTY_READS = altered(lambda data: replace(data, behaviour=replace(data.behaviour, empty_reads=True)))
"""Every read succeeds, without any data."""
ERRORS_IN_THE_CLEAR = altered(lambda data: replace(data, behaviour=replace(data.behaviour, errors_in_the_clear=True)))
"""Refusals inside secure messaging come unprotected."""


def apply_faults(
    data: ChipData, faults: tuple[Fault, ...]
) -> tuple[ChipData, PaceResponderMaker | None, Tamper | None]:
    """Return altered data, the side of PACE that counts, and one function for all tampering."""
    responder, tampers = None, []
    for fault in faults:
        data = fault.alter(data) if fault.alter else data
        responder = fault.pace_responder or responder
        tampers += [fault.tamper] if fault.tamper else []
    return data, responder, _in_turn(tampers) if tampers else None


def _in_turn(tampers: list[Tamper]) -> Tamper:
    def tamper(count: int, command: bytes, response: bytes) -> bytes:
        for one in tampers:
            response = one(count, command, response)
        return response

    return tamper
