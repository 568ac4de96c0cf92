"""Every rule both ways: what conforms has no deviation, and one mutation gives exactly the code that belongs to it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from asn1crypto import core, keys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.pki.certificate import Certificate
from verifier.pki.conformity.catalogue import entry_of
from verifier.pki.conformity.certificate_lint import lint_certificate
from verifier.pki.conformity.deviation import Deviation, Severity, Treatment
from verifier.pki.conformity.encoding import why_not_der
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing.writing.signing import KeyKind, SigningKey, shared_rsa_key

ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
KEY = SigningKey.generate(KeyKind.P256, explicit_parameters=True)
SIGNER_KEY = SigningKey.generate(KeyKind.P256, explicit_parameters=True)
MLS, DLS = "2.23.136.1.1.3", "2.23.136.1.1.8"


def tlv(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    size = (len(value).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(value).to_bytes(size) + value


def oid(dotted: str) -> bytes:
    return core.ObjectIdentifier(dotted).dump()


def attribute(kind: str, text: str, tag: int) -> bytes:
    return tlv(0x31, tlv(0x30, oid(kind), tlv(tag, text.encode("latin-1"))))


def name(common_name: str, country: str | None = "UT", tag: int = 0x13) -> bytes:
    parts = [] if country is None else [attribute("2.5.4.6", country, tag)]
    return tlv(0x30, *parts, attribute("2.5.4.3", common_name, 0x0C))


def extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    return tlv(0x30, oid(kind), b"\x01\x01\xff" if critical else b"", tlv(0x04, value))


def key_identifier(key: SigningKey) -> bytes:
    return hashlib.sha1(bytes(keys.PublicKeyInfo.load(key.public_key_der)["public_key"].contents[1:])).digest()


def alternative_name(*, contact: bool = True, state: bool = True) -> bytes:
    return tlv(
        0x30,
        tlv(0x81, b"csca@example.org") if contact else b"",
        tlv(0xA4, tlv(0x30, attribute("2.5.4.7", "UTO", 0x0C))) if state else b"",
    )


def distribution_point(uri: bytes) -> bytes:
    return tlv(0x30, tlv(0x30, tlv(0xA0, tlv(0xA0, tlv(0x86, uri)))))


def usage(*bits: int) -> bytes:
    value = sum(0x80 >> bit for bit in bits)
    return tlv(0x03, bytes([7 - max(bits), value]))


ALTERNATIVE = alternative_name()
DISTRIBUTION = distribution_point(b"http://example.org/uto.crl")
PERIOD = tlv(0x30, tlv(0x80, b"20260101000000Z"), tlv(0x81, b"20290101000000Z"))
TYPES = tlv(0x30, b"\x02\x01\x00", tlv(0x31, tlv(0x13, b"P")))


@dataclass
class Written:
    """A certificate field by field, each of which may be replaced."""

    key: SigningKey
    issuer_key: SigningKey
    subject: bytes
    issuer: bytes
    extensions: dict[str, bytes]
    version: bytes = tlv(0xA0, b"\x02\x01\x02")
    serial: bytes = b"\x02\x01\x05"
    algorithm: bytes = ECDSA_SHA256
    outer_algorithm: bytes | None = None
    not_before: bytes = tlv(0x17, b"260101000000Z")
    not_after: bytes = tlv(0x17, b"361231235959Z")
    public_key: bytes | None = None
    unique: bytes = b""
    more: list[bytes] = field(default_factory=list)
    sign: Callable[[bytes], bytes] | None = None

    def der(self) -> bytes:
        extensions = tlv(0xA3, tlv(0x30, *self.extensions.values(), *self.more))
        tbs = tlv(
            0x30,
            self.version,
            self.serial,
            self.algorithm,
            self.issuer,
            tlv(0x30, self.not_before, self.not_after),
            self.subject,
            self.public_key or self.key.public_key_der,
            self.unique,
            extensions if self.extensions or self.more else b"",
        )
        signature = (self.sign or self.issuer_key.sign)(tbs)
        return tlv(0x30, tbs, self.outer_algorithm or self.algorithm, tlv(0x03, b"\x00" + signature))


def csca() -> Written:
    own = key_identifier(KEY)
    return Written(
        KEY,
        KEY,
        name("CSCA"),
        name("CSCA"),
        {
            "aki": extension("2.5.29.35", tlv(0x30, tlv(0x80, own))),
            "ski": extension("2.5.29.14", tlv(0x04, own)),
            "usage": extension("2.5.29.15", usage(5, 6), critical=True),
            "period": extension("2.5.29.16", PERIOD),
            "san": extension("2.5.29.17", ALTERNATIVE),
            "ian": extension("2.5.29.18", ALTERNATIVE),
            "constraints": extension("2.5.29.19", bytes.fromhex("30060101ff020100"), critical=True),
            "crl": extension("2.5.29.31", DISTRIBUTION),
        },
    )


def signer() -> Written:
    made = csca()
    del made.extensions["constraints"]
    made.key, made.subject = SIGNER_KEY, name("DS")
    made.extensions["ski"] = extension("2.5.29.14", tlv(0x04, key_identifier(SIGNER_KEY)))
    made.extensions["usage"] = extension("2.5.29.15", usage(0), critical=True)
    made.extensions["types"] = extension("2.23.136.1.1.6.2", TYPES)
    return made


def list_signer(purpose: str = MLS) -> Written:
    made = signer()
    del made.extensions["types"], made.extensions["period"], made.extensions["crl"]
    made.extensions["purpose"] = extension("2.5.29.37", tlv(0x30, oid(purpose)), critical=True)
    return made


def link(*, renamed: bool = False) -> Written:
    made = csca()
    made.key = SIGNER_KEY
    made.extensions["ski"] = extension("2.5.29.14", tlv(0x04, key_identifier(SIGNER_KEY)))
    if renamed:
        made.subject = name("CSCA 2")
        made.extensions["renamed"] = extension("2.23.136.1.1.6.1", b"\x05\x00")
    return made


def renamed_link() -> Written:
    return link(renamed=True)


def codes_of(made: Written) -> list[str]:
    store = TrustStore.from_certificates([Certificate.decode(csca().der())])
    return list(dict.fromkeys(finding.code.value for finding in lint_certificate(made.der(), store.issuers_of)))


@pytest.mark.parametrize("make", [csca, signer, list_signer, lambda: list_signer(DLS), link, renamed_link])
def test_what_conforms_has_no_deviation(make):
    assert codes_of(make()) == []


def setting(attribute_name, value):
    def change(made):
        setattr(made, attribute_name, value)

    return change


def replacing(key, *arguments, **options):
    def change(made):
        made.extensions[key] = extension(*arguments, **options)

    return change


def dropping(key):
    def change(made):
        del made.extensions[key]

    return change


def adding(*arguments, **options):
    def change(made):
        made.more.append(extension(*arguments, **options))

    return change


def resigned(key, algorithm, sign=None):
    """The same certificate under another key, as a root of its own."""

    def change(made):
        made.key = made.issuer_key = key
        made.algorithm = algorithm
        made.sign = sign
        made.extensions["ski"] = extension("2.5.29.14", tlv(0x04, key_identifier(key)))
        made.extensions["aki"] = extension("2.5.29.35", tlv(0x30, tlv(0x80, key_identifier(key))))

    return change


def rsa_root(bits, *, algorithm="1.2.840.113549.1.1.11", null=True, digest=None):
    private = shared_rsa_key("conformity", bits)
    key = SigningKey(KeyKind.RSA_PKCS1, private, "sha256")
    identifier = tlv(0x30, oid(algorithm), b"\x05\x00" if null else b"")

    def sign(message):
        return private.sign(message, padding.PKCS1v15(), digest or hashes.SHA256())

    return resigned(key, identifier, sign)


def compressed_point(made):
    point = KEY.private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    inner = keys.PublicKeyInfo.load(KEY.public_key_der)["algorithm"].dump()
    made.public_key = tlv(0x30, inner, tlv(0x03, b"\x00" + point))


def without_cofactor(made):
    info = keys.PublicKeyInfo.load(KEY.public_key_der)
    algorithm = info["algorithm"].dump()
    parameters = core.Sequence.load(algorithm)[1].dump()
    members = core.Sequence.load(parameters)
    assert members[-1].native == 1
    shorter = tlv(0x30, *(members[index].dump() for index in range(len(members) - 1)))
    made.public_key = tlv(0x30, tlv(0x30, oid("1.2.840.10045.2.1"), shorter), info["public_key"].dump())


def named_curve(made):
    made.public_key = KEY.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


P192 = SigningKey(KeyKind.P256, ec.generate_private_key(ec.SECP192R1()), "sha256")
SHA1 = SigningKey(KeyKind.P256, KEY.private, "sha1", explicit_parameters=True)
STRANGER = SigningKey.generate(KeyKind.P256)


MUTATIONS = [
    # encoding and fields
    (csca, setting("serial", bytes.fromhex("02020005")), "encoding-not-der"),
    (csca, setting("version", tlv(0xA0, b"\x02\x01\x01")), "version-not-3"),
    (csca, setting("version", b""), "version-not-3"),
    (csca, setting("serial", b"\x02\x01\x85"), "serial-not-positive"),
    (csca, setting("serial", b"\x02\x01\x00"), "serial-not-positive"),
    (csca, setting("serial", tlv(0x02, b"\x01" * 21)), "serial-too-long"),
    (csca, setting("outer_algorithm", bytes.fromhex("300a06082a8648ce3d040303")), "signature-algorithms-differ"),
    (csca, setting("algorithm", bytes.fromhex("300c06082a8648ce3d0403020500")), "algorithm-parameters-wrong"),
    (csca, rsa_root(3072, null=False), "algorithm-parameters-wrong"),
    (csca, setting("unique", tlv(0x81, b"\x00\x01")), "unique-identifier-present"),
    (csca, adding("2.5.29.14", tlv(0x04, b"12345678")), "extension-twice"),
    (
        csca,
        lambda made: made.more.append(tlv(0x30, oid("1.2.3.4"), b"\x01\x01\x00", tlv(0x04, b""))),
        "default-value-encoded",
    ),
    # names
    (signer, setting("subject", name("DS", None)), "country-missing"),
    (signer, setting("subject", name("DS", "LA")), "country-mismatch"),
    (signer, setting("subject", name("DS", "ut")), "country-not-upper-case"),
    (signer, setting("subject", name("DS", "UT", 0x0C)), "name-string-type-wrong"),
    (
        signer,
        setting("subject", tlv(0x30, attribute("2.5.4.6", "UT", 0x13), attribute("2.5.4.3", "DS", 0x14))),
        "name-string-type-wrong",
    ),
    (
        csca,
        lambda made: (setting("subject", name("CSCA", "UTO"))(made), setting("issuer", name("CSCA", "UTO"))(made)),
        "country-not-two-letters",
    ),
    # times
    (csca, setting("not_after", tlv(0x18, b"20361231235959Z")), "time-type-wrong"),
    (csca, setting("not_after", tlv(0x17, b"3612312359Z")), "time-form-wrong"),
    (csca, setting("not_before", tlv(0x17, b"260101000000+0700")), "time-form-wrong"),
    (csca, setting("not_after", tlv(0x18, b"20501231235959.5Z")), "time-form-wrong"),
    (csca, setting("not_after", tlv(0x17, b"250101000000Z")), "validity-reversed"),
    # keys and algorithms
    (csca, named_curve, "ec-parameters-named"),
    (csca, without_cofactor, "ec-cofactor-missing"),
    (csca, compressed_point, "ec-point-compressed"),
    (
        signer,
        setting("public_key", tlv(0x30, tlv(0x30, oid("1.3.101.112")), tlv(0x03, b"\x00" * 33))),
        "public-key-unusable",
    ),
    (csca, resigned(SHA1, bytes.fromhex("300906072a8648ce3d0401")), "deprecated-hash-sha1"),
    (csca, rsa_root(1024), "deprecated-rsa-1024"),
    (csca, rsa_root(2048), "key-shorter-than-recommended"),
    (csca, setting("sign", STRANGER.sign), "self-signature-invalid"),
    (signer, setting("sign", STRANGER.sign), "signature-invalid"),
    # extensions
    (csca, adding("1.2.3.4", b"\x05\x00", critical=True), "critical-extension-unknown"),
    (csca, adding("2.5.29.54", b"\x02\x01\x00"), "extension-forbidden"),
    (csca, adding("2.16.840.1.113730.1.1", b"\x03\x02\x01\x06"), "extension-forbidden"),
    (csca, adding("2.23.136.1.1.6.2", TYPES), "extension-forbidden"),
    (signer, adding("2.23.136.1.1.6.1", b"\x05\x00"), "extension-forbidden"),
    (signer, replacing("types", "2.23.136.1.1.6.2", TYPES, critical=True), "extension-critical"),
    (signer, replacing("types", "2.23.136.1.1.6.2", b"\x30\x00"), "extension-malformed"),
    (csca, replacing("ski", "2.5.29.14", b"bare"), ["extension-malformed", "authority-key-identifier-wrong"]),
    (csca, replacing("period", "2.5.29.16", b"\x30\x00"), "extension-malformed"),
    (csca, replacing("san", "2.5.29.17", b"\x04"), "extension-malformed"),
    (csca, replacing("crl", "2.5.29.31", b"\x04"), "extension-malformed"),
    (signer, dropping("aki"), "authority-key-identifier-missing"),
    (signer, replacing("aki", "2.5.29.35", tlv(0x30, tlv(0x80, b"wrong"))), "authority-key-identifier-wrong"),
    (csca, dropping("ski"), "subject-key-identifier-missing"),
    (signer, dropping("ski"), None),
    (signer, dropping("usage"), "key-usage-missing"),
    (csca, dropping("usage"), "key-usage-missing"),
    (signer, replacing("usage", "2.5.29.15", usage(0)), "key-usage-not-critical"),
    (signer, replacing("usage", "2.5.29.15", usage(0, 1), critical=True), "key-usage-excessive"),
    (
        signer,
        replacing("usage", "2.5.29.15", usage(4), critical=True),
        ["key-usage-without-digital-signature", "key-usage-excessive"],
    ),
    (csca, replacing("usage", "2.5.29.15", usage(6), critical=True), "key-usage-without-cert-sign"),
    (csca, replacing("usage", "2.5.29.15", usage(5), critical=True), "key-usage-without-crl-sign"),
    (signer, dropping("period"), "private-key-usage-period-missing"),
    (list_signer, adding("2.5.29.16", PERIOD), None),
    (signer, setting("not_before", tlv(0x17, b"300101000000Z")), "private-key-usage-period-exceeded"),
    (signer, dropping("san"), "subject-alternative-name-missing"),
    (signer, dropping("ian"), "issuer-alternative-name-missing"),
    (csca, replacing("san", "2.5.29.17", alternative_name(contact=False)), "alternative-name-without-contact"),
    (csca, replacing("ian", "2.5.29.18", alternative_name(state=False)), "alternative-name-without-state"),
    (csca, dropping("constraints"), "basic-constraints-missing"),
    (csca, replacing("constraints", "2.5.29.19", b"\x30\x00", critical=True), "basic-constraints-not-ca"),
    (csca, replacing("constraints", "2.5.29.19", bytes.fromhex("30060101ff020100")), "basic-constraints-not-critical"),
    (csca, replacing("constraints", "2.5.29.19", bytes.fromhex("30030101ff"), critical=True), "path-length-missing"),
    (
        csca,
        replacing("constraints", "2.5.29.19", bytes.fromhex("30060101ff020101"), critical=True),
        "path-length-not-zero",
    ),
    (signer, adding("2.5.29.19", b"\x30\x00", critical=True), "basic-constraints-present"),
    (signer, adding("2.5.29.19", bytes.fromhex("30030101ff"), critical=True), "signer-is-ca"),
    (csca, adding("2.5.29.37", tlv(0x30, oid("2.5.29.37.0"))), "extended-key-usage-present"),
    (signer, adding("2.5.29.37", tlv(0x30, oid("1.3.6.1.5.5.7.3.1")), critical=True), "extended-key-usage-present"),
    (list_signer, replacing("purpose", "2.5.29.37", tlv(0x30, oid(MLS))), "extended-key-usage-not-critical"),
    (signer, dropping("crl"), "crl-distribution-points-missing"),
    (csca, replacing("crl", "2.5.29.31", distribution_point(b"ftp://example.org/x")), "crl-distribution-point-scheme"),
    (csca, replacing("crl", "2.5.29.31", distribution_point(b"LDAP://example.org/x")), None),
    (signer, dropping("types"), "document-type-list-missing"),
    (renamed_link, dropping("renamed"), "name-change-missing"),
]


@pytest.mark.parametrize(("make", "change", "expected"), MUTATIONS)
def test_one_mutation_gives_exactly_its_code(make, change, expected):
    made = make()
    change(made)
    found = codes_of(made)
    assert found == ([] if expected is None else [expected] if isinstance(expected, str) else expected)


def test_a_root_on_a_curve_of_192_bits_is_deprecated():
    made = csca()
    resigned(P192, ECDSA_SHA256, lambda message: P192.private.sign(message, ec.ECDSA(hashes.SHA256())))(made)
    assert codes_of(made) == ["ec-parameters-named", "deprecated-curve-p192"]


def test_a_certificate_without_extensions_is_named_so():
    made = signer()
    made.extensions.clear()
    assert codes_of(made)[0] == "extensions-missing"


def test_what_is_no_certificate_is_malformed():
    for encoded in (
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x00" * 100,
        tlv(0x30, tlv(0x30), ECDSA_SHA256, tlv(0x03, b"\x00")),
    ):
        assert [finding.code for finding in lint_certificate(encoded)] == [Deviation.MALFORMED]


def test_a_certificate_cut_anywhere_or_with_any_byte_changed_raises_nothing():
    encoded = signer().der()
    for position in range(len(encoded)):
        lint_certificate(encoded[:position])
        changed = bytearray(encoded)
        changed[position] ^= 0x81
        lint_certificate(bytes(changed))


def test_every_code_has_an_entry_with_a_sentence_and_a_clause():
    for code in Deviation:
        entry = entry_of(code)
        assert entry.meaning.endswith(".")
        assert entry.meaning[0].isupper() or entry.meaning.startswith(("basic", "issuer"))
        assert entry.clause.startswith(("ICAO 9303", "RFC ", "ITU-T"))
        assert code.value == code.name.lower().replace("_", "-")
        assert isinstance(entry.severity, Severity)


def test_what_nothing_depends_on_is_no_reason_to_refuse():
    for code in Deviation:
        entry = entry_of(code)
        if entry.treatment is not Treatment.BORNE:
            assert entry.severity is Severity.ERROR


def test_der_is_told_from_what_is_not():
    assert why_not_der(csca().der()) is None
    for encoded in ("30800201050000", "308103020105", "3082000302 0105", "30040202 0005", "3003010101", "30040202ff85"):
        assert why_not_der(bytes.fromhex(encoded)) is not None
    for encoded in ("", "30", "3003010100", "30030101ff", "30040202 0085", "3084", "30818103"):
        why_not_der(bytes.fromhex(encoded))
