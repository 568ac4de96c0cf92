"""What the issuing state itself says of a signer's documents, in a deviation list (ICAO 9303-12, 10).

It is told, and changes nothing: a list that could turn a refusal into a yes would be worth forging.
"""

from dataclasses import replace
from typing import Final

from verifier.lds.mrz import MachineReadableZone
from verifier.pki.certificate import Certificate
from verifier.pki.sources.deviation_list import KnownDeviation
from verifier.verification.case import Case
from verifier.verification.report import Tolerated

PREFIX: Final = "announced-"
"""Before the kind of deviation, in the code of such a remark."""
_MAX_SENTENCE: Final = 300


def announcing(case: Case) -> Case:
    """Return the case with a remark for each thing that a state announced of the trusted signers' documents."""
    if case.trusted is None:
        return case
    mrz = None if case.trusted.dg1 is None else case.trusted.dg1.mrz
    remarks = [
        _remark(signer, known)
        for signer in dict.fromkeys(path[0] for path in case.trusted.paths)
        for known in case.trust.known_deviations(signer)
        if _may_concern(known, mrz)
    ]
    return replace(case, remarks=tuple(dict.fromkeys((*case.remarks, *remarks)))) if remarks else case


def _may_concern(known: KnownDeviation, mrz: MachineReadableZone | None) -> bool:
    if mrz is None:
        return True
    if known.document_type is not None and not mrz.document_type.startswith(known.document_type.rstrip("<")):
        return False
    return not known.document_numbers or mrz.document_number in known.document_numbers


def _remark(signer: Certificate, known: KnownDeviation) -> Tolerated:
    text = "".join(character if character.isprintable() else "?" for character in known.description[:_MAX_SENTENCE])
    sentence = f"The issuing state announced: {text or known.kind.value}."
    return Tolerated(PREFIX + known.kind.value, str(signer.subject), sentence)
