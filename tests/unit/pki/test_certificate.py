from datetime import UTC, datetime

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.iso7816 import tlv
from verifier.pki.asn1.der import SEQUENCE, Element, read_one
from verifier.pki.asn1.der_time import decode_time
from verifier.pki.certificate import Certificate
from verifier.pki.extensions import BasicConstraints, KeyUsage
from verifier.pki.names import Name
from verifier.pki.trust.trust_store import TrustStore


def test_fields_are_what_asn1crypto_reads(make):
    csca = make.csca("CSCA Việt Nam")
    certificate = make.signer(csca, country="vn").certificate
    oracle = asn1_x509.Certificate.load(certificate.der)
    assert certificate.serial == oracle.serial_number
    assert certificate.not_before == oracle.not_valid_before
    assert certificate.not_after == oracle.not_valid_after
    assert certificate.subject_key_identifier == oracle.key_identifier
    assert certificate.authority_key_identifier == oracle.authority_key_identifier
    assert certificate.tbs == oracle["tbs_certificate"].dump()
    assert certificate.fingerprint == oracle.sha256
    assert certificate.key_usage == {KeyUsage.DIGITAL_SIGNATURE}
    assert certificate.country == "VN"
    assert certificate.basic_constraints is None
    assert not certificate.is_self_issued
    assert csca.certificate.is_self_issued
    assert csca.certificate.basic_constraints == BasicConstraints(ca=True, path_length=0)
    assert str(csca.certificate.subject) == "C=VN, CN=CSCA Việt Nam"


def test_a_negative_serial_is_a_serial(make):
    csca = make.csca()
    parsed = asn1_x509.Certificate.load(csca.certificate.der)
    parsed["tbs_certificate"]["serial_number"] = -5
    assert Certificate.decode(parsed.dump(force=True)).serial == -5


def with_extensions(der, extensions):
    parsed = asn1_x509.Certificate.load(der)
    parsed["tbs_certificate"]["extensions"] = extensions
    return parsed.dump(force=True)


def test_an_extension_that_is_there_twice_is_malformed(make):
    twice = [{"extn_id": "key_usage", "critical": True, "extn_value": {"digital_signature"}}] * 2
    with pytest.raises(MalformedData, match="twice"):
        Certificate.decode(with_extensions(make.csca().certificate.der, twice))


def test_two_signature_algorithms_that_differ_are_malformed(make):
    parsed = asn1_x509.Certificate.load(make.csca().certificate.der)
    parsed["signature_algorithm"] = {"algorithm": "sha512_ecdsa"}
    with pytest.raises(MalformedData, match="two different"):
        Certificate.decode(parsed.dump(force=True))


