"""What files of a folder hold: DER, PEM, lists, LDIF, archives of such. What is damaged is named, and not fatal."""

import base64
import binascii
import contextlib
import hashlib
import io
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from verifier.errors import MalformedData, TrustMaterialError, VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.crl import MAX_LENGTH, CertificateRevocationList
from verifier.pki.names import Name
from verifier.pki.sources.pkd import PkdKind, PkdObject, PkdRemark, read_directory

DIRECTORY_SUFFIX = ".ldif"
ARCHIVE_SUFFIX = ".zip"
_LIST_SUFFIXES = frozenset({".ml", ".mls", ".dl", ".dvl"})
SUFFIXES = frozenset({".cer", ".crt", ".der", ".pem", ".crl", DIRECTORY_SUFFIX, ARCHIVE_SUFFIX}) | _LIST_SUFFIXES
MAX_PROBLEMS = 1000
MAX_DIRECTORY_CRLS = 8
"""CRLs of one issuer that are taken from directories, where anybody may have put them: a CSCA has one at a time, and
the signatures that a look-up verifies are bounded."""
_MAX_FILE_LENGTH = 4 * MAX_LENGTH
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----")
_MAX_SENTENCE = 200
_BEGIN = b"-----BEGIN "
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE"})
_CRL_LABELS = frozenset({"X509 CRL"})
_LIST_LABELS = frozenset({"PKCS7", "CMS"})
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")


@dataclass
class FolderContent:
    """What files hold, decoded but not judged."""

    certificates: list[tuple[str, Certificate]] = field(default_factory=list)
    """With the names of their files."""
    crls: list[CertificateRevocationList] = field(default_factory=list)
    directory_crls: Counter[Name] = field(default_factory=Counter)
    """How many CRLs of an issuer came from directories."""
    signed_lists: list[tuple[str, bytes]] = field(default_factory=list)
    """With the names of their files: who vouches for them is for ``ListSigners`` to say."""
    remarks: dict[bytes, PkdRemark] = field(default_factory=dict)
    """What the ICAO directory says of an object, by its SHA-256."""
    problems: list[tuple[str, str]] = field(default_factory=list)
    """(file name, sentence)."""

    def add_problem(self, name: str, sentence: str) -> None:
        """Name something that cannot be used; a file with thousands of faults is not told in full."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append((name, sentence[:_MAX_SENTENCE]))


def scan_folder(folder: Path, *, directory_signers: bool = False) -> FolderContent:
    """Return what the files of a folder hold.

    Files are taken in the order of their names; hidden files and folders are passed over in silence, files of another
    kind are named as problems. Raises ``TrustMaterialError`` when the folder cannot be listed.
    """
    return scan_files(files_of(folder), directory_signers=directory_signers)


def scan_files(files: Iterable[Path], *, directory_signers: bool = False) -> FolderContent:
    """Return what files hold together."""
    content = FolderContent()
    for path in files:
        _scan_into(content, path, directory_signers=directory_signers)
    return content


def scan_file(path: Path, *, directory_signers: bool = False) -> FolderContent:
    """Return what one file holds, by the rules for a file in a trust folder."""
    content = FolderContent()
    _scan_into(content, path, directory_signers=directory_signers)
    return content


def files_of(folder: Path) -> list[Path]:
    """Return the files that count, in the order of their names. Raises ``TrustMaterialError``."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except (OSError, ValueError) as error:  # ValueError: a name that no folder can have
        msg = f"the folder {folder} cannot be read"
        raise TrustMaterialError(msg) from error


def _scan_into(content: FolderContent, path: Path, *, directory_signers: bool) -> None:
    try:
        _require_regular(path)
        if path.suffix.lower() == DIRECTORY_SUFFIX:
            with path.open("rb") as file:
                _scan_directory(content, path.name, file, directory_signers=directory_signers)
        elif path.suffix.lower() == ARCHIVE_SUFFIX:
            _scan_archive(content, path.name, _read(path), directory_signers=directory_signers)
        else:
            _scan_objects(content, path.name, _read(path))
    except (OSError, VerifierError) as error:
        content.add_problem(path.name, str(error))


def _scan_archive(content: FolderContent, name: str, encoded: bytes, *, directory_signers: bool) -> None:
    """Take the files of an archive as if they lay in the folder; those of another kind are named."""
    from verifier.pki.sources.archive import read_archive  # noqa: PLC0415 - zipfile takes 20 ms to import

    for member in read_archive(encoded):
        place = f"{name}: {member.name}"
        try:
            _require_suffix(member.suffix)
            if member.problem is not None:
                content.add_problem(place, member.problem)
            elif member.suffix == DIRECTORY_SUFFIX:
                _scan_directory(content, place, io.BytesIO(member.content), directory_signers=directory_signers)
            else:
                _scan_objects(content, place, member.content)
        except VerifierError as error:
            content.add_problem(place, error.sentence)


