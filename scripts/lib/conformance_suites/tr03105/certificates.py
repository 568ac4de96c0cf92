"""Unit LDS_H, the document signer's certificate: one field or extension at a time is wrong, and signed like that."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from conformance_suites.tr03105.case import FAILURE, Case, Seen
from conformance_suites.tr03105.keys import PlanScheme, plan_key
from conformance_suites.tr03105.world import EAC, State, World, state, with_files
from conformance_suites.tr03105.writing import (
    CERTIFICATE,
    Change,
    at,
    edited,
    flipped,
    put,
    removed,
    resealed_certificate,
)
from verifier.iso7816 import tlv
from verifier.sdk.testing.writing.certificates import distinguished_name
from verifier.sdk.testing.writing.der_writing import integer, object_identifier, octet_string, sequence

_VERSION, _SERIAL, _ALGORITHM, _ISSUER, _VALIDITY, _SUBJECT, _KEY, _EXTENSIONS = ((0, place) for place in range(8))
_OUTER_ALGORITHM, _SIGNATURE = (1,), (2,)
_KEY_USAGE, _AUTHORITY_KEY = "2.5.29.15", "2.5.29.35"
_PKCS1_MD5 = sequence(object_identifier("1.2.840.113549.1.1.4"), b"\x05\x00")
_PKCS1_SHA256 = sequence(object_identifier("1.2.840.113549.1.1.11"), b"\x05\x00")
_BORNE = (
    "a form on which nobody's trust depends, and that issuers get wrong: borne with, as `trust lint` names it "
    "(docs/deviations.md)"
)
_NAMES = (
    "an issuer is found by key identifier as well as by name: real signers are certified under such names. That the "
    "issuer's key made the signature is what decides"
)


def certificate_cases() -> Iterator[Case]:
    """Yield the cases in the order of their numbers."""
    for number, (about, change) in _FAILING.items():
        yield Case(f"LDS_H_{number}", about, FAILURE, partial(_with_certificate, *change))
    for number, (about, change, why) in _BORNE_WITH.items():
        yield Case(f"LDS_H_{number}", about, FAILURE, partial(_with_certificate, *change), deviating=why)
    yield Case("LDS_H_54", "the issuer's name is not the CSCA's", FAILURE, _another_issuer, deviating=_NAMES)
    yield Case("LDS_H_53", "the issuer, and its CSCA, with a name without a country", FAILURE, _issuer_without_country)
    yield Case("LDS_H_65", "MD5 in the whole chain", FAILURE, _md5_throughout)
    yield Case("LDS_H_66", "no signature algorithm outside", FAILURE, partial(_unsealed, _OUTER_ALGORITHM, removed))
    yield Case("LDS_H_67", "wrong signature of the certificate", FAILURE, partial(_unsealed, _SIGNATURE, flipped))
    yield Case("LDS_H_68", "no signature of the certificate", FAILURE, partial(_unsealed, _SIGNATURE, removed))


def respoilt(world: World, certificate: bytes, ours: State | None = None) -> Seen:
    """Inspect a card whose signer has this certificate: only its key and issuer are those of the state."""
    ours = ours or world.state
    data = world.data(EAC, signer=ours.signer)
    sod = edited(data.files["EF.SOD"], CERTIFICATE, put(certificate))
    return world.inspect(world.chip(with_files(data, EF_SOD=sod)), world.advanced, trust=ours.trust)


def _with_certificate(path: tuple[int, ...], change: Change, world: World) -> Seen:
    return respoilt(world, spoilt_certificate(world, path, change))


def spoilt_certificate(world: World, path: tuple[int, ...], change: Change) -> bytes:
    """Return the usual signer's certificate with one change, signed by the CSCA."""
    return resealed_certificate(edited(world.state.signer.certificate, path, change), world.state.csca_key)


def _unsealed(path: tuple[int, ...], change: Change, world: World) -> Seen:
    return respoilt(world, edited(world.state.signer.certificate, path, change))