def test_an_unknown_key_does_not_keep_a_certificate_from_loading(make, make_name):
    key, issuer = ec.generate_private_key(ec.SECP256R1()), make.csca()
    certificate = make.certificate(make_name("DS"), key, issuer.name, issuer.key)
    odd = certificate.der.replace(bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030108"))
    decoded = Certificate.decode(odd)
    with pytest.raises(UnsupportedFeature, match=r"1\.2\.840\.10045\.3\.1\.8"):
        _ = decoded.public_key


@pytest.mark.parametrize("cut", [0, 1, 5, 100, -1])
def test_a_certificate_that_is_cut_off_is_malformed(make, cut):
    with pytest.raises(MalformedData):
        Certificate.decode(make.csca().certificate.der[:cut])


def test_bytes_after_a_certificate_are_malformed(make):
    with pytest.raises(MalformedData, match="left over"):
        Certificate.decode(make.csca().certificate.der + b"\x00")


def test_a_certificate_of_unreasonable_length_is_malformed():
    with pytest.raises(MalformedData, match="longer"):
        Certificate.decode(b"\x30\x84\x7f\xff\xff\xff" + bytes(70_000))


def test_an_ecdsa_algorithm_with_null_parameters_is_read(make):
    """Ten public CSCA certificates are written so, and ``cryptography`` refuses to load them."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), make.csca()
    parsed = asn1_x509.Certificate.load(subject.certificate.der)
    for algorithm in (parsed["signature_algorithm"], parsed["tbs_certificate"]["signature"]):
        algorithm["parameters"] = core.Null()
    tbs = parsed["tbs_certificate"].dump(force=True)
    parsed["signature_value"] = key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    decoded = Certificate.decode(parsed.dump(force=True))
    with pytest.raises(ValueError, match=r"."):
        x509.load_der_x509_certificate(decoded.der)
    signer = make.certificate(x509.Name([]), key, x509.Name([]), key).public_key
    assert decoded.is_signed_by(signer)


def test_a_key_identifier_without_its_octet_string_is_taken_as_it_is(make, make_name):
    """Seen in public CSCA certificates; it is a hint to find an issuer by, and nothing depends on it."""
    key, bare = ec.generate_private_key(ec.SECP256R1()), bytes(range(0x40, 0x54))
    odd = tuple((x509.UnrecognizedExtension(x509.ObjectIdentifier(f"2.5.29.{n}"), bare), False) for n in (14, 35))
    certificate = make.certificate(
        make_name("CSCA"), key, make_name("CSCA"), key, ca=True, subject_key=False, authority_key=False, extra=odd
    )
    assert certificate.subject_key_identifier == bare
    assert certificate.authority_key_identifier is None
    assert TrustStore.from_certificates([certificate]).anchors == (certificate,)


# --- names ------------------------------------------------------------------------------------------------------------


def encoded_name(*attributes, kind=core.UTF8String):
    values = [(oid, kind(value).dump() if isinstance(value, str) else value) for oid, value in attributes]
    pairs = (tlv.encode(0x30, core.ObjectIdentifier(oid).dump() + value) for oid, value in values)
    rdns = b"".join(tlv.encode(0x31, pair) for pair in pairs)
    return Name.decode(tlv.encode(0x30, rdns))


C, ORG, CN = "2.5.4.6", "2.5.4.10", "2.5.4.3"


@pytest.mark.parametrize(
    "other",
    [
        encoded_name((C, "VN"), (ORG, "Bộ Công an"), (CN, "CSCA, 1"), kind=core.BMPString),
        encoded_name((C, "vn"), (ORG, " BỘ  CÔNG AN "), (CN, "csca, 1")),
        encoded_name((CN, "CSCA, 1"), (ORG, "Bộ Công an"), (C, "VN")),
        encoded_name((C, "VN"), (ORG, "Bộ Công an"), (CN, "CSCA\\, 1")),
        encoded_name((C, "VN"), (ORG, "Bộ Công an"), (CN, "CSCA, 1")),
    ],
)
def test_names_that_differ_only_in_their_writing_are_equal(other):
    name = encoded_name((C, "VN"), (ORG, "Bộ Công an"), (CN, "CSCA, 1"))
    assert name == other
    assert hash(name) == hash(other)
    assert name.country == "VN"


@pytest.mark.parametrize(
    "other",
    [
        encoded_name((C, "LA"), (CN, "CSCA")),
        encoded_name((C, "VN"), (CN, "CSCA 2")),
        encoded_name((C, "VN"), (CN, "CSCA"), (CN, "CSCA")),
        encoded_name((C, "VN"), (ORG, "CSCA")),
        encoded_name((C, "VN")),
    ],
)
def test_names_that_say_something_else_differ(other):
    assert encoded_name((C, "VN"), (CN, "CSCA")) != other


def test_values_that_are_no_text_are_compared_as_bytes():
    assert encoded_name((CN, b"\x04\x02ab")) == encoded_name((CN, b"\x04\x02ab"))
    assert encoded_name((CN, b"\x04\x02ab")) != encoded_name((CN, b"\x04\x02ac"))
    assert encoded_name((CN, b"\x0c\x01\xe9")).text == "CN=é"
    assert encoded_name((CN, "x")).country is None


def test_a_name_shown_to_people_is_short_and_printable():
    name = encoded_name((CN, "a\x1b[2Jb" + "c" * 100), (ORG, "d" * 100))
    assert "\x1b" not in str(name)
    assert len(str(name)) < 170
    assert repr(name).startswith("<Name CN=a?[2Jb")


# --- the reader -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x17, b"260601120000Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        (0x17, b"2606011200Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        (0x17, b"260601120000+0700", datetime(2026, 6, 1, 5, tzinfo=UTC)),
        (0x17, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x17, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x18, b"20500101000000Z", datetime(2050, 1, 1, tzinfo=UTC)),
        (0x18, b"20500101000000.5Z", datetime(2050, 1, 1, tzinfo=UTC)),
        (0x18, b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_they_are_written(tag, text, expected):
    assert decode_time(element(tag, text)) == expected


@pytest.mark.parametrize(
    "text",
    [b"", b"260631120000Z", b"261313120000Z", b"260601120000", b"00000101000000Z", b"2606011200\xb20Z", b"Z" * 99],
)
def test_times_that_are_none_are_malformed(text):
    for tag in (0x17, 0x18):
        with pytest.raises(MalformedData):
            decode_time(element(tag, text))


def test_a_time_before_all_time_is_malformed():
    with pytest.raises(MalformedData):
        decode_time(element(0x18, b"00010101000000+0100"))


def element(tag, content):
    return Element(content, tag, 0, 0, len(content), "a test")


@pytest.mark.parametrize("oid", ["1.2.840.113549.1.1.11", "2.5.29.15", "2.23.136.1.1.1", "2.999.1", "0.4.0.127.0.7"])
def test_object_identifiers_are_read_as_asn1crypto_writes_them(oid):
    assert element(6, core.ObjectIdentifier(oid).contents).oid == oid


@pytest.mark.parametrize(
    "encoded",
    ["30", "3001", "308001010000", "3085000000000100", "30820001", "3003020105" + "00", "1f8101003000", "0500"],
)
def test_what_is_no_single_sequence_is_malformed(encoded):
    with pytest.raises(MalformedData):
        list(read_one(bytes.fromhex(encoded), SEQUENCE, "a test").reader().take_all())
