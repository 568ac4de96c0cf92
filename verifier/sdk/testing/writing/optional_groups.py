"""Writing the data groups that not every card has: DG2, 7, 11, 12, 13 and 16 (ICAO 9303-10, 4.7).

All of it is invented. Pictures have the first bytes of a picture and nothing to see. DG13 is a matter of each state:
the layout here, numbered texts as Vietnamese citizen cards are said to have, is an assumption and no specification.
"""

import struct
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from verifier.errors import InvalidInput
from verifier.iso7816.tlv import encode
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.writing.der_writing import integer

_PLACE = "Thành phố Mẫu"
_LOCKED_TAGS: Final = {3: 0x63, 4: 0x76}
_WIDTH, _HEIGHT = 240, 320


class ImageKind(Enum):
    """The two picture formats of DG2 by their number in a face record, and how such a picture begins."""

    JPEG = (0, bytes.fromhex("FFD8FFE000104A46494600010100000100010000"))
    JPEG2000 = (1, bytes.fromhex("0000000C6A5020200D0A870A0000001466747970"))


def write_optional_group(number: int, holder: Person) -> bytes:
    """Return DG2, 7, 11, 12, 13 or 16 about the holder; raise ``InvalidInput`` for another number."""
    writer = _WRITERS.get(number)
    if writer is None:
        msg = f"nothing can be invented for DG{number}"
        raise InvalidInput(msg)
    return writer(holder)


def write_locked_group(number: int) -> bytes:
    """Return a DG3 without a single finger, or a DG4 without an iris (ICAO 9303-10, 4.7.3 and 4.7.4).

    Raises ``InvalidInput`` for another number.
    """
    if number not in _LOCKED_TAGS:
        msg = f"DG{number} is not locked behind Terminal Authentication"
        raise InvalidInput(msg)
    return encode(_LOCKED_TAGS[number], encode(0x7F61, encode(0x02, b"\x00")))


def placeholder_image(kind: ImageKind = ImageKind.JPEG, length: int = 2048) -> bytes:
    """Return bytes that begin, and for JPEG end, like a picture."""
    end = b"\xff\xd9" if kind is ImageKind.JPEG else b""
    filling = bytes(place * 37 % 251 for place in range(length))
    return kind.value[1] + filling + end


def write_dg2(image: bytes, kind: ImageKind = ImageKind.JPEG, *, count: int = 1) -> bytes:
    """DG2: the same face ``count`` times, each in a biometric template (ICAO 9303-10, 4.7.2; ISO/IEC 19785-1)."""
    header = encode(0x80, b"\x01\x01") + encode(0x81, b"\x02") + encode(0x82, b"\x00")
    header += encode(0x87, b"\x01\x01") + encode(0x88, b"\x00\x08")
    template = encode(0x7F60, encode(0xA1, header) + encode(0x5F2E, _face_record(image, kind)))
    return encode(0x75, encode(0x7F61, encode(0x02, bytes([count])) + template * count))


def write_dg7(*images: bytes) -> bytes:
    """DG7: displayed signatures, as bare pictures (ICAO 9303-10, 4.7.7)."""
    return encode(0x67, encode(0x02, bytes([len(images)])) + b"".join(encode(0x5F43, image) for image in images))


def write_dg11(fields: Mapping[int, str | bytes], *, other_names: tuple[str, ...] = ()) -> bytes:
    """DG11: additional personal details by tag, and other names in their own template (ICAO 9303-10, 4.7.11)."""
    return encode(0x6B, _tagged_fields(fields, 0x5F0F, other_names))


def write_dg12(fields: Mapping[int, str | bytes], *, other_persons: tuple[str, ...] = ()) -> bytes:
    """DG12: additional document details by tag, and other persons in their own template (ICAO 9303-10, 4.7.12)."""
    return encode(0x6C, _tagged_fields(fields, 0x5F1A, other_persons))


