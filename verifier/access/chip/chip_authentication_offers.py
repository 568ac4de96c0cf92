"""Which Chip Authentication a chip offers, and with which key (ICAO 9303-11, 6.2.3, 9.2.5 and 9.2.6)."""

from collections.abc import Callable
from typing import Final, NamedTuple

from verifier.access.chip.static_keys import CurveKey, StaticKey, decode_static_key
from verifier.access.cipher_suite import CipherSuite
from verifier.access.proofs import ChipAuthenticationProof
from verifier.errors import MalformedData, UnsupportedFeature
from verifier.lds.security_infos import (
    ID_CA,
    ID_PK,
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    SecurityInfos,
)

_VERSION = 1
MAX_KEYS: Final = 4
"""Keys of a card that are looked at: real ones have one or two, and to check one of 4096 bits takes 0.3 seconds."""
_DH, _ECDH = "1", "2"
_FAMILIES: Final = {_DH: "DH", _ECDH: "ECDH"}
_CIPHERS: Final = {
    "1": CipherSuite.TRIPLE_DES,
    "2": CipherSuite.AES_128,
    "3": CipherSuite.AES_192,
    "4": CipherSuite.AES_256,
}


class ChipAuthenticationOffer(NamedTuple):
    """A protocol and the static key that it is run with."""

    info: ChipAuthenticationInfo
    public_key: ChipAuthenticationPublicKeyInfo


def choose_chip_authentication(infos: SecurityInfos) -> ChipAuthenticationOffer | None:
    """Return the strongest offer that is supported, among equals the card's first; ``None`` where there is no key.

    An offer is as strong as the weaker of its key and its cipher; then the cipher decides. A key without any
    ChipAuthenticationInfo means version 1 with 3DES, DH or ECDH as its kind is: old passports announce only the key.

    Raises ``UnsupportedFeature``, naming what is there, where no offer is supported.
    """
    if not infos.chip_authentication_public_keys:
        return None
    usable = [(_strength(offer), offer) for offer in _offers(infos, _is_supported) if _has_usable_key(offer)]
    if usable:
        return max(usable, key=lambda ranked: ranked[0])[1]
    offered = [describe_chip_authentication(info) for info in infos.chip_authentication]
    offered += [f"a key {key.oid}" for key in infos.chip_authentication_public_keys]
    msg = f"none of the chip's Chip Authentication protocols and keys is supported: {', '.join(offered)}"
    raise UnsupportedFeature(msg)


def offer_of_proof(infos: SecurityInfos, proof: ChipAuthenticationProof) -> ChipAuthenticationOffer | None:
    """Return what a proof claims to have used, as these SecurityInfos (of DG14) have it; ``None``: they do not."""
    matching = _offers(infos, lambda info: info.oid == proof.oid and info.key_id == proof.key_id)
    return next((offer for offer in matching if _is_supported(offer.info)), matching[0] if matching else None)


def suite_of(info: ChipAuthenticationInfo) -> CipherSuite:
    """Return the cipher of a protocol; raise ``UnsupportedFeature`` with its name where it is not carried.

    Versions 2 and 3 (TR-03110-2) want Terminal Authentication first; they are told apart and never run as version 1.
    """
    if not _is_supported(info):
        msg = f"{describe_chip_authentication(info)} is not supported"
        raise UnsupportedFeature(msg)
    return _CIPHERS[_arcs(info.oid, ID_CA)[1]]


def material_of(
    info: ChipAuthenticationInfo, public_key: ChipAuthenticationPublicKeyInfo
) -> tuple[CipherSuite, StaticKey]:
    """Return cipher and static key of an offer that go together. Raises as ``suite_of`` and ``static_key_of`` do."""
    suite, key = suite_of(info), static_key_of(public_key)
    if _arcs(info.oid, ID_CA)[0] != _family_of_key(public_key):
        msg = f"{describe_chip_authentication(info)} with a key of another kind is not supported"
        raise UnsupportedFeature(msg)
    return suite, key


def describe_chip_authentication(info: ChipAuthenticationInfo) -> str:
    """Return a protocol for people: ``Chip Authentication version 1 over ECDH with AES-128 (0.4…3.2.2)``."""
    family, cipher = _arcs(info.oid, ID_CA)
    if family not in _FAMILIES or cipher not in _CIPHERS:
        return f"Chip Authentication version {info.version} with the unknown protocol {info.oid}"
    name = f"over {_FAMILIES[family]} with {_CIPHERS[cipher].value}"
    return f"Chip Authentication version {info.version} {name} ({info.oid})"


def static_key_of(info: ChipAuthenticationPublicKeyInfo) -> StaticKey:
    """Return the chip's key, checked to lie in its group, and to be of the kind that its identifier says.

    Raises ``UnsupportedFeature`` naming the kind of key, curve or group; ``MalformedData``.
    """
    key = decode_static_key(info.public_key)
    family = _family_of_key(info)
    if family != (_ECDH if isinstance(key, CurveKey) else _DH):
        msg = f"the chip's key is announced as {_FAMILIES.get(family, info.oid)} and is of another kind"
        raise MalformedData(msg)
    return key


def _is_supported(info: ChipAuthenticationInfo) -> bool:
    family, cipher = _arcs(info.oid, ID_CA)
    return info.version == _VERSION and family in _FAMILIES and cipher in _CIPHERS


def _has_usable_key(offer: ChipAuthenticationOffer) -> bool:
    try:
        static_key_of(offer.public_key)
    except (UnsupportedFeature, MalformedData):
        return False
    return True


def _strength(offer: ChipAuthenticationOffer) -> tuple[int, int]:
    cipher = suite_of(offer.info).strength
    return min(static_key_of(offer.public_key).strength, cipher), cipher


def _offers(infos: SecurityInfos, wanted: Callable[[ChipAuthenticationInfo], bool]) -> list[ChipAuthenticationOffer]:
    """Pair protocols with keys of their kind: by key identifier, or because there is just one of each."""
    keys = [key for key in infos.chip_authentication_public_keys[:MAX_KEYS] if _family_of_key(key) in _FAMILIES]
    announced = infos.chip_authentication or tuple(_implied_by(key) for key in keys)
    offers = []
    for info in announced:
        family = _arcs(info.oid, ID_CA)[0]
        fitting = [key for key in keys if _family_of_key(key) == family]
        rivals = [other for other in announced if _arcs(other.oid, ID_CA)[0] == family]
        alone = len(fitting) == len(rivals) == 1
        offers += [
            ChipAuthenticationOffer(info, key)
            for key in fitting
            if wanted(info) and (alone or info.key_id == key.key_id)
        ]
    return offers


def _implied_by(key: ChipAuthenticationPublicKeyInfo) -> ChipAuthenticationInfo:
    return ChipAuthenticationInfo(f"{ID_CA}.{_family_of_key(key)}.1", _VERSION, key.key_id)


def _family_of_key(key: ChipAuthenticationPublicKeyInfo) -> str:
    return key.oid.removeprefix(ID_PK + ".")


def _arcs(oid: str, prefix: str) -> tuple[str, str]:
    """The last two numbers of a protocol: family and cipher; empty where it is none."""
    family, _, cipher = oid.removeprefix(prefix + ".").partition(".")
    return (family, cipher) if oid.startswith(prefix + ".") else ("", "")
