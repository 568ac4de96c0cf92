"""Images as opaque bytes: their format is told from their first bytes, and nothing here decodes one.

An image decoder is a large attack surface, and no check needs a picture. Whoever shows one hands the bytes to a decoder
of their own, in a place of their own choice.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds.data_objects import MAX_OBJECTS
from verifier.lds.elementary_files import ElementaryFile
from verifier.lds.template import unwrap


class ImageFormat(StrEnum):
    """What the first bytes of an image say that it is."""

    JPEG = "JPEG"
    """ISO/IEC 10918."""
    JP2 = "JPEG 2000"
    """ISO/IEC 15444-1, in its file format."""
    JPEG_2000_CODESTREAM = "JPEG 2000 codestream"
    """ISO/IEC 15444-1, without the file format around it."""
    WSQ = "WSQ"
    """Wavelet scalar quantisation, for fingerprints."""
    UNKNOWN = "unknown"


_STARTS: Final = (
    (bytes.fromhex("FFD8FF"), ImageFormat.JPEG),
    (bytes.fromhex("0000000C6A502020"), ImageFormat.JP2),
    (bytes.fromhex("0000000C6A501A1A"), ImageFormat.JP2),
    (bytes.fromhex("FF4FFF51"), ImageFormat.JPEG_2000_CODESTREAM),
    (bytes.fromhex("FFA0FF"), ImageFormat.WSQ),
)


@dataclass(frozen=True, slots=True)
class OpaqueImage:
    """An image as the card holds it. Its bytes are in no repr, and whether they are an image nobody looked."""

    format: ImageFormat
    data: bytes = field(repr=False)

    @classmethod
    def recognise(cls, data: bytes) -> "OpaqueImage":
        """Return the image with the format that its first bytes tell, ``UNKNOWN`` where they tell none."""
        return cls(format_of(data), data)


def format_of(data: bytes) -> ImageFormat:
    """Return the format that the first bytes tell.

    >>> format_of(bytes.fromhex("FFD8FFE000104A464946")).value
    'JPEG'
    """
    return next((name for start, name in _STARTS if data.startswith(start)), ImageFormat.UNKNOWN)


def displayed_images(file: ElementaryFile, raw: bytes, tag: int) -> tuple[OpaqueImage, ...]:
    """Return the images of DG5 or DG7, which are a count (02) and objects with ``tag``; the count is not believed.

    Raises ``MalformedData`` for another file's bytes and for a file without an image.
    """
    images = []
    for position, element in enumerate(tlv.decode_all(unwrap(file, raw))):
        if position >= MAX_OBJECTS:
            msg = f"{file.name} holds more than {MAX_OBJECTS} data objects"
            raise MalformedData(msg)
        if element.tag == tag:
            images.append(OpaqueImage.recognise(element.value))
    if not images:
        msg = f"{file.name} holds no image"
        raise MalformedData(msg)
    return tuple(images)
