"""DG2, DG5, DG7, DG11, DG12, DG13, DG16 and EF.ATR/INFO: as the standard has them, and as real cards do."""

import struct
from collections.abc import Callable

import pytest

from verifier.errors import MalformedData
from verifier.iso7816.tlv import encode
from verifier.lds.atr_info import AtrInfo
from verifier.lds.dg2 import DataGroup2
from verifier.lds.dg5 import DataGroup5
from verifier.lds.dg7 import DataGroup7
from verifier.lds.dg11 import DataGroup11
from verifier.lds.dg12 import DataGroup12
from verifier.lds.dg13 import DataGroup13
from verifier.lds.dg16 import DataGroup16
from verifier.lds.face_records import FaceEncoding
from verifier.lds.images import ImageFormat, format_of

JPEG = bytes.fromhex("FFD8FFE000104A46494600") + b"no picture"
JP2 = bytes.fromhex("0000000C6A5020200D0A870A") + b"no picture"


def objects(*pairs: tuple[int, bytes | str]) -> bytes:
    return b"".join(encode(tag, value.encode() if isinstance(value, str) else value) for tag, value in pairs)


# --- DG2 ----------------------------------------------------------------------------------------------------------


def face_record(*images: bytes, points: int = 2, lie: int = 0) -> bytes:
    """Write a record of ISO/IEC 19794-5; ``lie`` is added to the lengths that it claims."""
    faces = b"".join(
        struct.pack(">IH14x", 32 + 8 * points + len(image) + lie, points) + bytes(8 * points + 12) + image
        for image in images
    )
    return struct.pack(">4s4sIH", b"FAC\x00", b"010\x00", 14 + len(faces) + lie, len(images)) + faces


def biometric(block: bytes, tag: int = 0x5F2E, owner: int = 0x0101, kind: int = 8) -> bytes:
    header = objects((0x81, b"\x02"), (0x87, owner.to_bytes(2)), (0x88, kind.to_bytes(2)))
    return encode(0x7F60, encode(0xA1, header) + encode(tag, block))


def dg2(*templates: bytes, count: bytes | None = None) -> bytes:
    told = bytes([len(templates)]) if count is None else count
    return encode(0x75, encode(0x7F61, encode(0x02, told) + b"".join(templates)))


def test_a_face_is_found_and_not_looked_at() -> None:
    (template,) = DataGroup2.decode(dg2(biometric(face_record(JPEG)))).templates
    assert (template.encoding, template.format_owner, template.format_type) == (FaceEncoding.ISO_19794_5, 0x0101, 8)
    (image,) = template.images
    assert (image.format, image.data) == (ImageFormat.JPEG, JPEG)


def test_several_faces_and_several_templates_are_found_in_their_order() -> None:
    decoded = DataGroup2.decode(dg2(biometric(face_record(JPEG, JP2, points=0)), biometric(face_record(JP2))))
    assert [image.format for image in decoded.images] == [ImageFormat.JPEG, ImageFormat.JP2, ImageFormat.JP2]


@pytest.mark.parametrize("lie", [-8, -1, 1])
def test_a_record_that_is_some_bytes_wrong_about_its_length_is_read(lie: int) -> None:
    assert DataGroup2.decode(dg2(biometric(face_record(JPEG, lie=lie)))).images[0].data == JPEG


def test_the_new_encoding_is_called_by_its_name_and_its_image_found() -> None:
    image = encode(0x80, JP2)
    representation = encode(0x30, encode(0x80, b"\x00") + encode(0xA1, encode(0xA0, encode(0xA0, image))))
    block = encode(0xA1, encode(0xA0, objects((0x80, b"\x03"), (0x81, b"\x07\xe3"))) + encode(0xA1, representation))
    (template,) = DataGroup2.decode(dg2(biometric(block, tag=0x7F2E, kind=0x2A))).templates
    assert (template.encoding, template.format_type) == (FaceEncoding.ISO_39794_5, 0x2A)
    assert [found.data for found in template.images] == [JP2]


