"""Is every data group that was read the one that the issuer signed? (ICAO 9303-11, 5.1.1)"""

from verifier.errors import MalformedData
from verifier.lds.card_access import CardAccess
from verifier.lds.security_infos import PaceInfo, SecurityInfos
from verifier.lds.security_object import SecurityObject
from verifier.verification.card_security import trusted_card_security
from verifier.verification.case import Case
from verifier.verification.report import CheckName, CheckResult, Outcome
from verifier.verification.ruling import Ruling

_CHECK = CheckName.DATA_GROUP_HASHES
_PASSIVE = "ICAO 9303-11, 5.1.1"
_CARD_ACCESS = "ICAO 9303-11, 4.2"

MATCH = Ruling(
    _CHECK, Outcome.PASSED, "data-groups-match", "The data read from the card is what its issuer signed.", _PASSIVE
)
ALTERED = Ruling(_CHECK, Outcome.FAILED, "data-group-altered", "{file} was altered after it was signed.", _PASSIVE)
NOT_SIGNED = Ruling(
    _CHECK, Outcome.FAILED, "data-group-not-signed", "{file} is on the card, but its issuer never signed it.", _PASSIVE
)
WITHHELD = Ruling(
    _CHECK,
    Outcome.FAILED,
    "data-group-withheld",
    "The issuer signed {file}, but the card did not give it, as if it were an imperfect copy.",
    _PASSIVE,
)
CARD_ACCESS_ALTERED = Ruling(
    _CHECK,
    Outcome.FAILED,
    "card-access-altered",
    "EF.CardAccess offers other access protocols than the issuer signed.",
    _CARD_ACCESS,
)
NO_DG1 = Ruling(_CHECK, Outcome.INDETERMINATE, "dg1-missing", "The card's DG1 was not read.", _PASSIVE)
SOD_NOT_TRUSTED = Ruling(
    _CHECK,
    Outcome.INDETERMINATE,
    "sod-not-trusted",
    "The data read from the card agrees with EF.SOD, but EF.SOD itself is not trusted.",
    _PASSIVE,
)
NO_SOD = Ruling(
    _CHECK, Outcome.NOT_PERFORMED, "no-signed-hashes", "There is no readable EF.SOD to compare with.", _PASSIVE
)
RULINGS = (
    MATCH,
    ALTERED,
    NOT_SIGNED,
    WITHHELD,
    CARD_ACCESS_ALTERED,
    NO_DG1,
    SOD_NOT_TRUSTED,
    NO_SOD,
)
"""Everything that this check may say."""


def check_data_group_hashes(case: Case) -> tuple[CheckResult, Case]:
    """Compare what was read with what was signed, and look for what was signed and not given.

    Data groups that were not asked for are no finding: reading little is meant. DG14 and DG15 are one where the card
    refused them, or where the policy wants the chip authenticated and nothing proves it. EF.CardAccess is not signed
    itself: where DG14 repeats its PACE infos, they must be the same.
    """
    if case.security_object is None:
        return NO_SOD.result(), case
    for name in sorted(case.hash_matches):
        if not case.hash_matches[name]:
            listed = int(name.removeprefix("DG")) in case.security_object.data_group_hashes
            return (ALTERED if listed else NOT_SIGNED).result(file=name), case
    withheld = _withheld(case, case.security_object)
    if withheld is not None:
        return WITHHELD.result(file=withheld), case
    if _card_access_altered(case) or _card_security_differs(case):
        return CARD_ACCESS_ALTERED.result(), case
    if "DG1" not in case.hash_matches:
        return NO_DG1.result(), case
    return (MATCH if case.trusted is not None else SOD_NOT_TRUSTED).result(), case


def _withheld(case: Case, security_object: SecurityObject) -> str | None:
    """Return a file that may hold the chip's key and was signed, but not given.

    One that the card was asked for and refused counts in any case: a chip must give both files to whoever was let in
    (ICAO 9303-11, 4.2). Keeping one back would hide which keys and which PACE the issuer signed, whatever the chip
    proves with the other. One that nobody asked for counts only where the chip has to be authentic, and where neither
    file was got and nothing proves it.
    """
    evidence = case.evidence
    signed = [f"DG{number}" for number in (14, 15) if number in security_object.data_group_hashes]
    missing = [name for name in signed if name not in evidence.files]
    refused = [name for name in missing if name in evidence.refused]
    if refused:
        return refused[0]
    proofs = (evidence.pace_chip_authentication, evidence.chip_authentication, evidence.active_authentication)
    if (
        any(proof is not None for proof in proofs)
        or missing != signed
        or CheckName.CHIP_AUTHENTICITY not in case.policy.required
    ):
        return None
    return next(iter(missing), None)


def _card_access_altered(case: Case) -> bool:
    """Tell whether DG14 names PACE infos, and EF.CardAccess others, or a session was opened with another one."""
    if case.trusted is None or case.trusted.dg14 is None:
        return False
    signed = _choices(case.trusted.dg14.security_infos.pace)
    if not signed:
        return False
    access = case.evidence.access
    if access.pace_oid is not None and (access.pace_oid, access.pace_parameter_id) not in {
        (oid, parameter_id) for oid, _, parameter_id in signed
    }:
        return True
    raw = case.evidence.files.get("EF.CardAccess")
    if raw is None:
        return False
    try:
        return _choices(CardAccess.decode(raw).security_infos.pace) != signed
    except MalformedData:
        return True


def _card_security_differs(case: Case) -> bool:
    """Tell whether an authentic EF.CardSecurity names PACE infos, and EF.CardAccess others (ICAO 9303-11, 9.2.12)."""
    raw = case.evidence.files.get("EF.CardAccess")
    if raw is None or case.trusted is None or "EF.CardSecurity" not in case.evidence.files:
        return False
    infos = trusted_card_security(case, case.trusted)
    if not isinstance(infos, SecurityInfos) or not infos.pace:
        return False
    try:
        return _choices(CardAccess.decode(raw).security_infos.pace) != _choices(infos.pace)
    except MalformedData:
        return True


def _choices(infos: tuple[PaceInfo, ...]) -> frozenset[tuple[str, int, int | None]]:
    return frozenset((info.oid, info.version, info.parameter_id) for info in infos)
