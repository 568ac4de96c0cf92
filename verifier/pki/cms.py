"""CMS SignedData as EF.SOD carries it (RFC 5652, 5; ICAO 9303-10, 4.6.2.2)."""

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from verifier.errors import MalformedData, UnsupportedFeature, VerifierError
from verifier.iso7816 import tlv
from verifier.iso7816.octets import octets
from verifier.pki.asn1.ber import to_definite
from verifier.pki.asn1.der import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    Element,
    Reader,
    context,
    read_one,
)
from verifier.pki.certificate import Certificate
from verifier.pki.cms_signer import WHAT, SignerInfo, at_most, decode_signer
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.keys.algorithms import SignatureAlgorithm
from verifier.pki.keys.public_key import SignatureVerdict

_SIGNED_DATA = "1.2.840.113549.1.7.2"
MAX_CERTIFICATES = 16
MAX_SIGNERS = 8
_REMEMBERED_CERTIFICATES = 32


class SignerReason(StrEnum):
    """What became of one signer's signature; the codes are stable."""

    VALID = "signature-valid"
    SIGNATURE_INVALID = "signature-invalid"
    MESSAGE_DIGEST_MISMATCH = "message-digest-mismatch"
    """The content is not the one that was signed (RFC 5652, 5.6)."""
    CONTENT_TYPE_MISMATCH = "content-type-mismatch"
    """The signed content type is missing or another (RFC 5652, 11.1)."""
    SIGNED_ATTRIBUTES_MISSING = "signed-attributes-missing"
    """Content that is no id-data must be signed with attributes (RFC 5652, 5.3)."""
    UNSUPPORTED_ALGORITHM = "unsupported-algorithm"
    KEY_UNUSABLE = "key-unusable"
    """The certificate's public key does not decode."""