def test_a_record_of_another_kind_keeps_its_bytes() -> None:
    (template,) = DataGroup2.decode(dg2(biometric(JPEG))).templates
    assert (template.encoding, template.images[0].format) == (FaceEncoding.UNKNOWN, ImageFormat.JPEG)


def test_the_count_of_templates_is_not_believed() -> None:
    assert len(DataGroup2.decode(dg2(biometric(face_record(JPEG)), count=b"\x07")).images) == 1
    assert DataGroup2.decode(dg2(count=b"\x00")).templates == ()


@pytest.mark.parametrize(
    "raw",
    [
        dg2(count=b"\x01"),
        dg2(encode(0x7F60, encode(0xA1, b""))),
        dg2(biometric(b"FAC\x00010\x00")),
        dg2(biometric(face_record())),
        dg2(biometric(face_record(*[JPEG] * 17))),
        dg2(biometric(face_record(JPEG)[:40])),
        dg2(biometric(face_record(JPEG, points=60_000)[:400])),
        dg2(biometric(face_record(JPEG, JPEG, lie=-60))),
        dg2(biometric(encode(0xA1, encode(0x80, b"none")), tag=0x7F2E)),
        dg2(*[biometric(face_record(JPEG))] * 10),
        encode(0x75, encode(0x5F2E, JPEG)),
        encode(0x61, b""),
    ],
)
def test_what_is_no_dg2_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedData):
        DataGroup2.decode(raw)


# --- images -------------------------------------------------------------------------------------------------------


def test_the_format_of_an_image_is_told_by_its_first_bytes() -> None:
    starts = {"FFD8FFDB": "JPEG", "0000000C6A502020": "JPEG 2000", "FF4FFF51": "JPEG 2000 codestream"}
    starts |= {"FFA0FFA4": "WSQ", "89504E47": "unknown", "": "unknown"}
    assert {start: format_of(bytes.fromhex(start)).value for start in starts} == starts


@pytest.mark.parametrize(
    ("decode", "file", "tag"), [(DataGroup5.decode, 0x65, 0x5F40), (DataGroup7.decode, 0x67, 0x5F43)]
)
def test_displayed_images_are_found_in_any_number(decode: Callable[[bytes], object], file: int, tag: int) -> None:
    decoded = decode(encode(file, objects((0x02, b"\x01"), (tag, JPEG), (tag, JP2))))
    images = getattr(decoded, "portraits" if file == 0x65 else "signatures")
    assert [image.format for image in images] == [ImageFormat.JPEG, ImageFormat.JP2]
    for broken in (encode(file, encode(0x02, b"\x01")), encode(0x61, b""), encode(file, objects((2, b"")) * 300)):
        with pytest.raises(MalformedData):
            decode(broken)


# --- DG11 ---------------------------------------------------------------------------------------------------------

PERSON = objects(
    (0x5C, bytes.fromhex("5F0E5F0F5F105F2B5F115F425F125F135F145F155F165F175F18")),
    (0x5F0E, "MẪU<<THỬ<NGHIỆM"),
    (0xA0, objects((0x02, b"\x02"), (0x5F0F, "THỬ<<MỘT"), (0x5F0F, "THỬ<<HAI"))),
    (0x5F10, "000190000001"),
    (0x5F2B, "19900517"),
    (0x5F11, "XÃ THỬ<HUYỆN MẪU<KHÔNG CÓ"),
    (0x5F42, "SỐ 0<ĐƯỜNG THỬ<<KHÔNG CÓ"),
    (0x5F12, "+84 0"),
    (0x5F13, "NGƯỜI THỬ"),
    (0x5F14, "ÔNG"),
    (0x5F15, "KHÔNG CÓ THẬT"),
    (0x5F16, JPEG),
    (0x5F17, "X0000001<X0000002"),
    (0x5F18, "KHÔNG"),
)


