"""One signer of a CMS SignedData: who it is, what it binds, and its signature (RFC 5652, 5.3)."""

from dataclasses import dataclass, field

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.pki.asn1.der import INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET, Element, context, read_one
from verifier.pki.certificate import Certificate
from verifier.pki.keys.algorithms import decode_hash
from verifier.pki.names import Name

WHAT = "CMS SignedData"
MAX_ATTRIBUTES = 64
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_VALUE_TAGS = {_CONTENT_TYPE: OBJECT_IDENTIFIER, _MESSAGE_DIGEST: OCTET_STRING}


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer (RFC 5652, 5.3). Either ``issuer`` and ``serial`` or ``subject_key_identifier`` says who it is."""

    issuer: Name | None
    serial: int | None
    subject_key_identifier: bytes | None
    hash_name: str | None
    """digestAlgorithm as in ``hashlib``; ``None``: not supported."""
    signature_algorithm_der: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    attributes: tuple[bytes, ...] | None = field(repr=False)
    """The encoded signed attributes in the order in which they came; ``None``: there are none."""
    content_type: str | None
    message_digest: bytes | None = field(repr=False)

    def identifies(self, certificate: Certificate) -> bool:
        """Whether the signer identifier means this certificate; names are compared in normalised form."""
        if self.subject_key_identifier is not None:
            return certificate.subject_key_identifier == self.subject_key_identifier
        return certificate.serial == self.serial and certificate.issuer == self.issuer


def at_most(limit: int, collection: Element, *tags: int) -> list[Element]:
    """Return the members of a set or sequence; raise ``MalformedData`` if there are more than ``limit``."""
    elements: list[Element] = []
    for element in collection.reader().take_all(*tags):
        elements.append(element)
        if len(elements) > limit:
            msg = f"{WHAT}: more than {limit} members of a set"
            raise MalformedData(msg)
    return elements


def decode_signer(element: Element) -> SignerInfo:
    """Decode a SignerInfo where it stands. Raises ``MalformedData``."""
    reader = element.reader()
    reader.take(INTEGER)
    issuer, serial, key_identifier = _decode_identifier(reader.take(SEQUENCE, 0x80, context(0)))
    hash_name = _hash_name(reader.take(SEQUENCE))
    signed = reader.take_if(context(0))
    signature_algorithm, signature = reader.take(SEQUENCE).raw, reader.take(OCTET_STRING).content
    reader.take_if(context(1))
    reader.end()
    attributes = None if signed is None else tuple(e.raw for e in at_most(MAX_ATTRIBUTES, signed, SEQUENCE))
    values = _bound_values(attributes or ())
    content_type, digest = values.get(_CONTENT_TYPE), values.get(_MESSAGE_DIGEST)
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        subject_key_identifier=key_identifier,
        hash_name=hash_name,
        signature_algorithm_der=signature_algorithm,
        signature=signature,
        attributes=attributes,
        content_type=None if content_type is None else content_type.oid,
        message_digest=None if digest is None else digest.content,
    )


def _decode_identifier(element: Element) -> tuple[Name | None, int | None, bytes | None]:
    """SignerIdentifier: issuerAndSerialNumber, or [0] subjectKeyIdentifier, IMPLICIT or wrongly EXPLICIT."""
    if element.tag == 0x80:
        return None, None, element.content
    reader = element.reader()
    if element.tag == SEQUENCE:
        issuer, serial = Name.of(reader.take(SEQUENCE)), reader.take(INTEGER).integer
        reader.end()
        return issuer, serial, None
    identifier = reader.take(OCTET_STRING).content
    reader.end()
    return None, None, identifier


def _hash_name(identifier: Element) -> str | None:
    try:
        return decode_hash(identifier)
    except UnsupportedFeature:
        return None


def _bound_values(attributes: tuple[bytes, ...]) -> dict[str, Element]:
    """Content type and message digest: each once at most, with exactly one value (RFC 5652, 11.1 and 11.2)."""
    values: dict[str, Element] = {}
    for attribute in attributes:
        reader = read_one(attribute, SEQUENCE, WHAT).reader()
        kind, members = reader.take(OBJECT_IDENTIFIER).oid, reader.take(SET).reader()
        reader.end()
        tag = _VALUE_TAGS.get(kind)
        if tag is None:
            continue
        if kind in values:
            msg = f"{WHAT}: a signed attribute is there twice"
            raise MalformedData(msg)
        values[kind] = members.take(tag)
        members.end()
    return values
