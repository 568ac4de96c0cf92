"""Certificates and CRLs for cases that we make ourselves: each says only what is odd about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conformance_suites.stepwise import Chains
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList

AT = datetime(2024, 3, 15, tzinfo=UTC)
FROM, UNTIL = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)
_CA_USAGE = frozenset({"key_cert_sign", "crl_sign"})
_SIGNER_USAGE = frozenset({"digital_signature"})
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55738.666.1"), b"\x05\x00"), True)


@dataclass(frozen=True)
class Cert:
    """One certificate. ``by`` names the issuer, and itself where it is ``None``; ``key`` whose key it holds."""

    name: str
    by: str | None = None
    ca: bool = True
    constraints: x509.BasicConstraints | None = field(default_factory=lambda: x509.BasicConstraints(True, None))
    critical_constraints: bool = True
    usage: frozenset[str] | None = _CA_USAGE
    not_before: datetime = FROM
    not_after: datetime = UNTIL
    subject_key: bool = True
    authority_key: bool = True
    critical_identifiers: bool = False
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    key: str | None = None
    signed_with: str | None = None
    """Whose key made the signature, where it is not the issuer's."""
    subject: str | None = None
    issuer: str | None = None
    """The issuer's name as this certificate has it, where it is not the issuer's own."""
    country: str | None = "VN"
    serial: int | None = None


def leaf(by: str = "root", **changes: object) -> Cert:
    """Return a document signer."""
    settings: dict[str, object] = {"constraints": None, "usage": _SIGNER_USAGE, "ca": False}
    return Cert("leaf", by, **settings | changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Crl:
    """One CRL of an issuer."""

    by: str
    revoked: tuple[int, ...] = ()
    number: bool = True
    critical_number: bool = False
    this_update: datetime = FROM
    next_update: datetime = UNTIL
    signed_with: str | None = None
    issuer: str | None = None
    """The issuer's name as the list has it, where it is not the issuer's own."""
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = ()


class Keys:
    """One key for each name, made when it is asked for."""

    def __init__(self) -> None:
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}

    def of(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return the key."""
        if name not in self._keys:
            self._keys[name] = ec.generate_private_key(ec.SECP256R1())
        return self._keys[name]


def judge(
    roots: Iterable[Cert],
    others: Iterable[Cert],
    peer: Cert,
    crls: Iterable[Crl] = (),
    *,
    at: datetime = AT,
    max_depth: int = 6,
) -> str:
    """Make it all and return ``accepted``, or the reason for refusing."""
    made = make(roots, others, peer, crls)
    chains = Chains(made.roots, made.others, made.crls, at=at, revocation=bool(made.crls), max_depth=max_depth)
    return chains.judge(made.peer)


@dataclass(frozen=True)
class Made:
    """Certificates and CRLs, decoded by us; ``der`` has their bytes."""

    roots: tuple[Certificate, ...]
    others: tuple[Certificate, ...]
    peer: Certificate
    crls: tuple[CertificateRevocationList, ...]


def make(roots: Iterable[Cert], others: Iterable[Cert], peer: Cert, crls: Iterable[Crl] = ()) -> Made:
    """Make certificates and CRLs."""
    keys = Keys()
    groups = tuple(roots), tuple(others), (peer,)
    every = {spec.name: spec for specs in groups for spec in specs}
    first, second, third = (tuple(_made(spec, every, keys) for spec in specs) for specs in groups)
    return Made(first, second, third[0], tuple(_made_crl(crl, every, keys) for crl in crls))


def _made(spec: Cert, every: dict[str, Cert], keys: Keys) -> Certificate:
    issuer = every.get(spec.by or spec.name) or Cert(spec.by or spec.name)
    public, issuer_public = keys.of(spec.key or spec.name).public_key(), keys.of(issuer.key or issuer.name).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(spec))
        .issuer_name(_name(replace(issuer, subject=spec.issuer) if spec.issuer else issuer))
        .public_key(public)
        .serial_number(spec.serial or x509.random_serial_number())
        .not_valid_before(spec.not_before)
        .not_valid_after(spec.not_after)
    )
    for extension, critical in _extensions(spec, public, issuer_public):
        builder = builder.add_extension(extension, critical)
    signed = builder.sign(keys.of(spec.signed_with or issuer.key or issuer.name), hashes.SHA256())
    return Certificate.decode(signed.public_bytes(serialization.Encoding.DER))


def _extensions(
    spec: Cert, public: ec.EllipticCurvePublicKey, issuer_public: ec.EllipticCurvePublicKey
) -> list[tuple[x509.ExtensionType, bool]]:
    extensions = list(spec.extra)
    if spec.constraints is not None:
        extensions.append((spec.constraints, spec.critical_constraints))
    if spec.usage is not None:
        extensions.append((x509.KeyUsage(**{usage: usage in spec.usage for usage in _USAGES}), True))
    if spec.subject_key:
        extensions.append((x509.SubjectKeyIdentifier.from_public_key(public), spec.critical_identifiers))
    if spec.authority_key:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public)
        extensions.append((identifier, spec.critical_identifiers))
    return extensions


def _made_crl(crl: Crl, every: dict[str, Cert], keys: Keys) -> CertificateRevocationList:
    issuer = every[crl.by]
    name = _name(replace(issuer, subject=crl.issuer) if crl.issuer else issuer)
    builder = x509.CertificateRevocationListBuilder().issuer_name(name)
    builder = builder.last_update(crl.this_update).next_update(crl.next_update)
    for extension, critical in crl.extra:
        builder = builder.add_extension(extension, critical)
    if crl.number:
        builder = builder.add_extension(x509.CRLNumber(1), crl.critical_number)
    for serial in crl.revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(FROM).build()
        builder = builder.add_revoked_certificate(entry)
    signed = builder.sign(keys.of(crl.signed_with or issuer.key or issuer.name), hashes.SHA256())
    return CertificateRevocationList.decode(signed.public_bytes(serialization.Encoding.DER))


def _name(spec: Cert) -> x509.Name:
    attributes = [(NameOID.COUNTRY_NAME, spec.country), (NameOID.COMMON_NAME, spec.subject or spec.name)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes if value])
