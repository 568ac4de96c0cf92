"""DG13 of the Vietnamese citizen card, as it is assumed to be laid out: written here, since no real one is at hand."""

import pytest

from verifier.errors import MalformedData
from verifier.iso7816.tlv import encode
from verifier.reading.profiles.vn_citizen_details import CitizenDetails

FIELDS = {
    1: "000190000001",
    2: "Mẫu Thử Nghiệm Một",
    3: "17/05/1990",
    4: "Nữ",
    5: "Việt Nam",
    6: "Không Có",
    7: "Không",
    8: "Xã Thử, Huyện Mẫu",
    9: "Số 0 Đường Thử",
    10: "Không có thật",
    11: "01/01/2024",
    12: "17/05/2030",
}


def numbered(number: int, *texts: bytes) -> bytes:
    return encode(0x30, encode(0x02, bytes([number])) + b"".join(texts))


def utf8(written: str) -> bytes:
    return encode(0x0C, written.encode())


def dg13(*fields: bytes) -> bytes:
    return encode(0x6D, encode(0x30, b"".join(fields)))


SIMPLE = [numbered(number, utf8(written)) for number, written in FIELDS.items()]
PARENTS = numbered(13, encode(0x30, utf8("Mẫu Thử Cha")), encode(0x30, utf8("Mẫu Thử Mẹ")))


def test_the_fields_are_named_by_their_numbers() -> None:
    details = CitizenDetails.decode(dg13(*SIMPLE, PARENTS, numbered(14, utf8("Mẫu Thử Ai")), numbered(99, utf8("?"))))
    assert (details.citizen_number, details.full_name) == ("000190000001", "Mẫu Thử Nghiệm Một")
    assert (details.date_of_birth, details.sex, details.nationality) == ("17/05/1990", "Nữ", "Việt Nam")
    assert (details.ethnicity, details.religion) == ("Không Có", "Không")
    assert (details.place_of_origin, details.place_of_residence) == ("Xã Thử, Huyện Mẫu", "Số 0 Đường Thử")
    assert details.identifying_features == "Không có thật"
    assert (details.date_of_issue, details.date_of_expiry) == ("01/01/2024", "17/05/2030")
    assert details.parents == ("Mẫu Thử Cha", "Mẫu Thử Mẹ")
    assert (details.spouse, details.former_number) == ("Mẫu Thử Ai", None)
    assert details.fields[99] == ("?",)
    assert repr(details) == "CitizenDetails()"


@pytest.mark.parametrize("number", [15, 16])
def test_the_former_number_is_taken_from_wherever_the_readers_saw_it(number: int) -> None:
    other = numbered(31 - number, utf8("ABC"))
    assert CitizenDetails.decode(dg13(other, numbered(number, utf8("012345678")))).former_number == "012345678"


def test_other_orders_wrappers_and_kinds_of_text_are_read() -> None:
    fields = (numbered(3, encode(0x13, b"17/05/1990")), numbered(2, encode(0x1E, "Mẫu".encode("utf-16-be"))))
    for raw in (encode(0x6D, b"".join(fields)), encode(0x6D, encode(0x31, encode(0xA0, b"".join(fields))))):
        details = CitizenDetails.decode(raw)
        assert (details.full_name, details.date_of_birth, details.sex) == ("Mẫu", "17/05/1990", None)


@pytest.mark.parametrize(
    "raw",
    [
        encode(0x6D, b""),
        encode(0x6D, encode(0x30, utf8("no number"))),
        encode(0x6D, b"\x5c\x05"),
        encode(0x6C, SIMPLE[0]),
        dg13(numbered(1, *[utf8("x")] * 257)),
        encode(0x6D, encode(0x30, numbered(1, utf8("x" * 5000)))),
        encode(0x6D, b"\x30\x80" * 5000),
    ],
)
def test_another_layout_is_malformed_and_nothing_is_guessed(raw: bytes) -> None:
    with pytest.raises(MalformedData):
        CitizenDetails.decode(raw)
