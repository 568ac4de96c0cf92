"""Unit LDS_C: the face in DG2. Images are opaque here: their templates are walked, their records only for lengths."""

import struct
from collections.abc import Callable, Iterator
from functools import partial

from conformance_suites.tr03105.case import FAILURE, SUCCESS, Case, Seen
from conformance_suites.tr03105.files import resigned
from conformance_suites.tr03105.world import BAC, World
from conformance_suites.tr03105.writing import edited, put, removed, valued, with_length
from verifier.iso7816 import tlv
from verifier.sdk.testing.writing.optional_groups import ImageKind, placeholder_image, write_dg2

_COUNT, _HEADER, _BLOCK = (0, 0), (0, 1, 0), (0, 1, 1)
_TYPE, _OWNER, _FORMAT = (*_HEADER, 1), (*_HEADER, 3), (*_HEADER, 4)
_NO_HEADER_DECIDES = (
    "what a biometric header says of its record decides nothing: the record's own first bytes tell what it is, and the "
    "image is handed on as it stands"
)
_PROFILE = (
    "they belong to the optional profile ISO19794-5, which is not claimed: faces are handed on and not looked into"
)
_OF_THE_PROFILE = {
    14: "another format identifier",
    15: "another version number",
    16: "record length that leaves out the feature points",
    17: "an unknown gender",
    18: "an unknown eye colour",
    19: "an unknown hair colour",
    20: "impossible pose angle, yaw",
    21: "impossible pose angle, pitch",
    22: "impossible pose angle, roll",
    23: "impossible pose uncertainty, yaw",
    24: "impossible pose uncertainty, pitch",
    25: "impossible pose uncertainty, roll",
    26: "an unknown face image type",
    27: "an unknown image data type",
}
_RECORD_HEADER, _FACE_HEADER = 14, 20


def dg2_cases() -> Iterator[Case]:
    """Yield LDS_C."""
    yield Case("LDS_C_01", "a JPEG 2000 image", SUCCESS, partial(_image, ImageKind.JPEG2000))
    yield Case("LDS_C_02", "a JPEG image", SUCCESS, partial(_image, ImageKind.JPEG))
    yield Case("LDS_C_03", "a JPEG 2000 image with feature points", SUCCESS, _feature_points)
    failing: dict[int, tuple[str, Callable[[bytes], bytes]]] = {
        4: ("tag 76 instead of 75", lambda dg2: b"\x76" + dg2[1:]),
        5: ("outermost length too small", lambda dg2: with_length(dg2, -1)),
        6: ("outermost length too big", lambda dg2: with_length(dg2, 1)),
        28: ("no image", lambda dg2: edited(dg2, _BLOCK, removed)),
    }
    for number, (about, spoil) in failing.items():
        yield Case(f"LDS_C_{number:02}", about, FAILURE, partial(_spoilt, spoil))
    borne: dict[int, tuple[str, Callable[[bytes], bytes]]] = {
        7: ("no number of instances", lambda dg2: edited(dg2, _COUNT, removed)),
        8: ("a format owner that is not allowed", lambda dg2: edited(dg2, _OWNER, valued(b"\xff\xff"))),
        9: ("no format owner", lambda dg2: edited(dg2, _OWNER, removed)),
        10: ("a format type that is not allowed", lambda dg2: edited(dg2, _FORMAT, valued(b"\xff\xff"))),
        11: ("no format type", lambda dg2: edited(dg2, _FORMAT, removed)),
        13: ("another biometric type", lambda dg2: edited(dg2, _TYPE, valued(b"\x08"))),
    }
    for number, (about, spoil) in borne.items():
        yield Case(f"LDS_C_{number:02}", about, FAILURE, partial(_spoilt, spoil), deviating=_NO_HEADER_DECIDES)
    deprecated = partial(edited, path=_TYPE, change=put(tlv.encode(0x81, b"\x00\x02")))
    yield Case("LDS_C_12", "a deprecated biometric type", None, partial(_spoilt, deprecated))
    for number, about in _OF_THE_PROFILE.items():
        yield Case(f"LDS_C_{number:02}", about, FAILURE, excluded=_PROFILE)


def _spoilt(spoil: Callable[[bytes], bytes], world: World) -> Seen:
    data = world.data(BAC)
    return world.inspect(world.chip(resigned(world, "DG2", spoil(data.files["DG2"]), data)))


def _image(kind: ImageKind, world: World) -> Seen:
    return world.inspect(world.chip(resigned(world, "DG2", write_dg2(placeholder_image(kind), kind))))


def _feature_points(world: World) -> Seen:
    """Two points of eight bytes between the facial header and the image, counted and measured."""

    def add(block: bytes) -> bytes:
        record, points = tlv.decode_one(block).value, bytes(16)
        head, rest = record[:_RECORD_HEADER], record[_RECORD_HEADER:]
        length, _ = struct.unpack_from(">IH", rest)
        face = struct.pack(">IH", length + len(points), 2) + rest[6:_FACE_HEADER] + points + rest[_FACE_HEADER:]
        whole = head[:8] + struct.pack(">I", len(record) + len(points)) + head[12:] + face
        return tlv.encode(0x5F2E, whole)

    kind = ImageKind.JPEG2000
    spoilt = edited(write_dg2(placeholder_image(kind), kind), _BLOCK, add)
    return world.inspect(world.chip(resigned(world, "DG2", spoilt)))
