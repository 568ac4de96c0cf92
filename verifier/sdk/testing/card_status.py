"""What a card status list would know a chip by."""

import hashlib
from collections.abc import Iterable

from verifier.iso7816.tlv import decode_all, decode_one, encode
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.object_identifiers import CHIP_AUTHENTICATION_PUBLIC_KEY_ECDH, encode_oid

_KEY_LENGTH = 16


def chip_key_hash(data: ChipData) -> bytes:
    """Return the key of the chip in a card status list: 16 bytes.

    It is the start of SHA-256 over the chip's public key (SubjectPublicKeyInfo in DER): that of Chip Authentication in
    DG14, else of Active Authentication in DG15, else over the whole EF.SOD.
    """
    return hashlib.sha256(_identity(data)).digest()[:_KEY_LENGTH]


def _identity(data: ChipData) -> bytes:
    for public_key in _chip_authentication_public_keys(data.files.get("DG14")):
        return public_key
    if "DG15" in data.files:
        return decode_one(data.files["DG15"]).value
    return data.files["EF.SOD"]


def _chip_authentication_public_keys(dg14: bytes | None) -> Iterable[bytes]:
    if dg14 is None:
        return
    protocol = encode_oid(CHIP_AUTHENTICATION_PUBLIC_KEY_ECDH)
    for info in decode_all(decode_one(decode_one(dg14).value).value):
        oid, public_key, *_ = decode_all(info.value)
        if oid.value == protocol:
            yield encode(public_key.tag, public_key.value)
