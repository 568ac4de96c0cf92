"""Writing EF.SOD, the signed hashes of the data groups (ICAO 9303-10, 4.6.2), and EF.CardSecurity."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from asn1crypto import core

from verifier.iso7816.tlv import encode
from verifier.sdk.testing.writing.der_writing import integer
from verifier.sdk.testing.writing.object_identifiers import CARD_SECURITY_OBJECT, LDS_SECURITY_OBJECT
from verifier.sdk.testing.writing.signed_data import write_signed_data
from verifier.sdk.testing.writing.signing import SigningKey

_HASH_NAMES = {"sha1": "1.3.14.3.2.26", "sha224": "2.16.840.1.101.3.4.2.4"} | {
    name: f"2.16.840.1.101.3.4.2.{arc}" for arc, name in enumerate(("sha256", "sha384", "sha512"), 1)
}


def write_lds_security_object(
    data_groups: Mapping[int, bytes], *, hash_name: str = "sha256", version: int = 0
) -> bytes:
    """Return the LDSSecurityObject over data groups by number; version 1 also names the LDS's version."""
    entries = b"".join(
        encode(0x30, integer(number) + encode(0x04, hashlib.new(hash_name, content).digest()))
        for number, content in sorted(data_groups.items())
    )
    algorithm = encode(0x30, core.ObjectIdentifier(_HASH_NAMES[hash_name]).dump() + core.Null().dump())
    versions = encode(0x30, encode(0x13, b"0108") + encode(0x13, b"040000")) if version else b""
    return encode(0x30, integer(version) + algorithm + encode(0x30, entries) + versions)


def write_security_object(
    content: bytes, key: SigningKey, certificate: bytes, *, signed_at: datetime | None = None
) -> bytes:
    """Return EF.SOD with ``content`` signed by the document signer whose certificate (DER) goes inside."""
    return encode(0x77, write_signed_data(LDS_SECURITY_OBJECT, content, key, [certificate], signed_at=signed_at))


def write_card_security(infos: bytes, key: SigningKey, certificate: bytes) -> bytes:
    """Return EF.CardSecurity with these SecurityInfos, signed like EF.SOD, without a wrapper (ICAO 9303-10, 3.11.4)."""
    return write_signed_data(CARD_SECURITY_OBJECT, infos, key, [certificate])
