"""DG2: the holder's face, as opaque images in biometric records (ICAO 9303-10, 4.7.2; ISO/IEC 7816-11)."""

from dataclasses import dataclass, field
from typing import Final

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds.elementary_files import DG2
from verifier.lds.face_records import FaceEncoding, faces_of
from verifier.lds.images import OpaqueImage
from verifier.lds.template import unwrap

_GROUP: Final = 0x7F61
_TEMPLATE: Final = 0x7F60
_HEADER: Final = 0xA1
_FORMAT_OWNER: Final = 0x87
_FORMAT_TYPE: Final = 0x88
_DATA_BLOCKS: Final = frozenset({0x5F2E, 0x7F2E})
MAX_TEMPLATES: Final = 9


@dataclass(frozen=True, slots=True)
class FaceTemplate:
    """One biometric information template: the record's encoding, and the images in it, none of them decoded."""

    encoding: FaceEncoding
    images: tuple[OpaqueImage, ...] = field(repr=False)
    format_owner: int | None = None
    """CBEFF: 0x0101 is ISO/IEC JTC 1/SC 37."""
    format_type: int | None = None
    """CBEFF: 0x0008 is ISO/IEC 19794-5, 0x002A is ISO/IEC 39794-5."""


@dataclass(frozen=True, slots=True)
class DataGroup2:
    """The decoded file: the most recent template first. Empty where the issuer stored none (count 00)."""

    templates: tuple[FaceTemplate, ...]

    @property
    def images(self) -> tuple[OpaqueImage, ...]:
        """Every image of every template, in their order."""
        return tuple(image for template in self.templates for image in template.images)

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup2":
        """Decode tag 75 with one 7F61 of 0 to 9 templates 7F60; the count (02) is not believed.

        A record of a kind that is not known keeps its bytes as one image of whatever format they show. Raises
        ``MalformedData`` for anything else, so for a template without a data block.
        """
        group = tlv.decode_first(unwrap(DG2, raw))
        if group.tag != _GROUP:
            msg = "DG2 holds no biometric information group template (tag 7F61)"
            raise MalformedData(msg)
        objects = list(tlv.decode_all(group.value))
        templates = [element.value for element in objects if element.tag == _TEMPLATE]
        if len(templates) > MAX_TEMPLATES:
            msg = f"DG2 holds more than {MAX_TEMPLATES} faces"
            raise MalformedData(msg)
        if not templates and not any(element.value == b"\x00" for element in objects):
            msg = "DG2 holds no biometric information template (tag 7F60)"
            raise MalformedData(msg)
        return cls(tuple(_template(template) for template in templates))


def _template(content: bytes) -> FaceTemplate:
    header: dict[int, bytes] = {}
    block: tlv.Tlv | None = None
    for element in tlv.decode_all(content):
        if element.tag == _HEADER:
            header = _header(element.value)
        elif element.tag in _DATA_BLOCKS and block is None:
            block = element
    if block is None:
        msg = "a biometric information template in DG2 holds no data block (tag 5F2E or 7F2E)"
        raise MalformedData(msg)
    encoding, images = faces_of(block)
    return FaceTemplate(encoding, images, _number(header.get(_FORMAT_OWNER)), _number(header.get(_FORMAT_TYPE)))


def _number(value: bytes | None) -> int | None:
    return int.from_bytes(value) if value and len(value) <= 2 else None


def _header(content: bytes) -> dict[int, bytes]:
    """Return the biometric header's objects; none where it is no list of objects, since no image depends on it."""
    try:
        return {member.tag: member.value for member in tlv.decode_all(content)}
    except MalformedData:
        return {}
