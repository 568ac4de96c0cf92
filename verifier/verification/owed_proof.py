"""Does the card owe a proof that its chip is no copy? It does where its issuer signed what a copy could be told by.

A card may have no such thing (ICAO 9303-11, 6: both protocols are optional), and then nothing is owed. But that has to
be seen in the signed data: whoever copies a card, or writes evidence of it, would else leave out the file that says so.
"""

from verifier.access.chip.active_authentication import verify_active_authentication
from verifier.access.chip.chip_authentication import choose_chip_authentication
from verifier.access.pace.protocols import protocol_of
from verifier.access.proofs import ActiveAuthenticationProof
from verifier.errors import VerifierError
from verifier.lds.security_infos import ActiveAuthenticationInfo, PaceInfo, SecurityInfos
from verifier.verification.case import Case, TrustedData
from verifier.verification.chip_rulings import UNSUPPORTED
from verifier.verification.report import CheckResult, Outcome

_KEY_FILES = (14, 15)
_NO_PROOF = ActiveAuthenticationProof(bytes(8), b"")


def owes_proof(case: Case, found: CheckResult) -> bool:
    """Tell whether a proof is missing, ``found`` being what became of the check of the chip's authenticity.

    Chip authentication mapping counts as a key of its own: EF.CardSecurity, which holds it, is not listed in EF.SOD,
    but the PACE infos of DG14 say that it is there. A proof that somebody brings and nobody can judge is no proof; only
    a card that offers nothing of a kind that is carried here is excused.
    """
    if found.outcome is Outcome.PASSED:
        return False
    evidence = case.evidence
    if case.trusted is None or evidence.pace_chip_authentication is not None or _may_be_hidden(case, case.trusted):
        return True
    brought = evidence.chip_authentication is not None or evidence.active_authentication is not None
    return (brought and found.reason != UNSUPPORTED.reason) or _can_be_asked(case.trusted)


def _may_be_hidden(case: Case, trusted: TrustedData) -> bool:
    """Whether the issuer signed a file that may hold a key, and it is not there. DG15 always holds one."""
    listed = () if case.security_object is None else case.security_object.data_group_hashes
    had = {14: trusted.dg14 is not None, 15: trusted.dg15 is not None}
    return any(number in listed and not had[number] and f"DG{number}" not in trusted.malformed for number in _KEY_FILES)


def offers_mapping(trusted: TrustedData) -> bool:
    """Tell whether DG14 offers PACE with chip authentication mapping, as far as it is carried here."""
    return trusted.dg14 is not None and any(map(_is_mapping, trusted.dg14.security_infos.pace))


def _can_be_asked(trusted: TrustedData) -> bool:
    infos = SecurityInfos() if trusted.dg14 is None else trusted.dg14.security_infos
    if offers_mapping(trusted) or _has_agreement_key(infos):
        return True
    ways = infos.active_authentication or (None,)
    return trusted.dg15 is not None and any(_can_be_judged(trusted.dg15.public_key, way) for way in ways)


def _is_mapping(info: PaceInfo) -> bool:
    try:
        return protocol_of(info).chip_authentication
    except VerifierError:
        return False


def _has_agreement_key(infos: SecurityInfos) -> bool:
    try:
        return choose_chip_authentication(infos) is not None
    except VerifierError:
        return False


def _can_be_judged(public_key: bytes, way: ActiveAuthenticationInfo | None) -> bool:
    try:
        verify_active_authentication(_NO_PROOF, public_key, way)
    except VerifierError:
        return False
    return True