@dataclass(frozen=True, slots=True)
class SignerVerdict:
    """The judgement on one signer: a stable reason, a sentence, and what was odd about a good signature."""

    reason: SignerReason
    sentence: str
    deviations: tuple[Deviation, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether content and signed attributes are what the holder of the certificate's key signed."""
        return self.reason is SignerReason.VALID


@dataclass(frozen=True, slots=True)
class SignedData:
    """A signed content with the certificates that came with it.

    ``damaged_certificates`` counts enclosed certificates that do not decode: they may be somebody else's, so they do
    not spoil the rest.
    """

    content_type: str
    """Object identifier of the content: 2.23.136.1.1.1 for an EF.SOD, 2.23.136.1.1.2 for a master list."""
    encap_content: bytes = field(repr=False)
    certificates: tuple[Certificate, ...]
    damaged_certificates: int
    signers: tuple[SignerInfo, ...]

    @classmethod
    def decode(cls, encoded: bytes, longest: int = tlv.MAX_LENGTH) -> "SignedData":
        """Decode a ContentInfo with SignedData in it, DER or BER, of at most ``longest`` bytes (1 MiB, as is all BER).

        Raises ``MalformedData``; ``UnsupportedFeature`` for other content and for a signature without its content.
        """
        encoded = octets(encoded, WHAT)
        if len(encoded) > longest:
            msg = f"{WHAT} is longer than {longest} bytes"
            raise MalformedData(msg)
        try:
            return cls._decode_definite(encoded)
        except MalformedData:
            definite = to_definite(encoded)
            if definite is encoded:
                raise
            return cls._decode_definite(definite)

    @classmethod
    def _decode_definite(cls, encoded: bytes) -> "SignedData":
        outer = read_one(encoded, SEQUENCE, WHAT).reader()
        kind = outer.take(OBJECT_IDENTIFIER).oid
        if kind != _SIGNED_DATA:
            msg = f"CMS content of the kind {kind} is not supported, only SignedData"
            raise UnsupportedFeature(msg)
        explicit = outer.take(context(0)).reader()
        outer.end()
        reader = explicit.take(SEQUENCE).reader()
        explicit.end()
        reader.take(INTEGER)
        reader.take(SET)
        content_type, content = _decode_content(reader.take(SEQUENCE).reader())
        certificates, damaged = _decode_certificates(reader.take_if(context(0)))
        reader.take_if(context(1))
        signers = tuple(decode_signer(element) for element in at_most(MAX_SIGNERS, reader.take(SET), SEQUENCE))
        reader.end()
        return cls(content_type, content, certificates, damaged, signers)

    def certificates_of(self, signer: SignerInfo) -> tuple[Certificate, ...]:
        """Return every enclosed certificate that the signer identifier means; usually one."""
        return tuple(certificate for certificate in self.certificates if signer.identifies(certificate))

    def verify(self, signer: SignerInfo, certificate: Certificate) -> SignerVerdict:
        """Verify one signer's signature with a certificate's key (RFC 5652, 5.4 and 5.6). Never raises.

        Whether the certificate is to be believed is another question: see ``find_path``.
        """
        try:
            problem = self._check_attributes(signer)
            return problem if problem is not None else _verify_signature(signer, certificate)
        except UnsupportedFeature as error:
            return SignerVerdict(SignerReason.UNSUPPORTED_ALGORITHM, error.sentence)
        except VerifierError as error:
            return SignerVerdict(SignerReason.KEY_UNUSABLE, error.sentence)

    def _check_attributes(self, signer: SignerInfo) -> SignerVerdict | None:
        if signer.attributes is None:
            return SignerVerdict(SignerReason.SIGNED_ATTRIBUTES_MISSING, "The signature has no signed attributes.")
        if signer.content_type != self.content_type:
            return SignerVerdict(SignerReason.CONTENT_TYPE_MISMATCH, "The signed content type is missing or another.")
        if signer.hash_name is None:
            msg = "the signer's digest algorithm is not supported"
            raise UnsupportedFeature(msg)
        digest = hashlib.new(signer.hash_name, self.encap_content).digest()
        if signer.message_digest is None or not hmac.compare_digest(digest, signer.message_digest):
            return SignerVerdict(
                SignerReason.MESSAGE_DIGEST_MISMATCH, "The content is not the one that was signed: its hash differs."
            )
        return None


def _verify_signature(signer: SignerInfo, certificate: Certificate) -> SignerVerdict:
    """Over the signed attributes as a DER SET OF; failing that, in the order in which they were sent."""
    named = SignatureAlgorithm.decode(signer.signature_algorithm_der)
    algorithm = named.with_hash(signer.hash_name or "")
    sent = signer.attributes or ()
    ordered = tuple(sorted(sent))
    verdict = certificate.public_key.verify(algorithm, signer.signature, _set_of(ordered))
    if not verdict and ordered != sent:
        verdict = certificate.public_key.verify(algorithm, signer.signature, _set_of(sent))
        verdict = SignatureVerdict(verdict.valid, (*verdict.deviations, Deviation.SIGNED_ATTRIBUTES_NOT_DER))
    if not verdict:
        return SignerVerdict(SignerReason.SIGNATURE_INVALID, "The signature was not made with the signer's key.")
    deviations = verdict.deviations
    if algorithm.hash_name != signer.hash_name:
        deviations = (*deviations, Deviation.DIGEST_ALGORITHM_DIFFERS)
    return SignerVerdict(SignerReason.VALID, f"The signature is good: {algorithm.name}.", deviations)


def _set_of(members: tuple[bytes, ...]) -> bytes:
    return tlv.encode(SET, b"".join(members))


def _decode_content(reader: Reader) -> tuple[str, bytes]:
    """EncapsulatedContentInfo (RFC 5652, 5.2)."""
    content_type = reader.take(OBJECT_IDENTIFIER).oid
    explicit = reader.take_if(context(0))
    reader.end()
    if explicit is None:
        msg = "a detached signature, without its content, is not supported"
        raise UnsupportedFeature(msg)
    inner = explicit.reader()
    content = inner.take(OCTET_STRING).content
    inner.end()
    return content_type, content


@lru_cache(maxsize=_REMEMBERED_CERTIFICATES)
def _decode_certificate(der: bytes) -> Certificate:
    """Decode once what comes with every card: a few document signers sign thousands. The same bytes mean the same."""
    return Certificate.decode(der)


def _decode_certificates(collection: Element | None) -> tuple[tuple[Certificate, ...], int]:
    if collection is None:
        return (), 0
    certificates: list[Certificate] = []
    damaged = 0
    for element in at_most(MAX_CERTIFICATES, collection):
        try:
            certificates.append(_decode_certificate(element.raw))
        except MalformedData:
            damaged += 1
    return tuple(certificates), damaged
