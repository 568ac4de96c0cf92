"""The quick way to find an entry, compared with reading every entry by the book."""

import pytest
from asn1crypto import crl as asn1_crl
from cryptography import x509

from verifier.errors import MalformedData
from verifier.pki.crl import MAX_EXTENSIONS_LENGTH, CertificateRevocationList, RevocationReason
from verifier.pki.revoked_entries import MAX_ODD_LENGTH

CRITICAL_UNKNOWN = bytes.fromhex("300e300c06032a03040101ff04020500")
REASON_KEY = bytes.fromhex("300c300a0603551d1504030a0101")
CERTIFICATE_ISSUER = bytes.fromhex("300e300c0603551d1d0101ff04023000")
UTC, GENERALIZED = b"\x17\x0d260101000000Z", b"\x18\x0f20260101000000Z"


@pytest.fixture
def crl_of(make, tlv_of):
    """Puts entries, as (serial number's bytes, rest), into a list; its signature is not looked at."""
    template = asn1_crl.CertificateList.load(make.crl(make.csca(), ()).der)

    def crl_of(*entries):
        listed = b"".join(tlv_of(0x30, tlv_of(2, serial) + rest) for serial, rest in entries)
        tbs = template["tbs_cert_list"]
        parts = [tbs[name].dump() for name in ("version", "signature", "issuer", "this_update", "next_update")]
        body = tlv_of(0x30, b"".join(parts) + tlv_of(0x30, listed) + tbs["crl_extensions"].dump())
        return tlv_of(0x30, body + template["signature_algorithm"].dump() + template["signature"].dump())

    return crl_of


def decode(der):
    return CertificateRevocationList.decode(der)


def test_entries_of_every_shape_are_found(crl_of):
    serials = [b"\x05", b"\x00\x80", b"\x7f" * 8, b"\x00" + b"\xff" * 20, b"\x01" * 40, b"\x80", b"\xff\x7f"]
    rests = (UTC, GENERALIZED, UTC + REASON_KEY, GENERALIZED + REASON_KEY)
    entries = [(serial, rests[index % 4]) for index, serial in enumerate(serials)]
    found = decode(crl_of(*entries)).revoked
    numbers = [int.from_bytes(serial, signed=True) for serial in serials]
    assert sorted(found) == sorted(numbers)
    assert len(found) == len(numbers)
    for index, number in enumerate(numbers):
        assert number in found
        assert found[number].serial == number
        assert found[number].date.year == 2026
        assert (found[number].reason is RevocationReason.KEY_COMPROMISE) == (index % 4 > 1)
    assert found.get(6) is None
    with pytest.raises(KeyError):
        found[7]


def test_a_number_inside_another_entry_is_no_entry(crl_of):
    found = decode(crl_of((b"\x11\x02\x01\x05\x22", UTC))).revoked
    assert 5 not in found
    assert len(found) == 1


def test_an_entry_that_is_written_with_superfluous_bytes_is_found(crl_of):
    assert 5 in decode(crl_of((b"\x00\x05", UTC))).revoked
    assert -5 in decode(crl_of((b"\xff\xfb", UTC))).revoked


@pytest.mark.parametrize("odd_last", [True, False])
def test_of_two_entries_for_one_number_the_last_counts(crl_of, odd_last):
    plain, odd = (b"\x05", UTC), (b"\x00\x05", UTC + REASON_KEY)
    found = decode(crl_of(*((plain, odd) if odd_last else (odd, plain)))).revoked
    assert len(found) == 1
    assert (found[5].reason is RevocationReason.KEY_COMPROMISE) == odd_last
    twice = decode(crl_of(plain, (b"\x05", UTC + REASON_KEY))).revoked
    assert (len(twice), twice[5].reason) == (1, RevocationReason.KEY_COMPROMISE)


@pytest.mark.parametrize("extensions", [CRITICAL_UNKNOWN, CERTIFICATE_ISSUER])
def test_an_entry_deep_in_a_list_can_make_it_unusable(crl_of, extensions):
    many = [(number.to_bytes(3), UTC) for number in range(0x10000, 0x10400)]
    assert decode(crl_of(*many)).unusable is None
    assert decode(crl_of(*many, (b"\x05", UTC + extensions), *many)).unusable


@pytest.mark.parametrize(
    ("serial", "rest"),
    [
        (b"\x05", b"\x17\x0d261301000000Z"),
        (b"\x05", b"\x17\x0d260230000000Z"),
        (b"\x05", b"\x17\x0d260101240000Z"),
        (b"\x05", b"\x17\x0d2601010000XXZ"),
        (b"\x05", b""),
        (b"", UTC),
        (b"\x05", UTC + b"\x05\x00"),
        (b"\x05", UTC + REASON_KEY + b"\x05\x00"),
    ],
)
def test_an_entry_that_is_none_spoils_the_list_at_once(crl_of, serial, rest):
    good = [(b"\x06", UTC)] * 3
    with pytest.raises(MalformedData):
        decode(crl_of(*good, (serial, rest), *good))


def test_the_last_day_of_february_is_a_day_in_leap_years_only(crl_of):
    assert decode(crl_of((b"\x05", b"\x17\x0d280229000000Z"))).revoked[5].date.day == 29
    with pytest.raises(MalformedData):
        decode(crl_of((b"\x05", b"\x17\x0d260229000000Z")))


def test_the_time_for_entries_of_unusual_form_is_bounded(crl_of):
    """Each is decoded at once; a list of nothing else would cost seconds."""
    odd = b"\x17\x0b2601010000Z"  # without seconds
    length = 2 + 5 + len(odd)
    most = MAX_ODD_LENGTH // length
    plain = [(number.to_bytes(3), UTC) for number in range(0x10000, 0x10400)]
    good = decode(crl_of(*plain, *((number.to_bytes(3), odd) for number in range(0x20000, 0x20000 + most))))
    assert len(good.revoked) == len(plain) + most
    with pytest.raises(MalformedData, match="unusual form"):
        decode(crl_of(*((number.to_bytes(3), odd) for number in range(0x20000, 0x20001 + most))))


def test_one_long_entry_is_refused_unread(crl_of, tlv_of):
    with pytest.raises(MalformedData, match="unusual form"):
        decode(crl_of((b"\x05", UTC + tlv_of(0x30, bytes(MAX_ODD_LENGTH)))))


@pytest.mark.parametrize("room", [0, 1])
def test_the_extensions_of_a_list_are_bounded_too(make, now, room):
    csca = make.csca()
    size = MAX_EXTENSIONS_LENGTH - room * 200
    extra = ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.1"), bytes(size)), False),)
    if room:
        assert make.crl(csca, (5,), extra=extra).revoked[5].serial == 5
        return
    with pytest.raises(MalformedData, match="bytes of extensions"):
        make.crl(csca, (5,), extra=extra)