def _another_issuer(world: World) -> Seen:
    """EF.SOD names its signer as the certificate has it, so that nothing but the path is odd."""
    certificate = spoilt_certificate(world, _ISSUER, put(_OTHER_ISSUER))
    data = world.data(EAC, signer=replace(world.state.signer, certificate=certificate))
    return world.inspect(world.chip(data), world.advanced)


def _issuer_without_country(world: World) -> Seen:
    """CSCA and issuer agree, and have no country, which every name needs (ICAO 9303-12, 7.1.1)."""
    usual = world.state
    ours = state(usual.csca_key, usual.signer_key, issuer_has_country=False)
    return respoilt(world, ours.signer.certificate, ours)


def _md5_throughout(world: World) -> Seen:
    csca, signer = (plan_key(PlanScheme.RSA_PKCS1, "md5", bits, who) for bits, who in ((3072, "CSCA"), (2048, "DS")))
    ours = state(csca, signer)
    return respoilt(world, ours.signer.certificate, ours)


def _extension(oid: str, change: Change) -> tuple[tuple[int, ...], Change]:
    """Change one extension: the certificate's last field is [3], a sequence of them."""

    def edit(extensions: bytes) -> bytes:
        inner = tlv.decode_one(tlv.decode_one(extensions).value).value
        kept, position = b"", 0
        for element in tlv.decode_all(inner):
            raw = inner[position : position + element.size]
            position += element.size
            kept += change(raw) if object_identifier(oid) in raw[:12] else raw
        return tlv.encode(0xA3, sequence(kept))

    return _EXTENSIONS, edit


def _times_as_generalized(validity: bytes) -> bytes:
    return sequence(*(tlv.encode(0x18, b"20" + tlv.decode_one(at(validity, (place,))).value) for place in (0, 1)))


def _not_critical(extension: bytes) -> bytes:
    return edited(extension, (1,), removed)


def _usage(bits: bytes) -> Change:
    return lambda extension: edited(extension, (2,), put(octet_string(tlv.encode(0x03, bits))))


def _empty_identifier(extension: bytes) -> bytes:
    """An AuthorityKeyIdentifier with issuer and serial number in place of the identifier."""
    name = distinguished_name("VN", "Synthetic test material", "Test plan CSCA – not a real issuer").dump()
    value = tlv.encode(0xA1, tlv.encode(0xA4, name)) + tlv.encode(0x82, b"\x01")
    return edited(extension, (1,), put(octet_string(sequence(value))))


_OTHER_ISSUER = distinguished_name("VN", "Synthetic test material", "Another CSCA – not a real issuer").dump()
_FAILING: Mapping[int, tuple[str, tuple[tuple[int, ...], Change]]] = {
    50: ("no serial number", (_SERIAL, removed)),
    51: ("the algorithm inside the certificate is not the one outside", (_ALGORITHM, put(_PKCS1_SHA256))),
    52: ("no signature algorithm inside", (_ALGORITHM, removed)),
    55: ("no issuer", (_ISSUER, removed)),
    57: ("no validity", (_VALIDITY, removed)),
    58: ("MD5 with RSA as the kind of public key", ((*_KEY, 0), put(_PKCS1_MD5))),
    59: ("no public key", (_KEY, removed)),
    63: ("key usage without digitalSignature", _extension(_KEY_USAGE, _usage(b"\x05\x20"))),
    64: ("no key usage", _extension(_KEY_USAGE, removed)),
}
_BORNE_WITH: Mapping[int, tuple[str, tuple[tuple[int, ...], Change], str]] = {
    48: ("a version number that does not exist", ((*_VERSION, 0), put(integer(7))), _BORNE),
    49: ("no version", (_VERSION, removed), _BORNE),
    56: ("GeneralizedTime before 2050", (_VALIDITY, _times_as_generalized), _BORNE),
    60: ("authority key identifier without an identifier", _extension(_AUTHORITY_KEY, _empty_identifier), _BORNE),
    61: ("no authority key identifier", _extension(_AUTHORITY_KEY, removed), _BORNE),
    62: ("key usage not critical", _extension(_KEY_USAGE, _not_critical), _BORNE),
}
