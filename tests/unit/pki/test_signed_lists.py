from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.errors import InvalidInput, MalformedData, TrustMaterialError
from verifier.pki.sources.master_list import MasterList
from verifier.pki.sources.signed_list import ListSigners, decode_signed_list
from verifier.pki.trust.trust_store import TrustStore

MASTER_LIST, MASTER_LIST_SIGNER = "2.23.136.1.1.2", "2.23.136.1.1.3"


def purpose(*oids):
    return ((x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in oids]), True),)


@pytest.fixture
def world(make, now, make_signed_data, tlv_of):
    """A state whose CSCA issued a list signer, and the roots of two others in its list."""

    class World:
        csca = make.csca("CSCA of the list", "DE")
        signer = make.signer(csca, "Lists", "DE", extra=purpose(MASTER_LIST_SIGNER))
        roots = (make.csca("CSCA", "VN"), make.csca("CSCA", "FR"))

        def content(self, *more):
            members = [root.certificate.der for root in self.roots] + list(more)
            return tlv_of(0x30, b"\x02\x01\x00" + tlv_of(0x31, b"".join(members)))

        def signed(self, signer=None, content=None, certificates=None, **options):
            signer = signer or self.signer
            certificates = (signer.certificate, self.csca.certificate) if certificates is None else certificates
            content = self.content() if content is None else content
            options = {"content_type": MASTER_LIST, "bound_content_type": MASTER_LIST} | options
            return make_signed_data(content, signer, certificates=certificates, **options)

        def trust(self):
            return TrustStore.from_certificates([self.csca.certificate])

        def added(self, encoded, signers):
            store, vouchers = signers.extend(TrustStore(()), [("list", encoded)])
            return store, vouchers

    return World()


def roots_of(world):
    return tuple(root.certificate for root in world.roots)


def test_a_list_whose_signer_was_issued_by_a_trusted_csca_counts(world, now):
    store, (voucher,) = world.added(world.signed(), ListSigners(now, trust=world.trust()))
    assert store.anchors == roots_of(world)
    assert voucher.path == (world.signer.certificate, world.csca.certificate)
    assert not store.problems


def test_a_list_without_anybody_who_vouches_adds_nothing_and_is_named(world, now, tmp_path):
    (tmp_path / "own.cer").write_bytes(world.csca.certificate.der)
    (tmp_path / "list.ml").write_bytes(world.signed())
    store = TrustStore.from_folder(tmp_path)
    assert store.anchors == (world.csca.certificate,)
    assert store.problems[0][0] == "list.ml"
    assert "nobody was named" in store.problems[0][1]


def test_the_folders_own_roots_vouch_only_where_that_is_said(world, now, tmp_path):
    (tmp_path / "own.cer").write_bytes(world.csca.certificate.der)
    (tmp_path / "list.ml").write_bytes(world.signed())
    assert len(TrustStore.from_folder(tmp_path, list_signers=ListSigners(now)).anchors) == 1
    assert len(TrustStore.from_folder(tmp_path, list_signers=ListSigners(now, own_roots=True)).anchors) == 3


@pytest.mark.parametrize("form", [lambda raw: raw, bytes.hex, lambda raw: raw.hex(":").upper()])
def test_a_fingerprint_of_the_signer_or_of_its_csca_vouches(world, now, form):
    for certificate in (world.signer.certificate, world.csca.certificate):
        store, _ = world.added(world.signed(), ListSigners(now, [form(certificate.fingerprint)]))
        assert store.anchors == roots_of(world)


def test_a_csca_named_by_fingerprint_may_lie_in_the_list_itself(world, now):
    content = world.content(world.csca.certificate.der)
    encoded = world.signed(content=content, certificates=(world.signer.certificate,))
    store, _ = world.added(encoded, ListSigners(now, [world.csca.certificate.fingerprint]))
    assert len(store.anchors) == 3


