"""EF.COM: which files the issuer put on the chip (ICAO 9303-10, 4.6.1). Not signed, so it decides nothing."""

from dataclasses import dataclass

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds.elementary_files import COM, DATA_GROUPS
from verifier.lds.template import unwrap

_LDS_VERSION = 0x5F01
_UNICODE_VERSION = 0x5F36
_TAG_LIST = 0x5C
_NUMBER_OF_TAG = {group.tag: number for number, group in enumerate(DATA_GROUPS, start=1)}


@dataclass(frozen=True, slots=True)
class CommonData:
    """The decoded file."""

    lds_version: str
    """``0107`` for version 1.7."""
    unicode_version: str
    """``040000`` for version 4.0.0."""
    data_groups: tuple[int, ...]
    """Numbers in the order of the tag list; tags of no data group are left out."""

    @classmethod
    def decode(cls, raw: bytes) -> "CommonData":
        """Decode EF.COM; raise ``MalformedData`` for anything else."""
        objects = {element.tag: element.value for element in tlv.decode_all(unwrap(COM, raw))}
        if _TAG_LIST not in objects:
            msg = "EF.COM holds no tag list"
            raise MalformedData(msg)
        numbers = (_NUMBER_OF_TAG.get(tag) for tag in objects[_TAG_LIST])
        return cls(
            lds_version=_digits(objects.get(_LDS_VERSION, b"")),
            unicode_version=_digits(objects.get(_UNICODE_VERSION, b"")),
            data_groups=tuple(number for number in numbers if number is not None),
        )


def _digits(value: bytes) -> str:
    if value and not value.isdigit():
        msg = "a version number in EF.COM is not made of digits"
        raise MalformedData(msg)
    return value.decode("ascii")
