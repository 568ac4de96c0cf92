"""The ICAO Public Key Directory as LDIF (ICAO 9303-12, 4.3.3; the directory's branches ``dc=data`` and ``dc=nc-data``).

Nobody signs the directory as a whole. What may be taken from it without more is what proves itself later: CRLs, link
certificates and document signers, each of which counts only under a root that is believed. Master lists and deviation
lists in it are for ``ListSigners`` to judge, and a root that merely lies in it is no root.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from verifier.errors import MalformedData
from verifier.pki.sources.ldif import LdifEntry, read_entries

_MAX_DN = 160


class PkdKind(StrEnum):
    """What a directory entry holds."""

    CERTIFICATE = "certificate"
    CRL = "crl"
    SIGNED_LIST = "signed-list"


_ATTRIBUTES = {
    "usercertificate": PkdKind.CERTIFICATE,
    "cacertificate": PkdKind.CERTIFICATE,
    "certificaterevocationlist": PkdKind.CRL,
    "pkdmasterlistcontent": PkdKind.SIGNED_LIST,
    "cscamasterlistdata": PkdKind.SIGNED_LIST,
    "pkddeviationlistcontent": PkdKind.SIGNED_LIST,
    "deviationlistdata": PkdKind.SIGNED_LIST,
}


@dataclass(frozen=True, slots=True)
class PkdRemark:
    """What the directory's own conformance check says of an object."""

    codes: tuple[str, ...]
    """As it writes them, ``ERR:CSCA.CDP.14`` or ``WARN:CRL.ISS.11``."""
    text: str
    version: str | None
    """pkdVersion: at which state of the directory the object came."""
    non_conformant: bool
    """Whether it lies in the branch for what does not conform."""


@dataclass(frozen=True, slots=True)
class PkdObject:
    """One object of the directory, not decoded; ``der`` is empty where there is a ``problem``."""

    dn: str
    kind: PkdKind
    der: bytes = field(repr=False)
    remark: PkdRemark | None
    problem: str | None = None


def read_directory(file: BinaryIO, *, certificates: bool = True) -> Iterator[PkdObject]:
    """Yield what an LDIF file holds, in its order, keeping one object at a time.

    Without ``certificates`` those without a remark are passed over unread: there are tens of thousands of document
    signers.
    """
    for entry in read_entries(file):
        if entry.problem is not None:
            yield PkdObject(entry.dn[:_MAX_DN], PkdKind.CERTIFICATE, b"", None, entry.problem)
            continue
        yield from _objects(entry, certificates=certificates)


def _objects(entry: LdifEntry, *, certificates: bool) -> Iterator[PkdObject]:
    for value in entry.all(*_ATTRIBUTES):
        kind = _ATTRIBUTES[value.name.partition(";")[0]]
        try:
            remark = _remark(entry)
            if certificates or remark is not None or kind is not PkdKind.CERTIFICATE:
                yield PkdObject(entry.dn[:_MAX_DN], kind, value.decode(), remark)
        except MalformedData as error:
            yield PkdObject(entry.dn[:_MAX_DN], kind, b"", None, error.sentence)


def _remark(entry: LdifEntry) -> PkdRemark | None:
    non_conformant = "dc=nc-data" in entry.dn.lower().replace(" ", "")
    codes = tuple(
        code for value in entry.all("pkdconformancecode") for code in value.text.replace(",", " ").split() if code
    )
    text = "; ".join(value.text for value in entry.all("pkdconformancetext"))
    if not (codes or text or non_conformant):
        return None
    return PkdRemark(codes[:64], text[:2048], entry.text("pkdversion"), non_conformant)
