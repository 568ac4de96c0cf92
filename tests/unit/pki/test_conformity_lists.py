"""CRLs, master lists and security objects: what conforms has no deviation, one mutation gives exactly its code."""

import hashlib
from datetime import timedelta

import pytest
from asn1crypto import algos, cms, core, crl, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.pki.conformity.crl_lint import lint_crl
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.lint import ObjectKind, lint
from verifier.pki.trust.trust_store import TrustStore

MASTER_LIST = "2.23.136.1.1.2"


def tlv(tag, *parts):
    value = b"".join(parts)
    size = (len(value).bit_length() + 7) // 8
    head = bytes([len(value)]) if len(value) < 0x80 else bytes([0x80 | size]) + len(value).to_bytes(size)
    return bytes([tag]) + head + value


@pytest.fixture
def csca(make):
    return make.csca(country="UT")


def written_crl(csca, now, change=lambda tbs: None, *, digest="sha256", entries=(7,)):
    """A CRL made by hand; ``change`` alters the content before it is signed."""
    algorithm = {"algorithm": f"{digest}_ecdsa"}
    tbs = crl.TbsCertList(
        {
            "version": "v2",
            "signature": algorithm,
            "issuer": x509.Certificate.load(csca.certificate.der).subject,
            "this_update": x509.Time({"utc_time": now}),
            "next_update": x509.Time({"utc_time": now + timedelta(days=90)}),
            "revoked_certificates": [
                {"user_certificate": serial, "revocation_date": x509.Time({"utc_time": now})} for serial in entries
            ],
            "crl_extensions": [
                {"extn_id": "authority_key_identifier", "extn_value": {"key_identifier": csca.key_identifier}},
                {"extn_id": "crl_number", "extn_value": 5},
            ],
        }
    )
    change(tbs)
    encoded = tbs.dump(force=True)
    signature = csca.key.sign(encoded, ec.ECDSA(getattr(hashes, digest.upper())()))
    return tlv(0x30, encoded, algos.SignedDigestAlgorithm(algorithm).dump(), tlv(0x03, b"\x00", signature))


def crl_codes(csca, encoded):
    store = TrustStore.from_certificates([csca.certificate])
    return list(dict.fromkeys(finding.code.value for finding in lint_crl(encoded, store.crl_signers_of)))


def test_a_crl_that_conforms_has_no_deviation(csca, now):
    assert crl_codes(csca, written_crl(csca, now)) == []


def extending(name, value, *, critical=False):
    return lambda tbs: tbs["crl_extensions"].append({"extn_id": name, "critical": critical, "extn_value": value})


def without_extension(name):
    def change(tbs):
        kept = [one for one in tbs["crl_extensions"] if one["extn_id"].native != name]
        tbs["crl_extensions"] = kept

    return change


def setting(field, value):
    def change(tbs):
        tbs[field] = value

    return change


def later(days):
    return lambda tbs: tbs.__setitem__(
        "next_update", x509.Time({"utc_time": tbs["this_update"].native + timedelta(days=days)})
    )


def extended_entry(tbs):
    tbs["revoked_certificates"][0]["crl_entry_extensions"] = [{"extn_id": "crl_reason", "extn_value": "key_compromise"}]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (setting("next_update", None), ["crl-next-update-missing"]),
        (later(200), ["crl-period-too-long"]),
        (later(-3), ["validity-reversed"]),
        (without_extension("crl_number"), ["crl-number-missing"]),
        (without_extension("authority_key_identifier"), ["authority-key-identifier-missing"]),
        (setting("crl_extensions", None), ["extensions-missing"]),
        (extending("delta_crl_indicator", 1, critical=True), ["crl-partial"]),
        (extending("issuing_distribution_point", {"only_contains_user_certs": True}, critical=True), ["crl-partial"]),
        (extending("1.2.3.4", core.ParsableOctetString(b"\x05\x00"), critical=True), ["critical-extension-unknown"]),
        (extending("freshest_crl", core.ParsableOctetString(b"\x30\x00")), ["extension-forbidden"]),
        (extended_entry, ["crl-entry-extension-present"]),
    ],
)
def test_one_mutation_of_a_crl_gives_exactly_its_code(csca, now, change, expected):
    assert crl_codes(csca, written_crl(csca, now, change)) == expected


def test_a_crl_with_an_empty_list_of_entries_is_named(csca, now):
    assert crl_codes(csca, written_crl(csca, now, entries=())) == ["crl-entries-empty"]


def test_a_negative_crl_number_is_named(csca, now):
    def change(tbs):
        tbs["crl_extensions"][1]["extn_value"] = -5

    assert crl_codes(csca, written_crl(csca, now, change)) == ["crl-number-wrong"]


def test_a_crl_of_version_1_is_named(csca, now):
    assert "crl-version-not-2" in crl_codes(csca, written_crl(csca, now, setting("version", "v1")))


def test_a_crl_signed_with_sha1_is_deprecated(csca, now):
    assert crl_codes(csca, written_crl(csca, now, digest="sha1")) == ["deprecated-hash-sha1"]


def test_a_crl_whose_signature_is_damaged_is_not_its_issuers(csca, now):
    encoded = bytearray(written_crl(csca, now))
    encoded[-1] ^= 1
    assert crl_codes(csca, bytes(encoded)) == ["signature-invalid"]


