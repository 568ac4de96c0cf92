"""Hostile bytes in every decoder of the LDS: a frozen value or a ``VerifierError``, nothing else."""

import string
import struct
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from verifier.errors import MalformedData, UnsupportedFeature, VerifierError
from verifier.iso7816 import tlv
from verifier.lds.atr_info import AtrInfo
from verifier.lds.com import CommonData
from verifier.lds.dg1 import DataGroup1
from verifier.lds.dg2 import DataGroup2
from verifier.lds.dg5 import DataGroup5
from verifier.lds.dg7 import DataGroup7
from verifier.lds.dg11 import DataGroup11
from verifier.lds.dg12 import DataGroup12
from verifier.lds.dg13 import DataGroup13
from verifier.lds.dg14 import DataGroup14
from verifier.lds.dg15 import DataGroup15
from verifier.lds.dg16 import DataGroup16
from verifier.lds.elementary_files import DATA_GROUPS
from verifier.lds.lds_security_object import LdsSecurityObject
from verifier.lds.mrz import MachineReadableZone, check_digit
from verifier.lds.names.comparison import NameMatch, NameOrder, compare_names
from verifier.lds.names.transliteration import mrz_letters
from verifier.lds.security_object import SecurityObject
from verifier.reading.profiles.vn_citizen_details import CitizenDetails
from verifier.sdk.testing import DocumentType, Person, invented_person
from verifier.sdk.testing.writing.mrz import write_mrz
from verifier.sdk.testing.writing.optional_groups import (
    ImageKind,
    placeholder_image,
    write_dg2,
    write_dg11,
    write_numbered_dg13,
    write_optional_group,
)
from verifier.sdk.testing.writing.security_object import write_lds_security_object

MRZ_ALPHABET = string.ascii_uppercase + string.digits + "<"
DECODERS = {
    0x47: AtrInfo.decode,
    0x60: CommonData.decode,
    0x61: DataGroup1.decode,
    0x65: DataGroup5.decode,
    0x67: DataGroup7.decode,
    0x6B: DataGroup11.decode,
    0x6C: DataGroup12.decode,
    0x6D: DataGroup13.decode,
    0x6E: DataGroup14.decode,
    0x6F: DataGroup15.decode,
    0x70: DataGroup16.decode,
    0x75: DataGroup2.decode,
    0x77: SecurityObject.decode,
}
HASHES = write_lds_security_object({1: b"DG1", 14: b"DG14"}, version=1)

PRIMITIVE = [
    0x02,
    0x04,
    0x06,
    0x13,
    0x47,
    0x5C,
    0x80,
    0x87,
    0x5F2E,
    *range(0x5F0E, 0x5F1F),
    0x5F2B,
    0x5F40,
    0x5F43,
    0x5F51,
]

objects = st.recursive(
    st.builds(tlv.encode, st.sampled_from(PRIMITIVE), st.binary(max_size=40)),
    lambda inner: st.builds(
        lambda tag, members: tlv.encode(tag, b"".join(members)),
        st.sampled_from([0x30, 0x31, 0xA0, 0xA1, 0x7F60, 0x7F61, 0x7F2E, 0x7F66, *DECODERS]),
        st.lists(inner, max_size=5),
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(DECODERS)), st.binary(max_size=200) | objects)
@example(0x77, b"\x30\x80" * 5000)
@example(0x6E, b"\x31\x80" * 5000)
@example(0x6F, b"\x30\x84\xff\xff\xff\xff")
def test_no_bytes_make_a_decoder_raise_anything_else(tag: int, content: bytes) -> None:
    for raw in (content, tlv.encode(tag, content)):
        with suppress(VerifierError):
            DECODERS[tag](raw)


@given(st.data())
def test_a_damaged_lds_security_object_is_refused_or_still_sound(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(HASHES) - 1))
    damaged = bytearray(HASHES)
    damaged[position] ^= data.draw(st.integers(1, 255))
    try:
        content = LdsSecurityObject.decode(bytes(damaged))
    except VerifierError:
        return
    assert all(1 <= number <= 16 for number in content.data_group_hashes)
    assert len({len(digest) for digest in content.data_group_hashes.values()}) == 1


@given(st.sampled_from([72, 88, 90]).flatmap(lambda size: st.text(MRZ_ALPHABET, min_size=size, max_size=size)))
def test_any_text_of_the_right_size_and_letters_is_a_zone(text: str) -> None:
    zone = MachineReadableZone.decode(text)

    assert zone.text == text
    assert "<" not in zone.surname + zone.given_names


@given(st.text(max_size=100) | st.binary(max_size=100))
def test_any_other_text_is_malformed(text: str | bytes) -> None:
    with pytest.raises(MalformedData):
        MachineReadableZone.decode(text)


words = st.text(string.ascii_uppercase, min_size=1, max_size=6)
dates = st.builds("{:02}{:02}{:02}".format, st.integers(0, 99), st.integers(1, 12), st.integers(1, 28))


@given(
    names=st.lists(words, min_size=2, max_size=3),
    personal=st.text(string.digits, min_size=12, max_size=12),
    number=st.none() | st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=15),
    birth=dates,
    expiry=dates,
    kind=st.sampled_from([DocumentType.TD1, DocumentType.TD2]),
)
def test_what_the_other_side_wrote_is_read(
    *, names: list[str], personal: str, number: str | None, birth: str, expiry: str, kind: DocumentType
) -> None:
    """The writer is the virtual chip's own; a number longer than the field allows is left to TD1."""
    if kind is DocumentType.TD2 and number is not None and len(number) > 9:
        number = number[:9]
    person = Person(
        display_name=" ".join(names),
        personal_number=personal,
        date_of_birth=birth,
        date_of_expiry=expiry,
        number=number,
    )

    zone = MachineReadableZone.decode(write_mrz(person, kind))

    assert not zone.wrong_check_digits
    assert (zone.surname, zone.given_names) == (person.surname, person.given_names)
    assert zone.document_number == person.document_number
    assert (zone.date_of_birth, zone.date_of_expiry) == (birth, expiry)


