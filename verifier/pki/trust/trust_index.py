"""A trust store in one piece of bytes, from which certificates are decoded only when somebody asks for them.

    magic (16)  length of head (4)  head (JSON)  certificates (25 each)  names of CRL issuers (12 each)  bytes  SHA-256

Every certificate has its place, whether it is a root (its signature was verified when the index was made), and short
digests of its name and key identifier. Digests only select; what was selected is decoded and compared. The SHA-256 at
the end notices damage. It keeps out nobody: whoever may write an index decides whom to trust, as with the folder.
"""

import hashlib
import json
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from verifier.errors import TrustMaterialError, VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.names import Name
from verifier.pki.sources.deviation_list import DeviationList
from verifier.pki.sources.pkd import PkdRemark
from verifier.pki.trust.store_content import StoreContent

MAX_LENGTH: Final = 256 << 20
_MAGIC: Final = b"thechip trust 1\n"
_HEAD_LENGTH: Final = struct.Struct(">I")
_CERTIFICATE: Final = struct.Struct(">II8s8sB")
_CRL_NAME: Final = struct.Struct(">I8s")
_DIGEST_LENGTH: Final = 32
_NO_KEY: Final = bytes(8)
_IS_ROOT: Final = 1
_DAMAGE: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    struct.error,
    RecursionError,
)
"""What a JSON of other numbers and other kinds of things leads to."""


@dataclass(frozen=True, slots=True)
class IndexHead:
    """What is kept beside certificates and CRLs. ``key`` says what the index was made of, ``window`` when it holds."""

    key: str
    window: tuple[str, str] | None
    """First and last time (ISO 8601) for which list signers were found good; ``None``: no list was judged."""
    problems: tuple[tuple[str, str], ...]
    remarks: Mapping[bytes, PkdRemark]


class TrustIndex:
    """The certificates and CRLs of an index. Raises ``TrustMaterialError`` for bytes that are none.

    An entry that does not decode counts as absent. May be shared between threads.
    """

    def __init__(self, encoded: bytes) -> None:
        self._data = encoded
        _check_frame(encoded)
        try:
            self._read()
        except (*_DAMAGE, VerifierError) as error:
            msg = "a trust index is damaged or of another release"
            raise TrustMaterialError(msg) from error

    def _read(self) -> None:
        position = len(_MAGIC)
        (length,) = _HEAD_LENGTH.unpack_from(self._data, position)
        position += _HEAD_LENGTH.size
        head = json.loads(self._data[position : position + length])
        self.head = _decode_head(head)
        position += length
        self._places: list[tuple[int, int]] = []
        self._roots: set[int] = set()
        self._by_name: defaultdict[bytes, list[int]] = defaultdict(list)
        self._by_key: defaultdict[bytes, list[int]] = defaultdict(list)
        for number, entry in enumerate(_table(self._data, position, _CERTIFICATE, head["certificates"])):
            start, size, name, key, flags = entry
            self._places.append((start, size))
            self._by_name[name].append(number)
            if key != _NO_KEY:
                self._by_key[key].append(number)
            if flags & _IS_ROOT:
                self._roots.add(number)
        position += _CERTIFICATE.size * head["certificates"]
        self._crls_by_name: defaultdict[bytes, list[int]] = defaultdict(list)
        for number, name in _table(self._data, position, _CRL_NAME, head["crl_names"]):
            self._crls_by_name[name].append(number)
        self._crl_places = [(int(start), int(size)) for start, size in head["crls"]]
        self.deviation_lists = tuple(
            DeviationList.decode(self._piece(int(start), int(size)), str(country))
            for country, start, size in head["deviation_lists"]
        )
        newest = head["newest_crl"]
        self._newest_crl = None if newest is None else datetime.fromisoformat(newest).astimezone(UTC)
        self._certificates: dict[int, Certificate | None] = {}
        self._crls: dict[int, CertificateRevocationList | None] = {}
        self._numbers: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._places)

    @property
    def has_root(self) -> bool:
        """Whether one of the certificates is a root."""
        return bool(self._roots)

    @cached_property
    def content(self) -> StoreContent:
        """What it holds; nothing is decoded for it."""
        certificates, crls = (
            frozenset(hashlib.sha256(self._piece(*place)).digest() for place in places)
            for places in (self._places, self._crl_places)
        )
        return StoreContent(certificates, crls, self._newest_crl)

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """All of them, decoded."""
        return tuple(self._decoded(range(len(self._places))))

    @property
    def crls(self) -> tuple[CertificateRevocationList, ...]:
        """All of them, decoded."""
        return tuple(self._decoded_crls(range(len(self._crl_places))))

    def named(self, subject: Name) -> tuple[Certificate, ...]:
        """Return the certificates of this subject."""
        found = self._decoded(self._by_name.get(_digest_of(subject), ()))
        return tuple(certificate for certificate in found if certificate.subject == subject)

    def with_key_identifier(self, identifier: bytes) -> tuple[Certificate, ...]:
        """Return the certificates with this subject key identifier."""
        found = self._decoded(self._by_key.get(_short(identifier), ()))
        return tuple(certificate for certificate in found if certificate.subject_key_identifier == identifier)

    def crls_of(self, issuer: Name) -> tuple[CertificateRevocationList, ...]:
        """Return the CRLs that claim this issuer."""
        found = self._decoded_crls(dict.fromkeys(self._crls_by_name.get(_digest_of(issuer), ())))
        return tuple(crl for crl in found if issuer in crl.issuers)

    def __contains__(self, certificate: Certificate) -> bool:
        return self._number_of(certificate) is not None

    def is_root(self, certificate: Certificate) -> bool:
        """Whether this very certificate was found to be a root when the index was made."""
        return self._number_of(certificate) in self._roots

    def _number_of(self, certificate: Certificate) -> int | None:
        number = self._numbers.get(certificate.der)
        if number is None:
            for candidate in self._by_name.get(_digest_of(certificate.subject), ()):
                if self._piece(*self._places[candidate]) == certificate.der:
                    return candidate
        return number

    def _decoded(self, numbers: Iterable[int]) -> Iterator[Certificate]:
        for number in numbers:
            if number not in self._certificates:
                try:
                    certificate = Certificate.decode(self._piece(*self._places[number]))
                    self._numbers[certificate.der] = number
                    self._certificates[number] = certificate
                except VerifierError:
                    self._certificates[number] = None
            found = self._certificates[number]
            if found is not None:
                yield found

    def _decoded_crls(self, numbers: Iterable[int]) -> Iterator[CertificateRevocationList]:
        for number in numbers:
            if number not in self._crls and number < len(self._crl_places):
                try:
                    self._crls[number] = CertificateRevocationList.decode(self._piece(*self._crl_places[number]))
                except VerifierError:
                    self._crls[number] = None
            found = self._crls.get(number)
            if found is not None:
                yield found

    def _piece(self, start: int, size: int) -> bytes:
        return self._data[start : start + size] if start >= 0 and size >= 0 else b""