def test_a_crl_cut_or_changed_anywhere_raises_nothing(csca, now):
    encoded = written_crl(csca, now, extended_entry)
    for position in range(len(encoded)):
        lint_crl(encoded[:position])
        lint_crl(encoded[:position] + bytes([encoded[position] ^ 0x81]) + encoded[position + 1 :])


# --- signed lists and objects


def master_list(*certificates, version=0):
    return tlv(0x30, tlv(0x02, bytes([version])), tlv(0x31, *(certificate.der for certificate in certificates)))


@pytest.fixture
def codes(make, csca, make_signed_data):
    """Lint a master list by its signer's, its own and its certificates' findings."""
    list_signer = make.signer(csca, "List signer", "UT")

    def codes(content=None, **options):
        content = master_list(csca.certificate) if content is None else content
        bound = options.pop("bound_content_type", MASTER_LIST)
        encoded = make_signed_data(content, list_signer, content_type=MASTER_LIST, bound_content_type=bound, **options)
        first, *_ = lint(options.get("encode", bytes)(encoded))
        assert first.kind is ObjectKind.SIGNED_LIST
        return [finding.code.value for finding in first.findings]

    return codes


def test_a_master_list_that_conforms_has_no_deviation(codes):
    assert codes() == []


def test_deviations_of_a_master_list_are_named(codes, make, csca):
    assert codes(master_list()) == ["master-list-empty"]
    assert codes(master_list(csca.certificate, version=1)) == ["master-list-version-wrong"]
    assert codes(master_list(make.csca("Other", "UT").certificate)) == ["master-list-without-own-csca"]
    stranger = make.signer(csca, country="UT").certificate
    assert codes(master_list(csca.certificate, stranger)) == ["master-list-holds-others"]
    assert codes(certificates=()) == ["signer-certificate-missing"]
    assert codes(reorder=True) == ["signed-attributes-not-der"]
    assert codes(bound_digest=hashlib.sha256(b"other").digest()) == ["signature-invalid"]
    assert codes(digest="sha1", signature_oid="1.2.840.10045.4.1") == ["deprecated-hash-sha1"]


def test_a_signer_named_in_another_spelling_is_named(codes, csca):
    respelt = x509.Name.build({"country_name": "UT", "common_name": "csca"})
    assert codes(issuer=respelt) == ["signer-identifier-written-differently"]


def test_each_certificate_of_a_list_is_linted(make, csca, make_signed_data):
    list_signer = make.signer(csca, "List signer", "UT")
    content = master_list(csca.certificate, make.csca("Other", "UT").certificate)
    found = list(lint(make_signed_data(content, list_signer, content_type=MASTER_LIST, bound_content_type=MASTER_LIST)))
    assert [one.role for one in found] == ["signed-list", "document-signer", "root", "root"]


def test_a_security_object_is_linted_with_its_encoding(make, csca, make_signed_data):
    signer = make.signer(csca, country="UT")
    content = tlv(0x30, b"\x02\x01\x00", tlv(0x30, bytes.fromhex("06052b0e03021a")), tlv(0x30))
    encoded = tlv(0x77, make_signed_data(content, signer))
    (found,) = lint(encoded)
    assert found.kind is ObjectKind.SECURITY_OBJECT
    assert [finding.code for finding in found.findings] == [Deviation.DEPRECATED_LDS_HASH_SHA1]


def parsed(encoded):
    return cms.ContentInfo.load(encoded)


def test_versions_algorithms_and_indefinite_lengths_of_signed_data_are_named(make, csca, make_signed_data):
    signer = make.signer(csca, country="UT")
    content = master_list(csca.certificate)
    encoded = make_signed_data(content, signer, content_type=MASTER_LIST, bound_content_type=MASTER_LIST)

    def mutated(change):
        info = parsed(encoded)
        change(info["content"])
        first, *_ = lint(info.dump(force=True))
        return [finding.code.value for finding in first.findings]

    def set_version(data):
        data["version"] = "v1"

    def set_signer_version(data):
        data["signer_infos"][0]["version"] = "v3"

    def set_digests(data):
        data["digest_algorithms"] = [{"algorithm": "sha512"}]

    def add_signer(data):
        data["signer_infos"].append(data["signer_infos"][0].copy())

    assert mutated(set_version) == ["signed-data-version-wrong"]
    assert mutated(set_signer_version) == ["signer-info-version-wrong"]
    assert mutated(set_digests) == ["digest-algorithm-not-listed"]
    assert mutated(add_signer) == ["several-signers"]
    inner = encoded[4:]
    indefinite = b"\x30\x80" + inner + b"\x00\x00"
    first, *_ = lint(indefinite)
    assert [finding.code.value for finding in first.findings] == ["encoding-not-der"]


def test_whatever_is_linted_raises_nothing(make, csca, make_signed_data):
    encoded = make_signed_data(master_list(csca.certificate), make.signer(csca, country="UT"))
    for position in range(0, len(encoded), 3):
        for broken in (encoded[:position], encoded[:position] + b"\x80" + encoded[position + 1 :]):
            list(lint(broken))
            list(lint(tlv(0x77, broken)))
