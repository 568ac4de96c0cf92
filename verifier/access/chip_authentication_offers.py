"""Which Chip Authentication a chip offers, and with which key (ICAO 9303-11, 6.2.3, 9.2.5 and 9.2.6)."""

from collections.abc import Callable
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.access.cipher_suite import CipherSuite
from verifier.access.point_arithmetic import Point, point_of
from verifier.access.proofs import ChipAuthenticationProof
from verifier.errors import UnsupportedFeature
from verifier.lds.security_infos import (
    ID_CA,
    ID_PK,
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    SecurityInfos,
)
from verifier.pki.curves import NAMED_CURVES, NamedCurve
from verifier.pki.public_key import PublicKey

_VERSION = 1
_ID_CA_ECDH: Final = f"{ID_CA}.2"
_ID_PK_ECDH: Final = f"{ID_PK}.2"
_SUITES: Final = {
    f"{_ID_CA_ECDH}.1": CipherSuite.TRIPLE_DES,
    f"{_ID_CA_ECDH}.2": CipherSuite.AES_128,
    f"{_ID_CA_ECDH}.3": CipherSuite.AES_192,
    f"{_ID_CA_ECDH}.4": CipherSuite.AES_256,
}
_CURVES: Final = {curve.implementation.name: curve for curve in NAMED_CURVES if curve.implementation is not None}


class ChipAuthenticationOffer(NamedTuple):
    """A protocol and the static key that it is run with."""

    info: ChipAuthenticationInfo
    public_key: ChipAuthenticationPublicKeyInfo


def choose_chip_authentication(infos: SecurityInfos) -> ChipAuthenticationOffer | None:
    """Return the offer with the strongest cipher, among equals the card's first; ``None`` where there is no key at all.

    A key without any ChipAuthenticationInfo means 3DES: old passports announce only the key.

    Raises ``UnsupportedFeature``, naming what is there, where no offer is supported.
    """
    if not infos.chip_authentication_public_keys:
        return None
    usable = _offers(infos, lambda info: info.version == _VERSION and info.oid in _SUITES)
    if not usable:
        oids = [info.oid for info in infos.chip_authentication]
        oids += [key.oid for key in infos.chip_authentication_public_keys]
        msg = f"none of the chip's Chip Authentication protocols and keys is supported: {', '.join(oids)}"
        raise UnsupportedFeature(msg)
    return max(usable, key=lambda offer: _SUITES[offer.info.oid].strength)


def offer_of_proof(infos: SecurityInfos, proof: ChipAuthenticationProof) -> ChipAuthenticationOffer | None:
    """Return what a proof claims to have used, as these SecurityInfos (of DG14) have it; ``None``: they do not."""
    matching = _offers(infos, lambda info: info.oid == proof.oid and info.key_id == proof.key_id)
    return matching[0] if matching else None


def suite_of(info: ChipAuthenticationInfo) -> CipherSuite:
    """Return the cipher of a protocol; raise ``UnsupportedFeature`` with its identifier where it is not carried."""
    suite = _SUITES.get(info.oid)
    if suite is None or info.version != _VERSION:
        msg = f"Chip Authentication with {info.oid}, version {info.version}, is not supported"
        raise UnsupportedFeature(msg)
    return suite


def static_key_of(info: ChipAuthenticationPublicKeyInfo) -> tuple[NamedCurve, Point]:
    """Return curve and point of the chip's key, checked to be on the curve.

    Raises ``UnsupportedFeature`` (DH, unknown curve) or ``MalformedData``.
    """
    key = PublicKey.decode(info.public_key).key
    curve = _CURVES.get(key.curve.name) if isinstance(key, ec.EllipticCurvePublicKey) else None
    if curve is None or not isinstance(key, ec.EllipticCurvePublicKey):
        msg = "the chip's key for Chip Authentication is no elliptic curve key"
        raise UnsupportedFeature(msg)
    return curve, point_of(key)


def _offers(infos: SecurityInfos, wanted: Callable[[ChipAuthenticationInfo], bool]) -> list[ChipAuthenticationOffer]:
    """Pair protocols with keys: by key identifier, or because there is just one of each."""
    keys = [key for key in infos.chip_authentication_public_keys if key.oid == _ID_PK_ECDH]
    announced = infos.chip_authentication or tuple(
        ChipAuthenticationInfo(f"{_ID_CA_ECDH}.1", _VERSION, key.key_id) for key in keys
    )
    alone = len(keys) == len(announced) == 1
    return [
        ChipAuthenticationOffer(info, key)
        for info in announced
        for key in keys
        if wanted(info) and (alone or info.key_id == key.key_id)
    ]
