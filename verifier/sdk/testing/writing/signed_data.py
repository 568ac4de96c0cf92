"""Writing CMS SignedData (RFC 5652): what EF.SOD, EF.CardSecurity, master lists and deviation lists have in common."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import cms, core, x509

from verifier.sdk.testing.writing.certificates import key_identifier_of
from verifier.sdk.testing.writing.signing import SigningKey


def write_signed_data(
    content_type: str,
    content: bytes,
    key: SigningKey,
    certificates: Sequence[bytes],
    *,
    signed_at: datetime | None = None,
    by_key_identifier: bool = False,
) -> bytes:
    """Return a ContentInfo with ``content`` signed by the holder of the first certificate (DER); all go inside.

    ``by_key_identifier`` names the signer by subject key identifier instead of issuer and serial number.
    """
    enclosed = [x509.Certificate.load(certificate) for certificate in certificates]
    attributes = [
        cms.CMSAttribute({"type": "content_type", "values": [content_type]}),
        cms.CMSAttribute({"type": "message_digest", "values": [hashlib.new(key.hash_name, content).digest()]}),
    ]
    if signed_at:
        attributes.append(cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": signed_at})]}))
    signed_attributes = cms.CMSAttributes(attributes)
    signer_info = cms.SignerInfo(
        {
            "version": "v3" if by_key_identifier else "v1",
            "sid": _signer_identifier(certificates[0], by_key_identifier),
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
            "encap_content_info": {"content_type": content_type, "content": core.ParsableOctetString(content)},
            "certificates": enclosed,
            "signer_infos": [signer_info],
        }
    )
    encoded: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump()
    return encoded


def _signer_identifier(certificate: bytes, by_key_identifier: bool) -> cms.SignerIdentifier:
    signer = x509.Certificate.load(certificate)
    if by_key_identifier:
        return cms.SignerIdentifier("subject_key_identifier", key_identifier_of(certificate))
    names = {"issuer": signer.issuer, "serial_number": signer.serial_number}
    return cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(names))
