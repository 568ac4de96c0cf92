"""LDSSecurityObject: the hashes that EF.SOD signs (ICAO 9303-10, 4.6.2.3)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.iso7816 import tlv
from verifier.iso7816.object_identifier import decode_object_identifier
from verifier.iso7816.tlv import Tlv

_INTEGER: Final = 0x02
_OCTET_STRING: Final = 0x04
_OBJECT_IDENTIFIER: Final = 0x06
_PRINTABLE_STRING: Final = 0x13
_SEQUENCE: Final = 0x30

HASH_ALGORITHMS: Final = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.4": "sha224",
}
"""Object identifier to the name in ``hashlib`` (ICAO 9303-12, 4.1.6.4; SHA-1 is found in cards still valid)."""


@dataclass(frozen=True, slots=True)
class LdsSecurityObject:
    """The decoded structure, version 0 or 1."""

    hash_algorithm: str
    data_group_hashes: Mapping[int, bytes]
    lds_version: str | None

    @classmethod
    def decode(cls, der: bytes) -> "LdsSecurityObject":
        """Decode the DER.

        Raises ``MalformedData``, or ``UnsupportedFeature`` naming an unknown version or hash algorithm.
        """
        version, algorithm, groups, *rest = _members(tlv.decode_one(der), _SEQUENCE, at_least=3)
        if _integer(version) not in (0, 1):
            msg = f"an LDS security object of version {_integer(version)} is not known"
            raise UnsupportedFeature(msg)
        hash_algorithm = _hash_algorithm(algorithm)
        return cls(
            hash_algorithm=hash_algorithm,
            data_group_hashes=_data_group_hashes(groups, hashlib.new(hash_algorithm).digest_size),
            lds_version=_lds_version(rest[0]) if rest else None,
        )


def _data_group_hashes(groups: Tlv, size: int) -> dict[int, bytes]:
    hashes: dict[int, bytes] = {}
    for group in _members(groups, _SEQUENCE, at_least=1):
        number_object, hash_object = _members(group, _SEQUENCE, at_least=2)[:2]
        number = _integer(number_object)
        if not 1 <= number <= 16:
            msg = f"the security object lists a data group {number}"
            raise MalformedData(msg)
        if number in hashes:
            msg = f"the security object lists data group {number} twice"
            raise MalformedData(msg)
        if hash_object.tag != _OCTET_STRING or len(hash_object.value) != size:
            msg = f"the hash of data group {number} is no octet string of {size} bytes"
            raise MalformedData(msg)
        hashes[number] = hash_object.value
    return hashes


def _hash_algorithm(identifier: Tlv) -> str:
    algorithm = _members(identifier, _SEQUENCE, at_least=1)[0]
    if algorithm.tag != _OBJECT_IDENTIFIER:
        msg = "the security object's hash algorithm is no object identifier"
        raise MalformedData(msg)
    dotted = decode_object_identifier(algorithm.value)
    if dotted not in HASH_ALGORITHMS:
        msg = f"the security object's hash algorithm {dotted} is not known"
        raise UnsupportedFeature(msg)
    return HASH_ALGORITHMS[dotted]


def _lds_version(info: Tlv) -> str:
    version = _members(info, _SEQUENCE, at_least=1)[0]
    if version.tag != _PRINTABLE_STRING or not version.value.isdigit():
        msg = "the LDS version in the security object is not made of digits"
        raise MalformedData(msg)
    return version.value.decode("ascii")


def _members(element: Tlv, tag: int, *, at_least: int) -> list[Tlv]:
    if element.tag != tag:
        msg = f"the LDS security object has tag {element.tag:02X} where {tag:02X} must be"
        raise MalformedData(msg)
    members = list(tlv.decode_all(element.value))
    if len(members) < at_least:
        msg = "the LDS security object lacks a member"
        raise MalformedData(msg)
    return members


def _integer(element: Tlv) -> int:
    if element.tag != _INTEGER or not 1 <= len(element.value) <= 2:
        msg = "the LDS security object has no small integer where one must be"
        raise MalformedData(msg)
    return int.from_bytes(element.value, signed=True)