def test_every_personal_detail_is_read() -> None:
    details = DataGroup11.decode(encode(0x6B, PERSON))
    assert details.full_name is not None
    assert details.full_name.original == "MẪU<<THỬ<NGHIỆM"
    assert (details.full_name.primary, details.full_name.secondary) == ("MẪU", "THỬ NGHIỆM")
    assert [name.secondary for name in details.other_names] == ["MỘT", "HAI"]
    assert (details.personal_number, details.full_date_of_birth) == ("000190000001", "19900517")
    assert details.place_of_birth == ("XÃ THỬ", "HUYỆN MẪU", "KHÔNG CÓ")
    assert details.address == ("SỐ 0", "ĐƯỜNG THỬ", "KHÔNG CÓ")
    assert (details.telephone, details.profession, details.title) == ("+84 0", "NGƯỜI THỬ", "ÔNG")
    assert details.proof_of_citizenship is not None
    assert details.proof_of_citizenship.format is ImageFormat.JPEG
    assert details.other_documents == ("X0000001", "X0000002")
    assert (details.personal_summary, details.custody_information) == ("KHÔNG CÓ THẬT", "KHÔNG")


def test_nothing_of_a_person_is_in_a_repr() -> None:
    shown = repr(DataGroup11.decode(encode(0x6B, PERSON)))
    assert shown == "DataGroup11()"


def test_neither_a_tag_list_nor_an_order_is_needed() -> None:
    details = DataGroup11.decode(encode(0x6B, objects((0x5F10, "1"), (0x5F2B, "19900000"), (0x5F0E, "MẪU"))))
    assert details.full_name is not None
    assert (details.full_name.primary, details.full_name.secondary) == ("MẪU", "")
    assert (details.personal_number, details.full_date_of_birth) == ("1", "19900000")
    assert DataGroup11.decode(encode(0x6B, b"")) == DataGroup11()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"19900517", "19900517"),
        (bytes.fromhex("19900517"), "19900517"),
        (b"1990<<<<", "19900000"),
        (b"        ", "00000000"),
        (b"", None),
    ],
)
def test_dates_are_read_as_text_and_as_decimals(written: bytes, read: str | None) -> None:
    assert DataGroup11.decode(encode(0x6B, encode(0x5F2B, written))).full_date_of_birth == read


@pytest.mark.parametrize(
    "written", [b"17-05-90", b"199005171", bytes.fromhex("1990051A"), "1990051٧".encode(), b"\x01"]
)
def test_a_date_that_is_none_is_malformed(written: bytes) -> None:
    with pytest.raises(MalformedData):
        DataGroup11.decode(encode(0x6B, encode(0x5F2B, written)))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Đỗ".encode(), "Đỗ"),
        ("Đỗ".encode("utf-16"), "Đỗ"),
        ("M\xfcller".encode("latin-1"), "Müller"),
        (b"Mu\xcc\x88ller \x00", "Müller"),
        (b"a\x1b[2Jb\x85c", "a\ufffd[2Jb\x85c".replace("\x85", "\ufffd")),
    ],
)
def test_texts_are_read_in_the_encodings_of_real_cards_and_without_commands_to_a_terminal(
    written: bytes, read: str
) -> None:
    assert DataGroup11.decode(encode(0x6B, encode(0x5F13, written))).profession == read


def test_other_names_beside_their_list_are_found_and_their_count_not_believed() -> None:
    beside = objects((0x5F0F, "A<<B"), (0x5F0F, "C<<D"))
    inside = encode(0xA0, objects((0x02, b"\x63"), (0x5F0F, "E<<F")))
    names = DataGroup11.decode(encode(0x6B, beside + inside)).other_names
    assert [name.primary for name in names] == ["A", "C", "E"]


@pytest.mark.parametrize(
    "content", [encode(0x5F13, b"x" * 4097), encode(0x5F13, b"x") * 257, encode(0xA0, b"\x5f\x0f\x05")]
)
def test_what_has_no_bounds_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedData):
        DataGroup11.decode(encode(0x6B, content))


# --- DG12, DG13, DG16 ---------------------------------------------------------------------------------------------


