"""Certificates, CRLs and signed objects for the tests, made with ``cryptography`` and ``asn1crypto``.

Neither is what the code under test decodes with, so they are its oracles as well.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
CA_USAGE = frozenset({"key_cert_sign", "crl_sign"})
SIGNER_USAGE = frozenset({"digital_signature"})
NAME_CHANGE = (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.23.136.1.1.6.1"), b"\x05\x00"), False)
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def name(common_name: str, country: str | None = "VN") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if country is not None:
        attributes.insert(0, x509.NameAttribute(NameOID.COUNTRY_NAME, country))
    return x509.Name(attributes)


@dataclass
class Party:
    """Somebody with a key and a certificate."""

    name: x509.Name
    key: PrivateKey
    certificate: Certificate

    @property
    def key_identifier(self) -> bytes:
        return x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()).digest


@dataclass
class Maker:
    """Makes parties; every certificate is plain and good unless told otherwise."""

    serial: int = 1000
    _keys: list[ec.EllipticCurvePrivateKey] = field(default_factory=list)

    def key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    def certificate(
        self,
        subject: x509.Name,
        key: PrivateKey,
        issuer: x509.Name,
        issuer_key: PrivateKey,
        *,
        ca: bool = False,
        usage: frozenset[str] | None = None,
        not_before: datetime = NOW - YEAR,
        not_after: datetime = NOW + YEAR,
        authority_key: bool = True,
        subject_key: bool = True,
        basic_constraints: bool = True,
        extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
        algorithm: hashes.HashAlgorithm | None = None,
        serial: int | None = None,
        **sign_options: object,
    ) -> Certificate:
        self.serial += 1
        usage = (CA_USAGE if ca else SIGNER_USAGE) if usage is None else usage
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(serial or self.serial)
            .not_valid_before(not_before)
            .not_valid_after(not_after)
        )
        if usage:
            builder = builder.add_extension(x509.KeyUsage(**{u: u in usage for u in _USAGES}), critical=True)
        if subject_key:
            builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        if authority_key:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
            builder = builder.add_extension(identifier, critical=False)
        if ca and basic_constraints:
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        for extension, critical in extra:
            builder = builder.add_extension(extension, critical=critical)
        signed = builder.sign(issuer_key, algorithm or hashes.SHA256(), **sign_options)
        return Certificate.decode(signed.public_bytes(serialization.Encoding.DER))

    def csca(self, common_name: str = "CSCA", country: str | None = "VN", **options: object) -> Party:
        key = options.pop("key", None) or self.key()
        subject = name(common_name, country)
        return Party(subject, key, self.certificate(subject, key, subject, key, ca=True, **options))

    def signer(self, issuer: Party, common_name: str = "DS", country: str | None = "VN", **options: object) -> Party:
        key = options.pop("key", None) or self.key()
        subject = name(common_name, country)
        return Party(subject, key, self.certificate(subject, key, issuer.name, issuer.key, **options))

    def link(self, old: Party, new: Party, **options: object) -> Certificate:
        """The new key under the old one's signature (swap the arguments for the other direction)."""
        extra = () if new.name == old.name else (NAME_CHANGE,)
        return self.certificate(new.name, new.key, old.name, old.key, **({"ca": True, "extra": extra} | options))

    def crl(
        self,
        issuer: Party,
        revoked: tuple[int, ...] = (),
        *,
        this_update: datetime = NOW - timedelta(days=10),
        next_update: datetime = NOW + timedelta(days=80),
        key: PrivateKey | None = None,
        reason: x509.ReasonFlags | None = None,
        extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
        entry_extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    ) -> CertificateRevocationList:
        signing_key = key or issuer.key
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.name)
            .last_update(this_update)
            .next_update(next_update)
            .add_extension(x509.CRLNumber(7), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
        )
        for extension, critical in extra:
            builder = builder.add_extension(extension, critical=critical)
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(this_update)
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            for extension, critical in entry_extra:
                entry = entry.add_extension(extension, critical=critical)
            builder = builder.add_revoked_certificate(entry.build())
        signed = builder.sign(signing_key, hashes.SHA256())
        return CertificateRevocationList.decode(signed.public_bytes(serialization.Encoding.DER))


SOD_CONTENT_TYPE = "2.23.136.1.1.1"


def signed_data(
    content: bytes,
    signer: Party,
    *,
    certificates: tuple[Certificate, ...] | None = None,
    digest: str = "sha256",
    signature_oid: str = "1.2.840.10045.4.3.2",
    signature_parameters: core.Asn1Value | None = None,
    sign: Callable[[bytes], bytes] | None = None,
    by_key_identifier: bool = False,
    issuer: asn1_x509.Name | None = None,
    with_attributes: bool = True,
    content_type: str = SOD_CONTENT_TYPE,
    bound_content_type: str | None = SOD_CONTENT_TYPE,
    bound_digest: bytes | None = None,
    reorder: bool = False,
) -> bytes:
    """An EF.SOD-like CMS message, made by hand with asn1crypto."""
    parsed = asn1_x509.Certificate.load(signer.certificate.der)
    attributes = [{"type": "message_digest", "values": [bound_digest or hashlib.new(digest, content).digest()]}]
    if bound_content_type is not None:
        attributes.append({"type": "content_type", "values": [bound_content_type]})
    attributes.append({"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(NOW)})]})
    encoded = [cms.CMSAttribute(attribute).dump() for attribute in attributes]
    ordered = sorted(encoded, reverse=reorder)
    to_sign = _tlv(0x31, b"".join(ordered)) if with_attributes else content
    if sign is None:
        hash_algorithm = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}[digest]

        def sign(message: bytes) -> bytes:
            return signer.key.sign(message, ec.ECDSA(hash_algorithm))

    sid = (
        _tlv(0x80, signer.key_identifier)
        if by_key_identifier
        else cms.IssuerAndSerialNumber(
            {"issuer": issuer or parsed.issuer, "serial_number": parsed.serial_number}
        ).dump()
    )
    signature_algorithm = core.ObjectIdentifier(signature_oid).dump() + (
        signature_parameters.dump() if signature_parameters is not None else b""
    )
    info = _tlv(
        0x30,
        core.Integer(3 if by_key_identifier else 1).dump()
        + sid
        + algos.DigestAlgorithm({"algorithm": digest}).dump()
        + (_tlv(0xA0, b"".join(ordered)) if with_attributes else b"")
        + _tlv(0x30, signature_algorithm)
        + core.OctetString(sign(to_sign)).dump(),
    )
    enclosed = (signer.certificate,) if certificates is None else certificates
    body = (
        core.Integer(3).dump()
        + _tlv(0x31, algos.DigestAlgorithm({"algorithm": digest}).dump())
        + _tlv(
            0x30,
            core.ObjectIdentifier(content_type).dump() + _tlv(0xA0, core.OctetString(content).dump()),
        )
        + (_tlv(0xA0, b"".join(certificate.der for certificate in enclosed)) if enclosed else b"")
        + _tlv(0x31, info)
    )
    return _tlv(0x30, core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + _tlv(0xA0, _tlv(0x30, body)))


def _tlv(tag: int, value: bytes) -> bytes:
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    size = (len(value).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(value).to_bytes(size) + value


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_signed_data() -> Callable[..., bytes]:
    return signed_data


@pytest.fixture
def tlv_of() -> Callable[[int, bytes], bytes]:
    return _tlv


@pytest.fixture
def make_name() -> Callable[..., x509.Name]:
    return name