def test_a_stranger_with_a_csca_of_his_own_adds_nothing(world, make, now):
    csca = make.csca("CSCA of the list", "DE")
    stranger = make.signer(csca, "Lists", "DE", extra=purpose(MASTER_LIST_SIGNER))
    encoded = world.signed(stranger, certificates=(stranger.certificate, csca.certificate))
    for signers in (ListSigners(now, trust=world.trust()), ListSigners(now, [world.csca.certificate.fingerprint])):
        store, vouchers = world.added(encoded, signers)
        assert store.certificates == vouchers == ()
        assert "not trusted" in store.problems[0][1]


def test_a_document_signer_of_a_trusted_csca_may_not_sign_lists(world, make, now):
    for extra in ((), purpose("2.23.136.1.1.8"), purpose("2.5.29.37.0")):
        signer = make.signer(world.csca, "DS", "DE", extra=extra)
        store, _ = world.added(world.signed(signer), ListSigners(now, trust=world.trust()))
        assert not store.anchors
        assert "not for signing master lists" in store.problems[0][1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"not_after": timedelta(days=-1)}, "expired"),
        ({"not_before": timedelta(days=1)}, "valid only from"),
        ({"usage": frozenset({"crl_sign"})}, "may not sign"),
    ],
)
def test_a_list_signer_must_be_valid_and_may_sign(world, make, now, options, sentence):
    options = {name: now + value if isinstance(value, timedelta) else value for name, value in options.items()}
    signer = make.signer(world.csca, "Lists", "DE", extra=purpose(MASTER_LIST_SIGNER), **options)
    store, _ = world.added(world.signed(signer), ListSigners(now, trust=world.trust()))
    assert not store.anchors
    assert sentence in store.problems[0][1]
    pinned, _ = world.added(world.signed(signer), ListSigners(now, [signer.certificate.fingerprint]))
    assert len(pinned.anchors) == 2


def test_a_revoked_list_signer_adds_nothing(world, make, now):
    crl = make.crl(world.csca, (world.signer.certificate.serial,))
    trust = world.trust().adding(crls=[crl])
    store, _ = world.added(world.signed(), ListSigners(now, trust=trust))
    assert not store.anchors
    assert "revoked" in store.problems[0][1]


def test_a_list_signer_of_another_state_than_its_csca_adds_nothing(world, make, now):
    signer = make.signer(world.csca, "Lists", "AT", extra=purpose(MASTER_LIST_SIGNER))
    assert not world.added(world.signed(signer), ListSigners(now, trust=world.trust()))[0].anchors


def test_a_changed_list_adds_nothing_even_with_a_pinned_signer(world, make, now):
    encoded = world.signed(bound_digest=bytes(32))
    store, _ = world.added(encoded, ListSigners(now, [world.signer.certificate.fingerprint]))
    assert not store.certificates
    assert "signature does not hold" in store.problems[0][1]


def test_a_list_does_not_vouch_for_another(world, make, now, tmp_path):
    second = make.csca("Second", "AT")
    its_signer = make.signer(second, "Lists", "AT", extra=purpose(MASTER_LIST_SIGNER))
    (tmp_path / "1.ml").write_bytes(world.signed(content=world.content(second.certificate.der)))
    more = make.csca("More", "CH").certificate
    listed = b"\x30\x82" + (len(more.der) + 7).to_bytes(2) + b"\x02\x01\x00\x31\x82" + len(more.der).to_bytes(2)
    (tmp_path / "2.ml").write_bytes(
        world.signed(its_signer, content=listed + more.der, certificates=(its_signer.certificate, second.certificate))
    )
    (tmp_path / "own.cer").write_bytes(world.csca.certificate.der)
    store = TrustStore.from_folder(tmp_path, list_signers=ListSigners(now, own_roots=True))
    assert second.certificate in store.anchors
    assert more not in store.anchors
    assert [name for name, _ in store.problems] == ["2.ml"]


