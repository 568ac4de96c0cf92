"""documentTypeList: which documents a document signer signs, by their code in the MRZ (ICAO 9303-12, 7.1.1.6)."""

from functools import lru_cache

from verifier.errors import MalformedData
from verifier.pki.asn1.der import INTEGER, SEQUENCE, SET, read_one
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.extensions import DOCUMENT_TYPE_LIST

_REMEMBERED = 256
_STRINGS = (0x13, 0x0C, 0x16)
"""PrintableString as it must be; UTF8String and IA5String as some write it."""


def decode_document_types(value: bytes) -> tuple[str, ...]:
    """Decode documentTypeList: codes of one or two letters, without the MRZ's fillers. Raises ``MalformedData``."""
    reader = read_one(value, SEQUENCE, "a document type list").reader()
    reader.take(INTEGER)
    members = reader.take(SET, SEQUENCE).reader()
    reader.end()
    codes = tuple(element.content.decode("latin-1").rstrip("< ") for element in members.take_all(*_STRINGS))
    if not codes or not all(1 <= len(code) <= 2 for code in codes):
        msg = "a document type list that names no document type"
        raise MalformedData(msg)
    return codes


@lru_cache(maxsize=_REMEMBERED)
def document_types_of(certificate: Certificate) -> tuple[str, ...] | None:
    """Return what a signer's certificate lists; ``None`` without a readable list: then it restricts nothing."""
    extension = CertificateParts.decode(certificate.der).extension(DOCUMENT_TYPE_LIST)
    try:
        return None if extension is None else decode_document_types(extension.value)
    except MalformedData:
        return None


def may_sign(signer: Certificate, document_type: str) -> bool:
    """Whether a signer's list allows a document code such as ``P`` or ``ID``; one letter in it means all with it."""
    listed = document_types_of(signer)
    return listed is None or any(
        document_type == code or (len(code) == 1 and document_type.startswith(code)) for code in listed
    )
