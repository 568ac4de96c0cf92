"""The verdict on a proof of PACE with chip authentication mapping (ICAO 9303-11, 4.4.3.5.2)."""

from verifier.access.chip_authentication_offers import static_key_of
from verifier.access.mapping_proof import verify_mapping_proof
from verifier.access.proofs import AccessProtocol, PaceChipAuthenticationProof
from verifier.access.static_keys import StaticKey
from verifier.errors import MalformedData, UnsupportedFeature
from verifier.lds.security_infos import ChipAuthenticationPublicKeyInfo, SecurityInfos
from verifier.verification import chip_rulings
from verifier.verification.card_security import trusted_card_security
from verifier.verification.case import Case, TrustedData
from verifier.verification.ruling import Ruling


def judge_mapping_proof(case: Case, proof: PaceChipAuthenticationProof) -> tuple[Ruling, bytes | None]:
    """Return the ruling, and where the proof holds the signed public key that it is about.

    The proof must be one of the session that the files were read in, and a key of an authentic EF.CardSecurity must
    fit it. That the data is the issuer's comes first: without it there is nothing that the chip could be the chip of.
    """
    if case.trusted is None:
        return chip_rulings.KEY_NOT_TRUSTED, None
    access = case.evidence.access
    if (access.protocol, access.pace_oid, access.pace_parameter_id) != (
        AccessProtocol.PACE,
        proof.oid,
        proof.parameter_id,
    ):
        return chip_rulings.NOT_AUTHENTIC, None
    infos = trusted_card_security(case, case.trusted)
    if isinstance(infos, Ruling):
        return infos, None
    if _contradicts(infos, case.trusted):
        return chip_rulings.CARD_SECURITY_FOREIGN, None
    return _judge(proof, infos, case.trusted)


def _judge(
    proof: PaceChipAuthenticationProof, infos: SecurityInfos, trusted: TrustedData
) -> tuple[Ruling, bytes | None]:
    unsupported = False
    for info in infos.chip_authentication_public_keys:
        try:
            key = static_key_of(info)
            if verify_mapping_proof(proof, key):
                return chip_rulings.AUTHENTIC_CAM, _as_in_dg14(key, trusted) or info.public_key
        except (MalformedData, UnsupportedFeature):
            unsupported = True
    return (chip_rulings.UNSUPPORTED if unsupported else chip_rulings.NOT_AUTHENTIC), None


def _contradicts(infos: SecurityInfos, trusted: TrustedData) -> bool:
    """Tell whether DG14 and EF.CardSecurity give the same number to different keys: then they are of different chips.

    A key of its own for the mapping is in order: German passports have one beside that of Chip Authentication.
    """
    theirs = {info.key_id: info for info in infos.chip_authentication_public_keys}
    for info in _keys_of_dg14(trusted):
        other = theirs.get(info.key_id)
        if other is None:
            continue
        ours, its = _decoded(info), _decoded(other)
        if None not in (ours, its) and ours != its:
            return True
    return False


def _as_in_dg14(key: StaticKey, trusted: TrustedData) -> bytes | None:
    """Return the same key as DG14 encodes it, which is how a card status list knows the chip."""
    return next((info.public_key for info in _keys_of_dg14(trusted) if _decoded(info) == key), None)


def _keys_of_dg14(trusted: TrustedData) -> tuple[ChipAuthenticationPublicKeyInfo, ...]:
    return () if trusted.dg14 is None else trusted.dg14.security_infos.chip_authentication_public_keys


def _decoded(info: ChipAuthenticationPublicKeyInfo) -> StaticKey | None:
    try:
        return static_key_of(info)
    except (MalformedData, UnsupportedFeature):
        return None