@given(st.text(MRZ_ALPHABET, min_size=1, max_size=20), st.data())
def test_a_check_digit_notices_every_single_wrong_digit(text: str, data: st.DataObject) -> None:
    """Weights 7, 3 and 1 have no factor in common with 10; letters alias digits ten apart, which is the standard's."""
    position = data.draw(st.integers(0, len(text) - 1))
    digit = data.draw(st.sampled_from(string.digits))
    changed = text[:position] + digit + text[position + 1 :]
    same = value(text[position]) % 10 == int(digit)

    assert (check_digit(changed) == check_digit(text)) == same


def value(character: str) -> int:
    return 0 if character == "<" else int(character, 36)


texts = st.text(st.characters(exclude_categories=["C", "Z", "M"], exclude_characters="<"), min_size=1, max_size=20).map(
    lambda text: unicodedata.normalize("NFC", text)
)
dates8 = st.dates().map(lambda date: f"{date:%Y%m%d}".zfill(8))


@given(texts, texts, dates8, st.lists(texts, max_size=5), st.lists(texts, max_size=3).map(tuple))
def test_personal_details_that_the_other_side_wrote_are_read(
    surname: str, given: str, birth: str, address: list[str], others: tuple[str, ...]
) -> None:
    fields = {0x5F0E: f"{surname}<<{given}", 0x5F2B: birth, 0x5F42: "<".join(address)}
    details = DataGroup11.decode(write_dg11(fields, other_names=others))
    assert details.full_name is not None
    assert (details.full_name.primary, details.full_name.secondary) == (surname, given)
    assert details.full_date_of_birth == birth
    assert details.address == tuple(address)
    assert tuple(name.primary for name in details.other_names) == others
    packed = DataGroup11.decode(write_dg11({0x5F2B: bytes.fromhex(birth)}))
    assert packed.full_date_of_birth == birth


@given(st.dictionaries(st.integers(1, 120), texts, min_size=1, max_size=20))
def test_numbered_fields_that_the_other_side_wrote_are_read(written: dict[int, str]) -> None:
    details = CitizenDetails.decode(write_numbered_dg13(written))
    assert {number: (text,) for number, text in written.items()} == dict(details.fields)
    assert details.full_name == written.get(2)


@given(st.binary(max_size=300) | objects)
@example(b"\x30\x80" * 5000)
def test_no_other_layout_makes_the_citizen_details_raise_anything_else(content: bytes) -> None:
    with suppress(VerifierError):
        CitizenDetails.decode(tlv.encode(0x6D, content))


@pytest.mark.parametrize("number", [2, 7, 11, 12, 13, 16])
def test_every_group_that_can_be_invented_is_read(number: int) -> None:
    DECODERS[DATA_GROUPS[number - 1].tag or 0](write_optional_group(number, invented_person(7)))


@given(st.integers(1, 9), st.sampled_from(ImageKind), st.integers(0, 300))
def test_faces_that_the_other_side_wrote_are_found(count: int, kind: ImageKind, length: int) -> None:
    image = placeholder_image(kind, length)
    images = DataGroup2.decode(write_dg2(image, kind, count=count)).images
    assert [found.data for found in images] == [image] * count
    assert {found.format.value for found in images} == {"JPEG" if kind is ImageKind.JPEG else "JPEG 2000"}


face_headers = st.builds(
    lambda count, length, points, rest: b"FAC\0010\0" + struct.pack(">IHIH", 0, count, length, points) + rest,
    st.integers(0, 20),
    st.integers(0, 300),
    st.integers(0, 40) | st.just(0xFFFF),
    st.binary(max_size=300),
)


@given(face_headers, st.sampled_from([0x5F2E, 0x7F2E]))
def test_no_face_record_gives_more_than_its_own_bytes(record: bytes, tag: int) -> None:
    raw = tlv.encode(0x75, tlv.encode(0x7F61, tlv.encode(0x7F60, tlv.encode(tag, record))))
    with suppress(MalformedData):
        images = DataGroup2.decode(raw).images
        assert 1 <= len(images) <= 16
        assert all(image.data and image.data in record for image in images)


@given(st.text(max_size=40))
def test_a_name_in_the_letters_of_an_mrz_is_the_same_name(name: str) -> None:
    try:
        letters = mrz_letters(name)
    except UnsupportedFeature:
        return
    assert set(letters) <= set(string.ascii_uppercase + string.digits + " ")
    words = letters.split()
    if not words or len(letters) > 37:
        return
    field = "<<".join(["<".join(words[:1]), "<".join(words[1:])]).strip("<").ljust(39, "<")
    zone = MachineReadableZone.decode("P<UTO" + field + "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    assert compare_names(name.replace(",", " "), zone) is NameMatch.SAME


@given(st.text(max_size=60), st.text(MRZ_ALPHABET, min_size=30, max_size=30))
def test_comparing_any_name_with_any_zone_is_decided(name: str, field: str) -> None:
    zone = MachineReadableZone.decode("IDUTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6" + field)
    for order in NameOrder:
        assert compare_names(name, zone, order=order) in NameMatch


@pytest.mark.timeout(10)
@pytest.mark.parametrize("tag", DECODERS)
def test_a_megabyte_of_empty_objects_is_decided_quickly(tag: int) -> None:
    for inner in (0x30, 0x31):
        with suppress(VerifierError):
            DECODERS[tag](tlv.encode(tag, tlv.encode(inner, b"\x05\x00" * 500_000)))