def write_numbered_dg13(texts: Mapping[int, str]) -> bytes:
    """DG13 as assumed for Vietnamese citizen cards: for each text a SEQUENCE of its number and a UTF8String."""
    fields = (encode(0x30, integer(number) + encode(0x0C, text.encode())) for number, text in sorted(texts.items()))
    return encode(0x6D, encode(0x30, b"".join(fields)))


def write_dg16(people: tuple[tuple[str, str, str, str], ...]) -> bytes:
    """DG16: persons to notify: date recorded (YYYYMMDD), name, telephone, address (ICAO 9303-10, 4.7.16)."""
    templates = b"".join(
        encode(0xA0 | place, b"".join(encode(0x5F50 + at, text.encode()) for at, text in enumerate(person)))
        for place, person in enumerate(people, 1)
    )
    return encode(0x70, encode(0x02, bytes([len(people)])) + templates)


def _tagged_fields(fields: Mapping[int, str | bytes], list_tag: int, names: tuple[str, ...]) -> bytes:
    """Tag list, the fields in its order, and where there are further names their count and each of them."""
    contents = {tag: value.encode() if isinstance(value, str) else value for tag, value in fields.items()}
    tags = [*contents, *([list_tag] if names else ())]
    body = encode(0x5C, b"".join(tag.to_bytes(2) for tag in tags))
    body += b"".join(encode(tag, value) for tag, value in contents.items())
    if names:
        body += encode(0xA0, encode(0x02, bytes([len(names)])) + b"".join(encode(list_tag, n.encode()) for n in names))
    return body


def _face_record(image: bytes, kind: ImageKind) -> bytes:
    """A face image record with one token-less frontal face (ISO/IEC 19794-5, 5.4 to 5.8)."""
    information = struct.pack(">BBHHBBHH", 1, kind.value[0], _WIDTH, _HEIGHT, 1, 2, 0, 0)
    block_length = 20 + len(information) + len(image)
    facial = struct.pack(">IHBBB3sH3s3s", block_length, 0, 0, 0, 0, bytes(3), 0, bytes(3), bytes(3))
    return struct.pack(">4s4sIH", b"FAC\0", b"010\0", 14 + block_length, 1) + facial + information + image


def _dg2(_holder: Person) -> bytes:
    return write_dg2(placeholder_image())


def _dg7(_holder: Person) -> bytes:
    return write_dg7(placeholder_image(length=256))


def _dg11(holder: Person) -> bytes:
    name = f"{holder.surname}<<{holder.given_names.replace(' ', '<')}"
    birth = full_date(holder.date_of_birth)
    fields = {0x5F0E: name, 0x5F10: holder.personal_number, 0x5F2B: birth, 0x5F11: _PLACE, 0x5F42: f"Phố Mẫu<{_PLACE}"}
    return write_dg11(fields, other_names=("MAU<<VAN<THU",))


def _dg12(_holder: Person) -> bytes:
    return write_dg12({0x5F19: "CO QUAN MAU", 0x5F26: "20250101", 0x5F55: "20250101120000", 0x5F56: "SYNTHETIC-1"})


def _dg13(holder: Person) -> bytes:
    birth = full_date(holder.date_of_birth)
    texts = {1: holder.personal_number, 2: holder.display_name, 3: f"{birth[6:]}/{birth[4:6]}/{birth[:4]}"}
    return write_numbered_dg13(texts | {4: "Nữ" if holder.sex == "F" else "Nam", 5: "Việt Nam", 8: _PLACE, 9: _PLACE})


def _dg16(_holder: Person) -> bytes:
    return write_dg16((("20250101", "MAU<<NGUOI<THAN", "+84000000000", _PLACE),))


def full_date(date: str) -> str:
    """Return a date of birth of the MRZ with its century: nobody invented here was born before 1930."""
    return ("20" if date < "30" else "19") + date


_WRITERS: Final[dict[int, Callable[[Person], bytes]]] = {
    2: _dg2,
    7: _dg7,
    11: _dg11,
    12: _dg12,
    13: _dg13,
    16: _dg16,
}
