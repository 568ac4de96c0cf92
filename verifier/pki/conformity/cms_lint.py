"""Rules for signed objects: EF.SOD, master lists, deviation lists (9303-10, 4.6.2.2; 9303-12, 9; RFC 5652)."""

from collections.abc import Iterator
from typing import Final

from verifier.errors import MalformedData, VerifierError
from verifier.pki.asn1.ber import to_definite
from verifier.pki.asn1.der import INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET, Element, context, read_one
from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData
from verifier.pki.cms_signer import SignerInfo
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.encoding import why_not_der
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.strength import weaknesses_of_signature

_WHAT: Final = "a signed object"
_VERSION: Final = 3
_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
_BY_ISSUER, _BY_KEY = 1, 3
"""Versions of SignerInfo, by how it names the signer."""


def lint_signed_data(encoded: bytes, signed: SignedData, *, is_list: bool = False) -> Iterator[Finding]:
    """Yield what is odd about a ContentInfo, which ``signed`` was decoded from. Raises ``MalformedData``.

    ``is_list`` is for what must say when it was signed. Signatures are verified with the enclosed certificates.
    """
    problem = why_not_der(encoded)
    if problem:
        yield Finding(Deviation.ENCODING_NOT_DER, problem)
    version, digests, has_crls, signers = _parts(encoded)
    if version != _VERSION:
        yield Finding(Deviation.SIGNED_DATA_VERSION_WRONG, f"SignedData is of version {version} instead of 3.")
    if has_crls:
        yield Finding(Deviation.CRLS_ENCLOSED)
    if not signers:
        yield Finding(Deviation.SIGNER_MISSING)
    if len(signers) > 1:
        yield Finding(Deviation.SEVERAL_SIGNERS, f"There are {len(signers)} signers.")
    for element, signer in zip(signers, signed.signers, strict=True):
        yield from _check_signer_info(element, digests)
        yield from _check_attributes(signer, is_list=is_list)
        yield from _check_signature(signed, signer)


def _parts(encoded: bytes) -> tuple[int, frozenset[str], bool, list[Element]]:
    """Version, digest algorithms, whether CRLs are there, signers."""
    try:
        outer = read_one(encoded, SEQUENCE, _WHAT).reader()
        outer.take(OBJECT_IDENTIFIER)
        reader = outer.take(context(0)).reader().take(SEQUENCE).reader()
    except MalformedData:
        definite = to_definite(encoded)
        if definite is encoded:
            raise
        return _parts(definite)
    version = reader.take(INTEGER).integer
    digests = frozenset(_oid(element) for element in reader.take(SET).reader().take_all(SEQUENCE))
    reader.take(SEQUENCE)
    reader.take_if(context(0))
    has_crls = reader.take_if(context(1)) is not None
    return version, digests, has_crls, list(reader.take(SET).reader().take_all(SEQUENCE))


def _oid(identifier: Element) -> str:
    return identifier.reader().take(OBJECT_IDENTIFIER).oid


def _check_signer_info(element: Element, digests: frozenset[str]) -> Iterator[Finding]:
    reader = element.reader()
    version, identifier = reader.take(INTEGER).integer, reader.take()
    right = _BY_ISSUER if identifier.tag == SEQUENCE else _BY_KEY
    if version != right:
        sentence = f"SignerInfo is of version {version}; as it names its signer it is of version {right}."
        yield Finding(Deviation.SIGNER_INFO_VERSION_WRONG, sentence)
    if _oid(reader.take(SEQUENCE)) not in digests:
        yield Finding(Deviation.DIGEST_ALGORITHM_NOT_LISTED)


def _check_attributes(signer: SignerInfo, *, is_list: bool) -> Iterator[Finding]:
    kinds = [_oid(read_one(attribute, SEQUENCE, _WHAT)) for attribute in signer.attributes or ()]
    if len(set(kinds)) != len(kinds):
        yield Finding(Deviation.SIGNED_ATTRIBUTE_TWICE)
    if is_list and _SIGNING_TIME not in kinds:
        yield Finding(Deviation.SIGNING_TIME_MISSING)


def _check_signature(signed: SignedData, signer: SignerInfo) -> Iterator[Finding]:
    certificates = signed.certificates_of(signer)
    if not certificates:
        yield Finding(Deviation.SIGNER_CERTIFICATE_MISSING)
        return
    certificate = certificates[0]
    if signer.issuer is not None and signer.issuer.der != certificate.issuer.der:
        yield Finding(Deviation.SIGNER_IDENTIFIER_WRITTEN_DIFFERENTLY)
    verdict = signed.verify(signer, certificate)
    if not verdict.valid:
        yield Finding(Deviation.SIGNATURE_INVALID, verdict.sentence)
    yield from map(Finding, verdict.deviations)
    yield from _check_strength(signer, certificate)


def _check_strength(signer: SignerInfo, certificate: Certificate) -> Iterator[Finding]:
    try:
        yield from map(Finding, weaknesses_of_signature(signer.hash_name, certificate.public_key))
    except VerifierError:  # the certificate's own findings say so
        return
