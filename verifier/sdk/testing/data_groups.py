"""Writing the elementary files of the LDS (ICAO 9303-10, 4) and EF.CardAccess (ICAO 9303-11, 9.2.11)."""

from collections.abc import Iterable

from verifier.iso7816.tlv import encode
from verifier.sdk.testing.active_authentication import ActiveAuthenticationSigner, EcdsaSigner
from verifier.sdk.testing.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.curves import Curve
from verifier.sdk.testing.object_identifiers import (
    ACTIVE_AUTHENTICATION,
    CHIP_AUTHENTICATION_PUBLIC_KEY_ECDH,
    ECDSA_PLAIN,
    encode_oid,
)
from verifier.sdk.testing.pace import PaceParameters

DATA_GROUP_TAGS = dict(
    enumerate((0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70), 1)
)
_HASH_ARCS = {"SHA-1": 1, "SHA-224": 2, "SHA-256": 3, "SHA-384": 4, "SHA-512": 5}
_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_PRIME_FIELD = "1.2.840.10045.1.1"


def write_dg1(mrz: str) -> bytes:
    """DG1: the MRZ without line breaks, 72, 88 or 90 characters."""
    return encode(0x61, encode(0x5F1F, mrz.replace("\n", "").encode()))


def write_dg14(
    keys: Iterable[ChipAuthenticationKey],
    signer: ActiveAuthenticationSigner | None = None,
    offers: Iterable[PaceParameters] = (),
    *,
    explicit_parameters: bool = False,
) -> bytes:
    """DG14: the security infos of Chip Authentication and, for ECDSA, of Active Authentication.

    It repeats the PACE infos of EF.CardAccess, which nobody signs (ICAO 9303-11, 9.2.11).
    """
    infos = [info for key in keys for info in _chip_authentication_infos(key, explicit_parameters)]
    infos += [_pace_info(offer) for offer in offers]
    if isinstance(signer, EcdsaSigner):
        algorithm = f"{ECDSA_PLAIN}.{_HASH_ARCS[signer.hash_name]}"
        infos.append(_sequence(_oid(ACTIVE_AUTHENTICATION), integer(1), _oid(algorithm)))
    return encode(0x6E, _set_of(infos))


def write_dg15(public_key_der: bytes) -> bytes:
    """DG15: the public key of Active Authentication."""
    return encode(0x6F, public_key_der)


def write_com(data_groups: Iterable[int]) -> bytes:
    """EF.COM: LDS 1.7, Unicode 4.0.0, the tags of the data groups."""
    tags = bytes(DATA_GROUP_TAGS[number] for number in sorted(data_groups))
    return encode(0x60, encode(0x5F01, b"0107") + encode(0x5F36, b"040000") + encode(0x5C, tags))


def write_card_access(offers: Iterable[PaceParameters]) -> bytes:
    """EF.CardAccess: a PACEInfo for each offer, version 2."""
    return _set_of(_pace_info(offer) for offer in offers)


def public_key_info(curve: Curve, encoded_point: bytes, *, explicit_parameters: bool = False) -> bytes:
    """Return SubjectPublicKeyInfo of an EC key, with the curve's name or with all of its parameters (RFC 5480)."""
    parameters = _explicit(curve) if explicit_parameters else _oid(curve.oid)
    return _sequence(_sequence(_oid(_EC_PUBLIC_KEY), parameters), encode(0x03, b"\x00" + encoded_point))


def integer(number: int) -> bytes:
    """Return an INTEGER ≥ 0 in DER."""
    return encode(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def _pace_info(offer: PaceParameters) -> bytes:
    return _sequence(_oid(offer.oid), integer(2), integer(offer.curve.parameter_id))


def _chip_authentication_infos(key: ChipAuthenticationKey, explicit_parameters: bool) -> Iterable[bytes]:
    key_id = integer(key.key_id) if key.key_id is not None else b""
    point = key.curve.encode(key.public_point)
    public_key = public_key_info(key.curve, point, explicit_parameters=explicit_parameters)
    yield _sequence(_oid(CHIP_AUTHENTICATION_PUBLIC_KEY_ECDH), public_key, key_id)
    yield _sequence(_oid(key.oid), integer(1), key_id)


def _explicit(curve: Curve) -> bytes:
    """ECParameters with every parameter written out (ICAO 9303-12, 4.1.6.3; SEC 1, C.2)."""
    size = curve.field_length
    coefficients = _sequence(encode(0x04, curve.a.to_bytes(size)), encode(0x04, curve.b.to_bytes(size)))
    return _sequence(
        integer(1),
        _sequence(_oid(_PRIME_FIELD), integer(curve.p)),
        coefficients,
        encode(0x04, curve.encode(curve.generator)),
        integer(curve.n),
        integer(1),
    )


def _sequence(*elements: bytes) -> bytes:
    return encode(0x30, b"".join(elements))


def _set_of(elements: Iterable[bytes]) -> bytes:
    return encode(0x31, b"".join(sorted(elements)))


def _oid(dotted: str) -> bytes:
    return encode(0x06, encode_oid(dotted))
