"""Everything that any check may say, in the order in which the checks are made. ``docs/reasons.md`` explains each."""

from verifier.verification import clock
from verifier.verification.checks import (
    access,
    card_status,
    chip_authenticity,
    data_group_hashes,
    document_validity,
    issuing_state,
    signer_path,
    signer_revocation,
    sod_signature,
)
from verifier.verification.ruling import Ruling


def all_rulings() -> tuple[Ruling, ...]:
    """Return every ruling of every check once; some reasons have one for each outcome."""
    rulings = (
        *sod_signature.RULINGS,
        *signer_path.RULINGS.values(),
        signer_path.NO_SIGNER,
        signer_path.TRUST_STORE_EMPTY,
        *signer_revocation.RULINGS.values(),
        signer_revocation.NOT_TRUSTED,
        *issuing_state.RULINGS,
        *data_group_hashes.RULINGS,
        *access.RULINGS,
        *chip_authenticity.RULINGS,
        *document_validity.RULINGS,
        *card_status.RULINGS,
        *clock.RULINGS,
    )
    return tuple(dict.fromkeys(rulings))
