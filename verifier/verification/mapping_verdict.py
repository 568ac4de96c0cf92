"""The verdict on a proof of PACE with chip authentication mapping (ICAO 9303-11, 4.4.3.5.2).

EF.CardSecurity names no document. In a session it need not: everything was read from the chip that proved its key. But
evidence is only somebody's word for a session, and so the file must be linked to the data by a key that DG14 has too.
"""

from verifier.access.chip.chip_authentication_offers import MAX_KEYS, static_key_of
from verifier.access.chip.chip_keys import contradict, known_static_key, share_a_key
from verifier.access.chip.static_keys import StaticKey
from verifier.access.pace.mapping_proof import verify_mapping_proof
from verifier.access.proofs import AccessProtocol, PaceChipAuthenticationProof
from verifier.errors import MalformedData, UnsupportedFeature
from verifier.lds.security_infos import SecurityInfos
from verifier.verification import chip_rulings
from verifier.verification.card_security import trusted_card_security
from verifier.verification.case import Case, TrustedData
from verifier.verification.ruling import Ruling

_DG14 = 14


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
    ruling, key = _judge(proof, infos, case.trusted)
    return (ruling, None) if key is None else (_unlinked(case, case.trusted, infos) or ruling, key)


def _judge(
    proof: PaceChipAuthenticationProof, infos: SecurityInfos, trusted: TrustedData
) -> tuple[Ruling, bytes | None]:
    unsupported = False
    for info in infos.chip_authentication_public_keys[:MAX_KEYS]:
        try:
            key = static_key_of(info)
            if verify_mapping_proof(proof, key):
                return chip_rulings.AUTHENTIC_CAM, _as_in_dg14(key, trusted) or info.public_key
        except (MalformedData, UnsupportedFeature):
            unsupported = True
    return (chip_rulings.UNSUPPORTED if unsupported else chip_rulings.NOT_AUTHENTIC), None


def _unlinked(case: Case, trusted: TrustedData, infos: SecurityInfos) -> Ruling | None:
    """Say why EF.CardSecurity may be of another chip than DG14 and DG1 are; ``None`` where it is of this one.

    A key of its own for the mapping is in order: German passports have one beside that of Chip Authentication. A card
    whose DG14 has no such key, or that has no DG14, offers nothing to compare.
    """
    if trusted.dg14 is None:
        listed = case.security_object is not None and _DG14 in case.security_object.data_group_hashes
        return chip_rulings.CARD_SECURITY_UNLINKED if listed else None
    signed = trusted.dg14.security_infos
    if contradict(signed, infos):
        return chip_rulings.CARD_SECURITY_FOREIGN
    if signed.chip_authentication_public_keys and not share_a_key(signed, infos):
        return chip_rulings.CARD_SECURITY_UNLINKED
    return None


def _as_in_dg14(key: StaticKey, trusted: TrustedData) -> bytes | None:
    """Return the same key as DG14 encodes it, which is how a card status list knows the chip."""
    infos = () if trusted.dg14 is None else trusted.dg14.security_infos.chip_authentication_public_keys
    return next((info.public_key for info in infos if known_static_key(info) == key), None)
