"""Writing SecurityInfos (ICAO 9303-11, 9.2): for EF.CardAccess, EF.CardSecurity and DG14."""

from collections.abc import Iterable, Iterator

from verifier.sdk.testing.card_side.active_authentication import ActiveAuthenticationSigner, EcdsaSigner
from verifier.sdk.testing.card_side.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.card_side.pace import PaceParameters
from verifier.sdk.testing.writing.der_writing import integer, object_identifier, sequence, set_of
from verifier.sdk.testing.writing.object_identifiers import (
    ACTIVE_AUTHENTICATION,
    AGREEMENT_ARCS,
    CHIP_AUTHENTICATION_PUBLIC_KEY,
    ECDSA_PLAIN,
    TERMINAL_AUTHENTICATION,
)
from verifier.sdk.testing.writing.public_keys import KeyForm, agreement_key_info, domain_parameters

FIRST_PROPRIETARY_ID = 32
"""Identifiers of domain parameters below this are standardised or reserved (ICAO 9303-11, 9.5.1)."""
_HASH_ARCS = {"SHA-1": 1, "SHA-224": 2, "SHA-256": 3, "SHA-384": 4, "SHA-512": 5}


def write_security_infos(infos: Iterable[bytes]) -> bytes:
    """Return the SET OF; the same info twice is written once."""
    return set_of(set(infos))


def pace_infos(offers: Iterable[PaceParameters]) -> Iterator[bytes]:
    """Yield a PACEInfo for each offer, version 2, and a PACEDomainParameterInfo for each proprietary group."""
    for offer in offers:
        number = integer(offer.curve.parameter_id)
        yield sequence(object_identifier(offer.oid), integer(2), number)
        if offer.curve.parameter_id >= FIRST_PROPRIETARY_ID:
            parameters = domain_parameters(offer.curve, KeyForm.EXPLICIT)
            yield sequence(object_identifier(offer.mapping_oid), parameters, number)


def chip_authentication_infos(
    keys: Iterable[ChipAuthenticationKey], form: KeyForm = KeyForm.NAMED, *, announced: bool = True
) -> Iterator[bytes]:
    """Yield the public key of each key and, where ``announced``, the protocol that it is for."""
    for key in keys:
        key_id = () if key.key_id is None else (integer(key.key_id),)
        oid = f"{CHIP_AUTHENTICATION_PUBLIC_KEY}.{AGREEMENT_ARCS[key.curve.agreement]}"
        fitting = KeyForm.NAMED if form is KeyForm.PKCS3 and key.curve.agreement == "ECDH" else form
        yield sequence(object_identifier(oid), agreement_key_info(key.curve, key.public_point, fitting), *key_id)
        if announced:
            yield sequence(object_identifier(key.oid), integer(1), *key_id)


def active_authentication_info(signer: ActiveAuthenticationSigner | None) -> Iterator[bytes]:
    """Yield the digest of an ECDSA signer; RSA needs none, because its trailer tells (ICAO 9303-11, 9.2.4)."""
    if isinstance(signer, EcdsaSigner):
        algorithm = f"{ECDSA_PLAIN}.{_HASH_ARCS[signer.hash_name]}"
        yield sequence(object_identifier(ACTIVE_AUTHENTICATION), integer(1), object_identifier(algorithm))


def terminal_authentication_info() -> bytes:
    """Return the info that DG3 and DG4 want Terminal Authentication, version 1 (ICAO 9303-11, 9.2.8)."""
    return sequence(object_identifier(TERMINAL_AUTHENTICATION), integer(1))
