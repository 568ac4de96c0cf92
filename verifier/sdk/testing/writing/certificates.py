"""Writing certificates and CRLs of a travel document PKI (ICAO 9303-12, 7; RFC 5280)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import core, crl, keys, x509

from verifier.sdk.testing.writing.deviating import key_usage
from verifier.sdk.testing.writing.object_identifiers import DOCUMENT_TYPE_LIST, NAME_CHANGE
from verifier.sdk.testing.writing.signing import SigningKey

_UTC_TIME_ENDS = 2050


@dataclass(frozen=True)
class Validity:
    """From when to when; both aware."""

    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class Entity:
    """A name and a key; certificates bind one to the other."""

    name: x509.Name
    key: SigningKey = field(repr=False)

    @property
    def key_identifier(self) -> bytes:
        """SHA-1 of the public key's bits: 20 bytes (RFC 5280, 4.2.1.2)."""
        return subject_key_identifier(self.key.public_key_der)


def distinguished_name(country: str, organisation: str, common_name: str) -> x509.Name:
    """Return ``C=…, O=…, CN=…``; the country as PrintableString, the others as UTF8String."""
    return x509.Name.build(
        {"country_name": country, "organization_name": organisation, "common_name": common_name}, use_printable=False
    )


def write_csca_certificate(
    subject: Entity, issuer: Entity, serial: int, validity: Validity, state: str, *, deviating: str | None = None
) -> bytes:
    """Return a CSCA certificate: self-signed where issuer and subject are one, else a link certificate.

    A link between two names says that the name changed (ICAO 9303-12, 7.1.1.5). ``deviating`` is a code of
    ``deviating.DEVIATING``.
    """
    renamed = [_extension(NAME_CHANGE, core.ParsableOctetString(core.Null().dump()))]
    extensions = [
        _extension("basic_constraints", {"ca": True, "path_len_constraint": 0}, critical=True),
        *key_usage(deviating, "key_cert_sign", "crl_sign"),
        _extension("key_identifier", subject.key_identifier),
        _extension("authority_key_identifier", {"key_identifier": issuer.key_identifier}),
        *_alternative_names(state),
        *(renamed if subject.name != issuer.name else ()),
    ]
    return _write_certificate(subject, issuer, serial, validity, extensions)


def write_signer_certificate(
    subject: Entity, issuer: Entity, serial: int, validity: Validity, state: str, *, deviating: str | None = None
) -> bytes:
    """Return a document signer's certificate, for documents of type ``ID`` and ``P``; ``deviating`` as for a CSCA."""
    document_types = core.Sequence()
    document_types.contents = (
        core.Integer(0).dump()
        + core.SetOf([core.PrintableString("ID"), core.PrintableString("P")], spec=core.PrintableString).dump()
    )
    extensions = [
        *key_usage(deviating, "digital_signature"),
        _extension("key_identifier", subject.key_identifier),
        _extension("authority_key_identifier", {"key_identifier": issuer.key_identifier}),
        *_alternative_names(state),
        _extension(DOCUMENT_TYPE_LIST, core.ParsableOctetString(document_types.dump())),
    ]
    return _write_certificate(subject, issuer, serial, validity, extensions)


def write_list_signer_certificate(
    subject: Entity, issuer: Entity, serial: int, validity: Validity, state: str, *, purpose: str
) -> bytes:
    """Return the certificate of a master or deviation list signer; ``purpose`` is its only extended key usage."""
    extensions = [
        _extension("key_usage", {"digital_signature"}, critical=True),
        _extension("extended_key_usage", [purpose], critical=True),
        _extension("key_identifier", subject.key_identifier),
        _extension("authority_key_identifier", {"key_identifier": issuer.key_identifier}),
        *_alternative_names(state),
    ]
    return _write_certificate(subject, issuer, serial, validity, extensions)


def write_crl(
    issuer: Entity, number: int, this_update: datetime, next_update: datetime, revoked: Sequence[int]
) -> bytes:
    """Return a CRL that names the serial numbers in ``revoked``, all revoked at ``this_update``."""
    entries = [
        {"user_certificate": serial, "revocation_date": x509.Time({"utc_time": this_update})} for serial in revoked
    ]
    to_be_signed = crl.TbsCertList(
        {
            "version": "v2",
            "signature": issuer.key.algorithm,
            "issuer": issuer.name,
            "this_update": _time(this_update),
            "next_update": _time(next_update),
            "revoked_certificates": entries or None,
            "crl_extensions": [
                {"extn_id": "authority_key_identifier", "extn_value": {"key_identifier": issuer.key_identifier}},
                {"extn_id": "crl_number", "extn_value": number},
            ],
        }
    )
    return _sealed(crl.CertificateList, "tbs_cert_list", to_be_signed, issuer.key)


def subject_key_identifier(public_key_der: bytes) -> bytes:
    """Return SHA-1 over the BIT STRING of a SubjectPublicKeyInfo."""
    return hashlib.sha1(bytes(keys.PublicKeyInfo.load(public_key_der)["public_key"].contents[1:])).digest()


def key_identifier_of(certificate: bytes) -> bytes:
    """Return the subject key identifier that a certificate (DER) states: 20 bytes."""
    identifier: bytes = x509.Certificate.load(certificate).key_identifier
    return identifier


def _write_certificate(
    subject: Entity,
    issuer: Entity,
    serial: int,
    validity: Validity,
    extensions: Sequence[x509.Extension],
) -> bytes:
    to_be_signed = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": serial,
            "signature": issuer.key.algorithm,
            "issuer": issuer.name,
            "validity": {"not_before": _time(validity.not_before), "not_after": _time(validity.not_after)},
            "subject": subject.name,
            "subject_public_key_info": keys.PublicKeyInfo.load(subject.key.public_key_der),
            "extensions": extensions,
        }
    )
    return _sealed(x509.Certificate, "tbs_certificate", to_be_signed, issuer.key)


def _sealed(kind: type[core.Sequence], field_name: str, to_be_signed: core.Sequence, key: SigningKey) -> bytes:
    fields = {field_name: to_be_signed, "signature_algorithm": key.algorithm}
    encoded: bytes = kind({**fields, _SIGNATURE_FIELDS[field_name]: key.sign(to_be_signed.dump())}).dump()
    return encoded


_SIGNATURE_FIELDS = {"tbs_certificate": "signature_value", "tbs_cert_list": "signature"}


def _extension(name: str, value: object, *, critical: bool = False) -> x509.Extension:
    return x509.Extension({"extn_id": name, "critical": critical, "extn_value": value})


def _alternative_names(state: str) -> tuple[x509.Extension, ...]:
    """The three-letter code of the state as a locality (ICAO 9303-12, 7.1.1.2)."""
    locality = x509.GeneralName("directory_name", x509.Name.build({"locality_name": state}))
    return tuple(_extension(name, [locality]) for name in ("subject_alt_name", "issuer_alt_name"))


def _time(moment: datetime) -> x509.Time:
    """UTCTime up to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5)."""
    return x509.Time({"utc_time" if moment.year < _UTC_TIME_ENDS else "general_time": moment})
