"""Writing EF.SOD: the signed hashes of the data groups (ICAO 9303-10, 4.6.2; RFC 5652)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from asn1crypto import cms, core, x509

from verifier.iso7816.tlv import encode
from verifier.sdk.testing.data_groups import integer
from verifier.sdk.testing.object_identifiers import LDS_SECURITY_OBJECT
from verifier.sdk.testing.signing import SigningKey

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
    signer = x509.Certificate.load(certificate)
    attributes = [
        cms.CMSAttribute({"type": "content_type", "values": [LDS_SECURITY_OBJECT]}),
        cms.CMSAttribute({"type": "message_digest", "values": [hashlib.new(key.hash_name, content).digest()]}),
    ]
    if signed_at:
        attributes.append(cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": signed_at})]}))
    signed_attributes = cms.CMSAttributes(attributes)
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {"issuer_and_serial_number": {"issuer": signer.issuer, "serial_number": signer.serial_number}},
            "digest_algorithm": {"algorithm": key.hash_name},
            "signed_attrs": signed_attributes,
            "signature_algorithm": key.algorithm,
            "signature": key.sign(signed_attributes.dump()),
        }
    )
    signed_data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": key.hash_name}],
            "encap_content_info": {"content_type": LDS_SECURITY_OBJECT, "content": core.ParsableOctetString(content)},
            "certificates": [signer],
            "signer_infos": [signer_info],
        }
    )
    return encode(0x77, cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump())