def encode_index(
    head: IndexHead,
    certificates: Iterable[tuple[Certificate, bool]],
    crls: Iterable[CertificateRevocationList],
    deviation_lists: Iterable[DeviationList],
) -> bytes:
    """Return the bytes of an index; certificates come with whether they are roots."""
    listed, lists, deviations = tuple(certificates), tuple(crls), tuple(deviation_lists)
    names = [(number, name) for number, crl in enumerate(lists) for name in dict.fromkeys(crl.issuers)]
    described: dict[str, Any] = {
        "key": head.key,
        "window": head.window,
        "problems": head.problems,
        "remarks": {fingerprint.hex(): asdict(remark) for fingerprint, remark in head.remarks.items()},
        "certificates": len(listed),
        "crl_names": len(names),
        "crls": [[0xFFFFFFFF, len(crl.der)] for crl in lists],
        "newest_crl": max(crl.this_update for crl in lists).isoformat() if lists else None,
        "deviation_lists": [[found.country, 0xFFFFFFFF, len(found.content)] for found in deviations],
    }
    room = len(json.dumps(described))  # places are written as wide as they can become, so the head does not grow
    start = len(_MAGIC) + _HEAD_LENGTH.size + room + _CERTIFICATE.size * len(listed) + _CRL_NAME.size * len(names)
    pieces: list[bytes] = []
    table = bytearray()
    for certificate, is_root in listed:
        identifier = certificate.subject_key_identifier
        key = _NO_KEY if identifier is None else _short(identifier)
        table += _CERTIFICATE.pack(start, len(certificate.der), _digest_of(certificate.subject), key, is_root)
        pieces.append(certificate.der)
        start += len(certificate.der)
    for number, name in names:
        table += _CRL_NAME.pack(number, _digest_of(name))
    for place, der in zip(described["crls"], (crl.der for crl in lists), strict=True):
        place[0] = start
        pieces.append(der)
        start += len(der)
    for place, content in zip(described["deviation_lists"], (found.content for found in deviations), strict=True):
        place[1] = start
        pieces.append(content)
        start += len(content)
    encoded = b"".join(
        (_MAGIC, _HEAD_LENGTH.pack(room), json.dumps(described).encode().ljust(room), bytes(table), *pieces)
    )
    return encoded + hashlib.sha256(encoded).digest()


def _check_frame(encoded: bytes) -> None:
    digest = encoded[-_DIGEST_LENGTH:]
    if (
        not encoded.startswith(_MAGIC)
        or len(encoded) > MAX_LENGTH
        or hashlib.sha256(memoryview(encoded)[:-_DIGEST_LENGTH]).digest() != digest
    ):
        msg = "a trust index is damaged or of another release"
        raise TrustMaterialError(msg)


def _decode_head(head: dict[str, Any]) -> IndexHead:
    window = head["window"]
    return IndexHead(
        key=str(head["key"]),
        window=None if window is None else (str(window[0]), str(window[1])),
        problems=tuple((str(name), str(sentence)) for name, sentence in head["problems"]),
        remarks={
            bytes.fromhex(fingerprint): PkdRemark(
                tuple(map(str, remark["codes"])), str(remark["text"]), remark["version"], bool(remark["non_conformant"])
            )
            for fingerprint, remark in head["remarks"].items()
        },
    )


def _table(data: bytes, start: int, entry: struct.Struct, count: int) -> Iterator[tuple[Any, ...]]:
    piece = data[start : start + entry.size * count]
    if count < 0 or len(piece) != entry.size * count:
        msg = "a table of the index is cut off"
        raise TrustMaterialError(msg)
    return entry.iter_unpack(piece)


def _digest_of(name: Name) -> bytes:
    return _short(repr(name.attributes).encode("utf-8", "surrogatepass"))


def _short(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=8).digest()