def _scan_objects(content: FolderContent, name: str, encoded: bytes) -> None:
    for label, one in _objects(encoded):
        _load(content, name, label, one)


def _scan_directory(content: FolderContent, name: str, file: BinaryIO, *, directory_signers: bool) -> None:
    for item in read_directory(file, certificates=directory_signers):
        place = f"{name}: {item.dn}" if item.dn else name
        if item.problem is not None:
            content.add_problem(place, item.problem)
            continue
        if item.remark is not None:
            content.remarks[hashlib.sha256(item.der).digest()] = item.remark
        try:
            _take_directory_object(content, place, item, directory_signers=directory_signers)
        except VerifierError as error:
            content.add_problem(place, error.sentence)


def _take_directory_object(content: FolderContent, place: str, item: PkdObject, *, directory_signers: bool) -> None:
    """Take what proves itself under a root. Nobody vouches for a CA that merely lies in the directory.

    One that names itself as its issuer counts as a CA, whatever it says: where a policy bears with roots that do not
    say that they are, it would be one.
    """
    if item.kind is PkdKind.CRL:
        _take_directory_crl(content, place, CertificateRevocationList.decode(item.der))
    elif item.kind is PkdKind.SIGNED_LIST:
        content.signed_lists.append((place, item.der))
    elif directory_signers:
        certificate = Certificate.decode(item.der)
        if certificate.is_ca or certificate.is_self_issued:
            content.add_problem(place, "a CA certificate for which nobody vouches")
        else:
            content.certificates.append((place, certificate))


def _take_directory_crl(content: FolderContent, place: str, crl: CertificateRevocationList) -> None:
    names = frozenset(crl.issuers)
    content.directory_crls.update(names)
    if max(content.directory_crls[name] for name in names) > MAX_DIRECTORY_CRLS:
        content.add_problem(place, f"the directory holds more than {MAX_DIRECTORY_CRLS} CRLs of this issuer")
    else:
        content.crls.append(crl)


def _load(content: FolderContent, name: str, label: str | None, encoded: bytes) -> None:
    """Add one object; a damaged one is a problem of its own, so that the next one in the same file still counts."""
    try:
        if label is None:
            _take_der(content, name, encoded)
        elif label in _CERTIFICATE_LABELS:
            content.certificates.append((name, Certificate.decode(_base64(encoded))))
        elif label in _CRL_LABELS:
            content.crls.append(CertificateRevocationList.decode(_base64(encoded)))
        elif label in _LIST_LABELS:
            content.signed_lists.append((name, _base64(encoded)))
        else:
            msg = f"it holds a PEM block {label}, which is neither a certificate nor a CRL"
            raise TrustMaterialError(msg)
    except VerifierError as error:
        content.add_problem(name, error.sentence)


def _take_der(content: FolderContent, name: str, encoded: bytes) -> None:
    """Take DER, which does not say what it is. A signed list begins with its object identifier."""
    if _SIGNED_DATA in encoded[: 6 + len(_SIGNED_DATA)]:
        content.signed_lists.append((name, encoded))
        return
    try:
        content.certificates.append((name, Certificate.decode(encoded)))
    except MalformedData as error:
        with contextlib.suppress(MalformedData):
            content.crls.append(CertificateRevocationList.decode(encoded))
            return
        msg = f"it is neither a certificate nor a CRL nor a signed list ({error.sentence})"
        raise TrustMaterialError(msg) from error


def _require_suffix(suffix: str) -> None:
    if suffix not in SUFFIXES:
        msg = "its name is not that of a certificate or CRL, nor of a list (" + " ".join(sorted(SUFFIXES)) + ")"
        raise TrustMaterialError(msg)


def _require_regular(path: Path) -> None:
    _require_suffix(path.suffix.lower())
    if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would be to wait for whoever writes into it
        msg = "it is no regular file"
        raise TrustMaterialError(msg)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MAX_FILE_LENGTH + 1)
    if len(content) > _MAX_FILE_LENGTH:
        msg = f"it is longer than {_MAX_FILE_LENGTH} bytes"
        raise TrustMaterialError(msg)
    return content


def _objects(content: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Yield (PEM label, base64) for every block of a PEM file, or (``None``, bytes) for another."""
    if _BEGIN not in content:
        yield None, content
        return
    blocks = 0
    for match in _PEM.finditer(content):
        blocks += 1
        yield match[1].decode("ascii"), match[2]
    if blocks != content.count(_BEGIN):
        msg = "it holds a PEM block that is cut off or damaged"
        raise TrustMaterialError(msg)


def _base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        msg = "it holds a PEM block that is no base64"
        raise TrustMaterialError(msg) from error