def test_only_certificates_of_named_countries_are_taken(world, now):
    signers = ListSigners(now, trust=world.trust(), countries=("vn",))
    assert [root.country for root in world.added(world.signed(), signers)[0].anchors] == ["VN"]


def test_a_damaged_certificate_in_a_list_is_named_and_spoils_nothing(world, now):
    encoded = world.signed(content=world.content(b"\x30\x03\x02\x01\x05"))
    store, _ = world.added(encoded, ListSigners(now, trust=world.trust()))
    assert len(store.anchors) == 2
    assert "certificate 3 of the list" in store.problems[0][1]


def test_a_certificate_that_is_listed_twice_is_there_once(world, now):
    content = world.content(*(root.certificate.der for root in world.roots))
    store, _ = world.added(world.signed(content=content), ListSigners(now, trust=world.trust()))
    assert len(store.certificates) == 2


def test_an_unsigned_list_and_another_signed_message_add_nothing(world, now, tmp_path):
    (tmp_path / "own.cer").write_bytes(world.csca.certificate.der)
    (tmp_path / "bare.ml").write_bytes(world.content())
    sod = world.signed(content_type="2.23.136.1.1.1", bound_content_type="2.23.136.1.1.1")
    (tmp_path / "sod.ml").write_bytes(sod)
    store = TrustStore.from_folder(tmp_path, list_signers=ListSigners(now, own_roots=True))
    assert len(store.anchors) == 1
    assert {name for name, _ in store.problems} == {"bare.ml", "sod.ml"}


def test_a_truncated_list_is_named(world, now):
    encoded = world.signed()
    for length in (20, len(encoded) // 2, len(encoded) - 1):
        store, _ = world.added(encoded[:length], ListSigners(now, trust=world.trust()))
        assert len(store.problems) == 1
        assert not store.certificates


def test_list_signers_are_named_properly(now):
    for wrong in ("", "00", "z" * 64, b"short"):
        with pytest.raises(InvalidInput, match="SHA-256"):
            ListSigners(now, [wrong])
    with pytest.raises(InvalidInput, match="time zone"):
        ListSigners(now.replace(tzinfo=None))


def test_vouching_says_why_not(world, now):
    with pytest.raises(TrustMaterialError, match="not trusted"):
        ListSigners(now).vouch(decode_signed_list(world.signed()))


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"\x30\x05\x02\x01\x00\x31\x01"])
def test_a_content_that_is_no_master_list_is_malformed(content):
    with pytest.raises(MalformedData):
        MasterList.decode(content)


def test_a_list_that_a_deprecated_signature_vouches_for_adds_nothing_unless_its_signer_is_pinned(world, now):
    weak = world.signed(digest="sha1", signature_oid="1.2.840.10045.4.1")
    store, _ = world.added(weak, ListSigners(now, trust=world.trust()))
    assert not store.anchors
    assert "no longer protects" in store.problems[0][1]
    store, _ = world.added(weak, ListSigners(now, fingerprints=[world.signer.certificate.fingerprint]))
    assert store.anchors == roots_of(world)


def test_a_list_signer_whose_certificate_bears_a_deprecated_signature_vouches_for_nothing(world, make, now):
    csca = make.csca("CSCA of the list", "DE", key=ec.generate_private_key(ec.SECP192R1()))
    signer = make.signer(csca, "Lists", "DE", extra=purpose(MASTER_LIST_SIGNER))
    signers = ListSigners(now, trust=TrustStore.from_certificates([csca.certificate]))
    store, _ = world.added(world.signed(signer), signers)
    assert not store.anchors
    assert "its signer's certificate bears" in store.problems[0][1]


@pytest.mark.parametrize("countries", ["VN", ["Vietnam"], [7], [""]])
def test_countries_are_codes_in_a_list(now, countries):
    with pytest.raises(InvalidInput):
        ListSigners(now, countries=countries)
