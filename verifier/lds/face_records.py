"""Where the images are in a biometric record of a face: ISO/IEC 19794-5:2005, and ISO/IEC 39794-5:2019 by name.

Only lengths are read here. Records in the field are a few bytes shorter or longer than they claim (by 1 and 8 bytes, as
other readers report of British and New Zealand passports), so a claimed length is cut to what is there.
"""

from enum import StrEnum
from struct import Struct
from typing import Final

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds.images import ImageFormat, OpaqueImage, format_of

MAX_IMAGES: Final = 16
_FACE_RECORD: Final = b"FAC\x00"
_RECORD_HEADER: Final = Struct(">4s4sIH")
_FACE_HEADER: Final = Struct(">IH14x")
_FEATURE_POINT_SIZE: Final = 8
_IMAGE_HEADER_SIZE: Final = 12
_EXTENSIBLE: Final = 0x7F2E
_MAX_STEPS: Final = 2000


class FaceEncoding(StrEnum):
    """How a record is encoded."""

    ISO_19794_5 = "ISO/IEC 19794-5"
    ISO_39794_5 = "ISO/IEC 39794-5"
    UNKNOWN = "unknown"


def faces_of(block: tlv.Tlv) -> tuple[FaceEncoding, tuple[OpaqueImage, ...]]:
    """Return how a biometric data block (5F2E or 7F2E) is encoded, and the images in it.

    Raises ``MalformedData`` where a record breaks its own encoding.
    """
    if block.value.startswith(_FACE_RECORD):
        return FaceEncoding.ISO_19794_5, _faces_of_19794(block.value)
    if block.tag == _EXTENSIBLE:
        return FaceEncoding.ISO_39794_5, _faces_of_39794(block.value)
    return FaceEncoding.UNKNOWN, (OpaqueImage.recognise(block.value),)


def _faces_of_19794(record: bytes) -> tuple[OpaqueImage, ...]:
    """Walk a facial record header of 14 bytes and the facial records after it (ISO/IEC 19794-5:2005, 5)."""
    if len(record) < _RECORD_HEADER.size:
        msg = "a face record ends within its header"
        raise MalformedData(msg)
    _, _, _, count = _RECORD_HEADER.unpack_from(record)
    if not 1 <= count <= MAX_IMAGES:
        msg = f"a face record holds {count} images, not 1 to {MAX_IMAGES}"
        raise MalformedData(msg)
    images: list[OpaqueImage] = []
    position = _RECORD_HEADER.size
    for _ in range(count):
        if position + _FACE_HEADER.size > len(record):
            msg = "a face record ends before its last image"
            raise MalformedData(msg)
        length, points = _FACE_HEADER.unpack_from(record, position)
        start = position + _FACE_HEADER.size + points * _FEATURE_POINT_SIZE + _IMAGE_HEADER_SIZE
        end = len(record) if len(images) == count - 1 else position + length
        if not start < end <= len(record):
            msg = "an image in a face record has no bytes or ends outside the record"
            raise MalformedData(msg)
        images.append(OpaqueImage.recognise(record[start:end]))
        position = end
    return tuple(images)


def _faces_of_39794(encoded: bytes) -> tuple[OpaqueImage, ...]:
    """Return what looks like an image among the primitive members, outermost first: its ASN.1 is extensible."""
    tlv.check_structure(encoded)
    images: list[OpaqueImage] = []
    waiting, steps = [encoded], 0
    while waiting:
        for element in tlv.decode_all(waiting.pop(0)):
            steps += 1
            if steps > _MAX_STEPS or len(images) > MAX_IMAGES:
                msg = "a face record of ISO/IEC 39794-5 has too many members"
                raise MalformedData(msg)
            if element.is_constructed:
                waiting.append(element.value)
            elif format_of(element.value) is not ImageFormat.UNKNOWN:
                images.append(OpaqueImage.recognise(element.value))
    if not images:
        msg = "a face record of ISO/IEC 39794-5 holds no image"
        raise MalformedData(msg)
    return tuple(images)
