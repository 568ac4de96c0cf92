"""Certificates and CRLs from a folder of files, DER or PEM; what is damaged is named, not fatal."""

import base64
import binascii
import contextlib
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from verifier.errors import MalformedData, TrustMaterialError, VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.crl import MAX_LENGTH, CertificateRevocationList

SUFFIXES = frozenset({".cer", ".crt", ".der", ".pem", ".crl"})
_MAX_FILE_LENGTH = 2 * MAX_LENGTH
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----")
_MAX_SENTENCE = 200
_BEGIN = b"-----BEGIN "
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE"})
_CRL_LABELS = frozenset({"X509 CRL"})

Found = tuple[list[tuple[str, Certificate]], list[CertificateRevocationList], list[tuple[str, str]]]


def read_folder(folder: Path) -> Found:
    """Return certificates with their file names, CRLs, and problems as (file name, sentence).

    Files are taken in the order of their names; hidden files and folders are passed over in silence, files of another
    kind are named as problems. Raises ``TrustMaterialError`` when the folder cannot be listed.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        msg = f"the folder {folder} cannot be read"
        raise TrustMaterialError(msg) from error
    found: Found = ([], [], [])
    for path in files:
        _read_into(found, path)
    return found


def read_file(path: Path) -> Found:
    """Return what one file holds, by the rules for a file in a trust folder."""
    found: Found = ([], [], [])
    _read_into(found, path)
    return found


def _read_into(found: Found, path: Path) -> None:
    try:
        for label, content in _objects(path):
            _load(found, path.name, label, content)
    except (OSError, VerifierError) as error:
        found[2].append((path.name, str(error)[:_MAX_SENTENCE]))


def _load(found: Found, name: str, label: str | None, content: bytes) -> None:
    """Add one object; a damaged one is a problem of its own, so that the next one in the same file still counts."""
    certificates, crls, problems = found
    try:
        decoded = _decode(label, content)
    except VerifierError as error:
        problems.append((name, error.sentence[:_MAX_SENTENCE]))
        return
    if isinstance(decoded, Certificate):
        certificates.append((name, decoded))
    else:
        crls.append(decoded)


def _decode(label: str | None, content: bytes) -> Certificate | CertificateRevocationList:
    """Decode a PEM block by its label, or DER, which does not say what it is."""
    if label in _CERTIFICATE_LABELS:
        return Certificate.decode(_base64(content))
    if label in _CRL_LABELS:
        return CertificateRevocationList.decode(_base64(content))
    if label is not None:
        msg = f"it holds a PEM block {label}, which is neither a certificate nor a CRL"
        raise TrustMaterialError(msg)
    try:
        return Certificate.decode(content)
    except MalformedData as error:
        with contextlib.suppress(MalformedData):
            return CertificateRevocationList.decode(content)
        msg = f"it is neither a certificate nor a CRL ({error.sentence})"
        raise TrustMaterialError(msg) from error


def _objects(path: Path) -> Iterator[tuple[str | None, bytes]]:
    """Yield (PEM label, base64) for every block of a PEM file, or (``None``, bytes) for another."""
    if path.suffix.lower() not in SUFFIXES:
        msg = "its name is not that of a certificate or CRL (" + " ".join(sorted(SUFFIXES)) + ")"
        raise TrustMaterialError(msg)
    if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would be to wait for whoever writes into it
        msg = "it is no regular file"
        raise TrustMaterialError(msg)
    with path.open("rb") as file:
        content = file.read(_MAX_FILE_LENGTH + 1)
    if len(content) > _MAX_FILE_LENGTH:
        msg = f"it is longer than {_MAX_FILE_LENGTH} bytes"
        raise TrustMaterialError(msg)
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
