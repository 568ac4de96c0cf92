"""CSCA master lists: what one state believes of all states' roots (ICAO 9303-12, 9).

>>> MasterList.decode(bytes.fromhex("30050201003100")).certificates
()
"""

from dataclasses import dataclass

from verifier.errors import MalformedData
from verifier.pki.asn1.der import INTEGER, SEQUENCE, SET, read_one
from verifier.pki.certificate import Certificate

MAX_CERTIFICATES = 8192
_WHAT = "a master list"


@dataclass(frozen=True, slots=True)
class MasterList:
    """The content of one list (CscaMasterList), which says nothing about who signed it."""

    certificates: tuple[Certificate, ...]
    """Roots and link certificates in the order of the list, each once."""
    problems: tuple[str, ...]
    """A sentence for each certificate that does not decode; the others count all the same."""

    @classmethod
    def decode(cls, content: bytes) -> "MasterList":
        """Decode a CscaMasterList of at most 8192 certificates. Raises ``MalformedData``."""
        reader = read_one(content, SEQUENCE, _WHAT).reader()
        reader.take(INTEGER)
        members = reader.take(SET).reader()
        reader.end()
        certificates: dict[Certificate, None] = {}
        problems: list[str] = []
        for number, element in enumerate(members.take_all(), start=1):
            if number > MAX_CERTIFICATES:
                msg = f"{_WHAT} holds more than {MAX_CERTIFICATES} certificates"
                raise MalformedData(msg)
            try:
                certificates[Certificate.decode(element.raw)] = None
            except MalformedData as error:
                problems.append(f"certificate {number} of the list: {error.sentence}")
        return cls(tuple(certificates), tuple(problems))