def test_every_detail_of_the_document_is_read() -> None:
    details = DataGroup12.decode(
        encode(
            0x6C,
            objects(
                (0x5F26, bytes.fromhex("20240229")),
                (0x5F19, "CƠ QUAN THỬ"),
                (0xA0, objects((0x02, b"\x01"), (0x5F1A, "MẪU<<THỬ"))),
                (0x5F1B, "KHÔNG"),
                (0x5F1C, "NONE"),
                (0x5F1D, JPEG),
                (0x5F1E, JP2),
                (0x5F55, "20240229103000"),
                (0x5F56, "SYSTEM 0"),
            ),
        )
    )
    assert (details.issuing_authority, details.date_of_issue) == ("CƠ QUAN THỬ", "20240229")
    assert [person.secondary for person in details.other_persons] == ["THỬ"]
    assert (details.endorsements, details.tax_or_exit_requirements) == ("KHÔNG", "NONE")
    assert details.image_of_front is not None
    assert details.image_of_rear is not None
    assert (details.image_of_front.format, details.image_of_rear.format) == (ImageFormat.JPEG, ImageFormat.JP2)
    assert (details.personalised_at, details.personalisation_system) == ("20240229103000", "SYSTEM 0")
    assert repr(details) == "DataGroup12()"
    packed = DataGroup12.decode(encode(0x6C, encode(0x5F55, bytes.fromhex("20240229103000"))))
    assert packed.personalised_at == "20240229103000"


def test_optional_details_are_kept_as_they_are() -> None:
    decoded = DataGroup13.decode(encode(0x6D, b"\x30\x80whatever"))
    assert decoded.content == b"\x30\x80whatever"
    assert "whatever" not in repr(decoded)
    with pytest.raises(MalformedData):
        DataGroup13.decode(encode(0x6C, b""))


@pytest.mark.parametrize("first", [0xA0, 0xA1])
def test_persons_to_notify_are_read_in_the_order_of_their_tags(first: int) -> None:
    person = objects((0x5F50, "20240229"), (0x5F51, "MẪU<<THỬ"), (0x5F52, "+84 0"), (0x5F53, "SỐ 0<ĐƯỜNG THỬ"))
    raw = encode(0x70, encode(first + 1, encode(0x5F51, b"B")) + encode(0x02, b"\x02") + encode(first, person))
    one, two = DataGroup16.decode(raw).persons
    assert one.name is not None
    assert (one.name.primary, one.telephone, one.date_recorded) == ("MẪU", "+84 0", "20240229")
    assert one.address == ("SỐ 0", "ĐƯỜNG THỬ")
    assert two.name is not None
    assert (two.name.primary, two.telephone) == ("B", None)
    assert repr(one) == "PersonToNotify()"


# --- EF.ATR/INFO --------------------------------------------------------------------------------------------------


def test_what_a_card_can_carry_is_read() -> None:
    limits = objects((0x02, (1000).to_bytes(2)), (0x02, (33_000).to_bytes(3)))
    info = AtrInfo.decode(objects((0x43, b"\x01"), (0x47, b"\x84\x01\xe0"), (0x7F66, limits)))
    assert info == AtrInfo(True, True, True, max_command=1000, max_response=33_000)


@pytest.mark.parametrize(
    ("raw", "info"),
    [
        (b"", AtrInfo()),
        (b"\x00" * 8, AtrInfo()),
        (encode(0x47, b"\x80\x01\x80") + b"\xff" * 30, AtrInfo(False, False, True)),
        (encode(0x47, b"\x04"), AtrInfo(None, True, None)),
        (encode(0x7F66, encode(0x02, b"\x04\x00")) + b"\x00\x00", AtrInfo(max_command=1024)),
    ],
)
def test_what_a_card_does_not_tell_is_not_known(raw: bytes, info: AtrInfo) -> None:
    assert AtrInfo.decode(raw) == info


@pytest.mark.parametrize("raw", [b"\x47\x05\x00", b"\x7f\x66\x03\x02\x05\x00", b"\x47\x80\x00\x00"])
def test_what_is_no_list_of_objects_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedData):
        AtrInfo.decode(raw)
