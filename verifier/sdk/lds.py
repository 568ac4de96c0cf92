"""The door to the files of a card: what each data group says, and whether a name is the one in the MRZ.

A decoder takes the bytes of ``Evidence.files`` and believes them: look at the ``Report`` first, which says whether they
are what the issuer signed. ``DataGroup11.decode(evidence.files["DG11"])`` returns a frozen object or raises
``MalformedData`` (``verifier.sdk.errors``), and nothing else, whatever the bytes are; nothing of a person is in a repr.
Faces, signatures and images of documents stay opaque bytes (``OpaqueImage``): no image is ever decoded here.
ICAO 9303-10, 4.6 and 4.7, tells of the files; 9303-3, 4.6 and 6, of names.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from verifier.lds.atr_info import AtrInfo
from verifier.lds.com import CommonData
from verifier.lds.data_objects import NationalName
from verifier.lds.dg1 import DataGroup1
from verifier.lds.dg2 import DataGroup2, FaceTemplate
from verifier.lds.dg5 import DataGroup5
from verifier.lds.dg7 import DataGroup7
from verifier.lds.dg11 import DataGroup11
from verifier.lds.dg12 import DataGroup12
from verifier.lds.dg13 import DataGroup13
from verifier.lds.dg16 import DataGroup16, PersonToNotify
from verifier.lds.face_records import FaceEncoding
from verifier.lds.images import ImageFormat, OpaqueImage
from verifier.lds.mrz import MachineReadableZone, MrzField
from verifier.lds.mrz_layout import MrzSize
from verifier.lds.names.comparison import NameMatch, NameOrder, compare_names
from verifier.lds.names.transliteration import mrz_letters

if TYPE_CHECKING:
    from verifier.reading.profiles.vn_citizen_details import CitizenDetails

__all__ = [
    "AtrInfo",
    "CitizenDetails",
    "CommonData",
    "DataGroup1",
    "DataGroup2",
    "DataGroup5",
    "DataGroup7",
    "DataGroup11",
    "DataGroup12",
    "DataGroup13",
    "DataGroup16",
    "FaceEncoding",
    "FaceTemplate",
    "ImageFormat",
    "MachineReadableZone",
    "MrzField",
    "MrzSize",
    "NameMatch",
    "NameOrder",
    "NationalName",
    "OpaqueImage",
    "PersonToNotify",
    "compare_names",
    "mrz_letters",
]


if not TYPE_CHECKING:  # to a type checker this would mean that every name exists

    def __getattr__(name: str) -> object:
        """Load what belongs to one profile when somebody asks: profiles take ten times as long as all the files."""
        if name != "CitizenDetails":
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return import_module("verifier.reading.profiles.vn_citizen_details").CitizenDetails

    def __dir__() -> list[str]:
        """List the public names, loaded or not."""
        return sorted({*globals(), *__all__})
