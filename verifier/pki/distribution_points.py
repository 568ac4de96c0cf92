"""Which certificates a CRL is for, where it names its point of distribution (RFC 5280, 4.2.1.13, 5.2.5, 6.3.3).

A CSCA has one CRL for all (ICAO 9303-12, 7.1.4), and does without. One that signs several, each for a part of its
certificates, says in each which part it is for; to take one for all would show as good what another revokes.
"""

from typing import Final, TypeAlias

from verifier.pki.asn1.der import SEQUENCE, Element, context, read_one
from verifier.pki.names import Name

PointName: TypeAlias = bytes | tuple[tuple[str, str], ...]
"""A general name as encoded, or the attributes of a directory name."""
_WHAT = "distribution points"
_POINT: Final = context(0)
_FULL_NAME, _RELATIVE_NAME = context(0), context(1)
_DIRECTORY_NAME: Final = context(4)


def decode_issuing_point(value: bytes, issuer: Name) -> frozenset[PointName] | None:
    """Return the names of the point in issuingDistributionPoint; ``None`` where it names none.

    ``issuer`` is the CRL's, which a relative name continues. Raises ``MalformedData``.
    """
    return _names(read_one(value, SEQUENCE, _WHAT), issuer)


def decode_points(value: bytes, issuer: Name) -> frozenset[PointName]:
    """Return the names of all points in cRLDistributionPoints. Raises ``MalformedData``."""
    points = read_one(value, SEQUENCE, _WHAT).reader().take_all(SEQUENCE)
    return frozenset(name for point in points for name in _names(point, issuer) or ())


def _names(point: Element, issuer: Name) -> frozenset[PointName] | None:
    wrapper = point.reader().take_if(_POINT)
    if wrapper is None:
        return None
    choice = wrapper.reader().take(_FULL_NAME, _RELATIVE_NAME)
    if choice.tag == _FULL_NAME:
        return frozenset(_general_name(name) for name in choice.reader().take_all())
    relative = Name.decode(_in_sequence(b"\x31" + choice.raw[1:]))
    return frozenset({tuple(sorted((*issuer.attributes, *relative.attributes)))})


def _general_name(name: Element) -> PointName:
    return Name.of(name.reader().take(SEQUENCE)).attributes if name.tag == _DIRECTORY_NAME else name.raw


def _in_sequence(content: bytes) -> bytes:
    length = len(content).to_bytes(4)
    return bytes([SEQUENCE, 0x80 | len(length)]) + length + content
