"""Whom a card belongs to, as far as authentic data says so."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from verifier.errors import MalformedData
from verifier.lds.dg11 import DataGroup11
from verifier.lds.elementary_files import DG11
from verifier.lds.mrz import MachineReadableZone
from verifier.lds.mrz_dates import date_of_expiry
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Holder, Outcome

_VOUCHING: Final = frozenset({CheckName.SOD_SIGNATURE, CheckName.SIGNER_PATH})
_DENYING: Final = frozenset({CheckName.SIGNER_REVOCATION, CheckName.ISSUING_STATE})


def is_vouched_for(results: Sequence[CheckResult]) -> bool:
    """Tell whether the issuer stands behind what it signed, whatever else is wrong with the card.

    The SOD's signature and its signer's path passed. A revoked signer's key may be anybody's, and another state's
    signer has no say about this state's people and chips.
    """
    outcomes = {result.check: result.outcome for result in results}
    return all(outcomes[check] is Outcome.PASSED for check in _VOUCHING) and not any(
        outcomes[check] is Outcome.FAILED for check in _DENYING
    )


def holder_of(case: Case, results: Sequence[CheckResult]) -> Holder | None:
    """Return the holder where the issuer vouches for the data, and DG1 has the signed hash."""
    if not is_vouched_for(results) or case.trusted is None or case.trusted.dg1 is None:
        return None
    return _holder(case.trusted.dg1.mrz, case.at.date(), _full_name(case))


def _holder(mrz: MachineReadableZone, today: date, full_name: str | None) -> Holder:
    return Holder(
        surname=mrz.surname,
        given_names=mrz.given_names,
        document_number=mrz.document_number,
        personal_number=_personal_number(mrz),
        issuing_state=mrz.issuing_state,
        nationality=mrz.nationality,
        date_of_birth=mrz.date_of_birth,
        sex=mrz.sex,
        date_of_expiry=_expiry(mrz.date_of_expiry, today),
        document_type=mrz.document_type,
        full_name=full_name,
    )


def _full_name(case: Case) -> str | None:
    """Return the name of DG11 where that was read and has the signed hash; one that does not decode is none."""
    if not case.hash_matches.get(DG11.name):
        return None
    try:
        name = DataGroup11.decode(case.evidence.files[DG11.name]).full_name
    except MalformedData:
        return None
    return None if name is None else f"{name.primary} {name.secondary}".strip() or None


def _personal_number(mrz: MachineReadableZone) -> str | None:
    """Return the first word of the first optional data that is not empty."""
    words = (text.lstrip("<").partition("<")[0] for text in mrz.optional_data)
    return next((word for word in words if word), None)


def _expiry(text: str, today: date) -> date | None:
    try:
        return date_of_expiry(text, today=today)
    except MalformedData:
        return None
