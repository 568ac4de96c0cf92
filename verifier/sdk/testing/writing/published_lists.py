"""Writing what states publish about certificates: master lists, deviation lists, the directory as LDIF.

Master lists are in ICAO 9303-12, 9; deviation lists in 10, whose tags are implicit. The directory's layout is that
of the downloads of the ICAO Public Key Directory.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from asn1crypto import x509

from verifier.iso7816.tlv import encode
from verifier.sdk.testing.writing.certificates import key_identifier_of
from verifier.sdk.testing.writing.der_writing import integer, object_identifier, sequence, set_of
from verifier.sdk.testing.writing.object_identifiers import DEVIATION_LIST

_SHA_256 = "2.16.840.1.101.3.4.2.1"
_LINE = 76


class NamedBy(StrEnum):
    """How a deviation list names a document signer (9303-12, 10.2: DocumentSignerIdentifier)."""

    SERIAL = "issuer and serial number"
    KEY = "subject key identifier"
    DIGEST = "SHA-256 of the certificate"


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """An entry of a deviation list: which documents, and what is wrong with them.

    ``kind`` is what follows id-icao-DeviationList: ``2.1`` for a malformed data group, ``1.1`` for the signer's
    signature. Where ``signer`` (DER), ``document_type``, ``issued`` or ``document_numbers`` say nothing, all are meant.
    """

    kind: str
    description: str = ""
    parameters: bytes = b""
    """As encoded; what they are depends on the kind: a data group's number, a certificate's field."""
    signer: bytes | None = field(default=None, repr=False)
    named_by: NamedBy = NamedBy.SERIAL
    document_type: str | None = None
    issued: tuple[datetime, datetime] | None = None
    document_numbers: tuple[str, ...] = field(default=(), repr=False)

    def encode(self) -> bytes:
        """Return the Deviation in DER."""
        description = encode(0x13, self.description.encode()) if self.description else b""
        parameters = encode(0xA0, self.parameters) if self.parameters else b""
        kind = object_identifier(f"{DEVIATION_LIST}.{self.kind}")
        return sequence(sequence(*self._documents()), set_of([sequence(description, kind, parameters)]))

    def _documents(self) -> Iterable[bytes]:
        if self.document_type:
            yield encode(0x80, self.document_type.encode())
        if self.signer:
            yield _signer_identifier(self.signer, self.named_by)
        if self.issued:
            yield encode(0xA4, b"".join(encode(0x18, f"{day:%Y%m%d%H%M%SZ}".encode()) for day in self.issued))
        if self.document_numbers:
            yield encode(0xA5, b"".join(sorted(encode(0x13, number.encode()) for number in self.document_numbers)))


class DirectoryBranch(StrEnum):
    """Where an object lies below its country, and in which attribute; both as the ICAO directory writes them."""

    SIGNER = "o=dsc userCertificate;binary"
    CRL = "o=crl certificateRevocationList;binary"
    MASTER_LIST = "o=ml pkdMasterListContent"
    DEVIATION_LIST = "o=dl pkdDeviationListContent"


@dataclass(frozen=True)
class DirectoryEntry:
    """An object of the directory. With ``codes`` it lies among what does not conform (``dc=nc-data``)."""

    branch: DirectoryBranch
    country: str
    der: bytes = field(repr=False)
    codes: tuple[str, ...] = ()
    """Such as ``ERR:DSC.SKI.3``."""
    text: str = ""


def write_master_list(certificates: Iterable[bytes]) -> bytes:
    """Return CscaMasterList: version 0 and the certificates (DER), each once."""
    return sequence(integer(0), set_of(set(certificates)))


def write_deviation_list(deviations: Iterable[Deviation]) -> bytes:
    """Return DeviationList: version 0, SHA-256 for digests, the deviations."""
    return sequence(integer(0), sequence(object_identifier(_SHA_256)), set_of(d.encode() for d in deviations))


def write_ldif(entries: Iterable[DirectoryEntry]) -> bytes:
    """Return LDIF (RFC 2849), folded at 76 characters."""
    blocks = [["version: 1"], *(_ldif_lines(number, entry) for number, entry in enumerate(entries, 1))]
    return "\n\n".join("\n".join(_folded(line) for line in block) for block in blocks).encode() + b"\n"


def _ldif_lines(number: int, entry: DirectoryEntry) -> list[str]:
    organisation, attribute = entry.branch.split()
    data = "nc-data" if entry.codes else "data"
    lines = [
        f"dn: cn=SYNTHETIC {number},{organisation},c={entry.country},dc={data},dc=download,dc=pkd,dc=icao,dc=int",
        "objectClass: top",
        "objectClass: pkdDownload",
        f"cn: SYNTHETIC {number}",
        f"pkdVersion: {1000 + number}",
        f"{attribute}:: {base64.b64encode(entry.der).decode()}",
    ]
    lines += [f"pkdConformanceCode: {','.join(entry.codes)}"] if entry.codes else []
    return lines + ([f"pkdConformanceText: {entry.text}"] if entry.text else [])


def _folded(line: str) -> str:
    rest = range(_LINE, len(line), _LINE - 1)
    return "\n ".join([line[:_LINE], *(line[at : at + _LINE - 1] for at in rest)])


def _signer_identifier(certificate: bytes, named_by: NamedBy) -> bytes:
    if named_by is NamedBy.KEY:
        return encode(0x82, key_identifier_of(certificate))
    if named_by is NamedBy.DIGEST:
        return encode(0x83, hashlib.sha256(certificate).digest())
    signer = x509.Certificate.load(certificate)
    return encode(0xA1, signer.issuer.dump() + integer(signer.serial_number))
