"""Names that mean the same are equal, however they are written (RFC 4518; RFC 4514, 2.4; RFC 5280, 7.1)."""

import pytest
from asn1crypto import core, x509

from verifier.errors import MalformedData
from verifier.iso7816.tlv import encode
from verifier.pki.names import Name


def name(text: str, kind=core.UTF8String, *, first: bool = True) -> Name:
    attributes = [
        x509.NameTypeAndValue({"type": "country_name", "value": x509.DirectoryString("printable_string", "UT")}),
        x509.NameTypeAndValue({"type": "common_name", "value": x509.DirectoryString(_CHOICE[kind], text)}),
    ]
    relative = [x509.RelativeDistinguishedName([one]) for one in (attributes if first else attributes[::-1])]
    return Name.decode(x509.RDNSequence(relative).dump())


_CHOICE = {core.UTF8String: "utf8_string", core.PrintableString: "printable_string", core.BMPString: "bmp_string"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CSCA Utopia", "csca utopia"),
        ("CSCA Utopia", " CSCA   Utopia "),
        ("CSCA Utopia", "CSCA\u00a0Utopia"),
        ("CSCA, Utopia", "CSCA\\, Utopia"),
        ("CSCA, Utopia", "CSCA\\2C Utopia"),
        ("Autorité", "Autorit\\C3\\A9"),
        ("Autorité", "Autorite\u0301"),
        ("Straße", "STRASSE"),
        ("Cooperation", "Co\u00adoperation"),
        ("CSCA", "CS\u200bCA\ufeff"),
        ("a\\b", "A\\B"),
    ],
)
def test_spellings_of_one_name_are_equal(one, other):
    assert name(one) == name(other)
    assert hash(name(one)) == hash(name(other))


@pytest.mark.parametrize(("one", "other"), [("CSCA 1", "CSCA 2"), ("CSCA", "CS CA"), ("\\FF", "\\FE"), ("A,B", "A B")])
def test_other_names_are_not(one, other):
    assert name(one) != name(other)


def test_the_type_of_string_and_the_order_do_not_matter():
    assert name("CSCA", core.UTF8String) == name("CSCA", core.PrintableString) == name("CSCA", core.BMPString)
    assert name("CSCA") == name("CSCA", first=False)


def test_the_order_inside_one_relative_name_does_not_matter():
    def joined(*kinds):
        parts = {"country_name": "UT", "common_name": "CSCA"}
        one = [
            x509.NameTypeAndValue({"type": kind, "value": x509.DirectoryString("utf8_string", parts[kind])})
            for kind in kinds
        ]
        content = b"".join(attribute.dump() for attribute in one)
        inner = bytes([0x31, len(content)]) + content
        return Name.decode(bytes([0x30, len(inner)]) + inner)

    assert joined("country_name", "common_name") == joined("common_name", "country_name") == name("CSCA")


def test_marks_without_end_on_one_letter_are_refused_at_once():
    marks = ("\u0316\u0300" * 500_000).encode()
    attribute = encode(0x30, encode(0x06, b"\x55\x04\x03") + encode(0x0C, marks))
    with pytest.raises(MalformedData, match="4096"):
        Name.decode(encode(0x30, encode(0x31, attribute)))
