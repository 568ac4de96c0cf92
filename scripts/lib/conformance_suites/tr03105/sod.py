"""Unit LDS_H, the security object: one thing at a time is wrong with it, and everything else is right."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from conformance_suites.tr03105.case import FAILURE, SUCCESS, Case, Seen
from conformance_suites.tr03105.keys import PlanScheme, plan_key
from conformance_suites.tr03105.security_infos import CAM
from conformance_suites.tr03105.world import EAC, PACE, World, data_groups, signed_again, state, with_files
from conformance_suites.tr03105.writing import (
    ATTRIBUTES,
    CONTENT_TYPE,
    DIGESTS,
    SIGNATURE,
    SIGNED_DATA,
    SIGNER,
    Change,
    at,
    edited,
    flipped,
    put,
    removed,
    resealed_sod,
    valued,
    with_digest_of,
    with_length,
)
from verifier.sdk.testing import ChipData
from verifier.sdk.testing.writing.certificates import key_identifier_of
from verifier.sdk.testing.writing.data_groups import write_com
from verifier.sdk.testing.writing.der_writing import integer, object_identifier, sequence, set_of
from verifier.sdk.testing.writing.optional_groups import write_locked_group
from verifier.sdk.testing.writing.security_object import write_lds_security_object, write_security_object

Spoil = Callable[[World, ChipData], bytes]
"""Returns EF.SOD of a card, spoilt."""
_BORNE = (
    "a form on which nobody's trust depends, and that issuers get wrong: borne with, as `trust lint` names it "
    "(docs/deviations.md)"
)
_NOT_SHOWN = "the number says nothing that is relied upon: what is there is decoded by what it is"
_COM = "EF.COM is not read: nobody signs it, and what is on the card is what EF.SOD lists (ICAO 9303-10, 4.6.1)"
_MD5 = sequence(object_identifier("1.2.840.113549.2.5"), b"\x05\x00")


def sod_cases() -> Iterator[Case]:
    """Yield the cases in the order of their numbers."""
    for number, (about, spoil) in _FAILING.items():
        yield Case(f"LDS_H_{number}", about, FAILURE, partial(_with_sod, spoil))
    for number, (about, spoil, why) in _BORNE_WITH.items():
        yield Case(f"LDS_H_{number}", about, FAILURE, partial(_with_sod, spoil), deviating=why)
    yield Case("LDS_H_36", "the object signed with MD5", FAILURE, _signed_with_md5)
    yield Case("LDS_H_69", "DG2 altered, and its hash is not the signed one", FAILURE, _altered_dg2)
    yield Case("LDS_H_86", "version 1 of the security object, LDS 1.8", SUCCESS, partial(_lds, 1, "0108"))
    yield Case(
        "LDS_H_87",
        "LDS 1.8 in a security object that says version 0",
        FAILURE,
        partial(_lds, 0, "0108"),
        deviating=_NOT_SHOWN,
    )
    yield Case(
        "LDS_H_88",
        "LDS 1.7 in a security object that says version 1",
        FAILURE,
        partial(_lds, 1, None),
        deviating=_NOT_SHOWN,
    )
    yield Case("LDS_H_89", "LDS 1.9, which does not exist yet", None, partial(_lds, 1, "0109"))
    yield Case("LDS_H_90", "EF.SOD lists a DG3 that EF.COM does not", FAILURE, _more_than_com, deviating=_COM)
    yield Case("LDS_H_91", "EF.SOD does not list the DG2 of EF.COM", FAILURE, _less_than_com, deviating=_COM)
    yield Case("LDS_H_92", "EF.SOD lists DG3 where EF.COM has DG2", FAILURE, _other_than_com, deviating=_COM)
    yield Case("LDS_H_93", "EF.CardSecurity, which is not what was signed", FAILURE, _forged_card_security)


def _forged_card_security(world: World) -> Seen:
    """EF.SOD has no place for a hash of EF.CardSecurity: what protects that file is its own signature, here wrong."""
    data = world.data(CAM)
    spoilt = edited(data.files["EF.CardSecurity"], (1, 0, 4, 0, 5), flipped)
    return world.inspect(world.chip(with_files(data, **{"EF.CardSecurity": spoilt})), world.advanced)


def _with_sod(spoil: Spoil, world: World) -> Seen:
    data = world.data(EAC)
    card = world.chip(with_files(data, EF_SOD=spoil(world, data)))
    return world.inspect(card, world.advanced)


def _sod(data: ChipData) -> bytes:
    return data.files["EF.SOD"]


def _edit(*path: int, change: Change) -> Spoil:
    """Change what no signature covers."""
    return lambda _world, data: edited(_sod(data), path, change)


def _signer(*path: int, change: Change) -> Spoil:
    return _edit(*SIGNER, *path, change=change)


def _attribute(number: int, change: Change) -> Spoil:
    """Change a signed attribute, and sign again: 0 is the content type, 1 the message digest."""

    def spoil(world: World, data: ChipData) -> bytes:
        return resealed_sod(edited(_sod(data), (*ATTRIBUTES, number), change), world.state.signer_key)

    return spoil


def _content(path: tuple[int, ...], change: Change) -> Spoil:
    """Change the LDS security object, and sign it again."""

    def spoil(world: World, data: ChipData) -> bytes:
        old = write_lds_security_object(data_groups(data))
        new = edited(old, path, change)
        return resealed_sod(with_digest_of(_sod(data), new, "sha256"), world.state.signer_key)

    return spoil


def _content_type(change: Change) -> Spoil:
    """Change the content's type, and among the signed attributes too."""

    def spoil(world: World, data: ChipData) -> bytes:
        other = edited(_sod(data), CONTENT_TYPE, change)
        attribute = edited(at(other, (*ATTRIBUTES, 0)), (1, 0), put(object_identifier("2.23.136.1.1.2")))
        return resealed_sod(edited(other, (*ATTRIBUTES, 0), put(attribute)), world.state.signer_key)

    return spoil


def _issuer_and_serial(_world: World, data: ChipData) -> bytes:
    return edited(_sod(data), (*SIGNER, 1, 1), put(integer(1234)))


def _identifier(version: int, identifier: Callable[[bytes], bytes]) -> Spoil:
    """Name the signer by a key identifier, in a signer info of that version."""

    def spoil(world: World, data: ChipData) -> bytes:
        named = b"\x80\x14" + identifier(key_identifier_of(world.state.signer.certificate))
        return edited(edited(_sod(data), (*SIGNER, 1), put(named)), (*SIGNER, 0), put(integer(version)))

    return spoil


def _another_group(world: World, data: ChipData) -> bytes:
    groups = {**data_groups(data), 10: b"\x6a\x00"}
    return write_security_object(
        write_lds_security_object(groups), world.state.signer_key, world.state.signer.certificate
    )


def _signed_with_md5(world: World) -> Seen:
    key = replace(plan_key(PlanScheme.RSA_PKCS1, "md5", 2048, "DS"), digest="sha256")
    ours = state(plan_key(PlanScheme.RSA_PSS, "sha256", 3072, "CSCA"), key)
    data = world.data(EAC, signer=ours.signer)
    return world.inspect(world.chip(data), world.advanced, trust=ours.trust)


def _altered_dg2(world: World) -> Seen:
    data = world.data(EAC)
    return world.inspect(world.chip(with_files(data, DG2=flipped(data.files["DG2"]))), world.advanced)


def _lds(version: int, lds_version: str | None, world: World) -> Seen:
    data = world.data(EAC)
    content = edited(write_lds_security_object(data_groups(data), version=1), (0,), put(integer(version)))
    named = removed if lds_version is None else lambda info: edited(info, (0,), valued(lds_version.encode()))
    content = edited(content, (3,), named)
    sod = write_security_object(content, world.state.signer_key, world.state.signer.certificate)
    return world.inspect(world.chip(with_files(data, EF_SOD=sod)), world.advanced)


def _more_than_com(world: World) -> Seen:
    data = world.data(PACE)
    com = write_com(data_groups(data))
    data = signed_again(with_files(data, DG3=write_locked_group(3)), world.state.signer)
    content = write_lds_security_object(data_groups(data))
    spoilt = content.replace(hashlib.sha256(data.files["DG3"]).digest(), b"\xff" * 32)
    sod = write_security_object(spoilt, world.state.signer_key, world.state.signer.certificate)
    return world.inspect(world.chip(with_files(data, EF_COM=com, EF_SOD=sod)))


def _less_than_com(world: World) -> Seen:
    data = world.data(EAC)
    groups = {number: content for number, content in data_groups(data).items() if number != 2}
    sod = write_security_object(
        write_lds_security_object(groups), world.state.signer_key, world.state.signer.certificate
    )
    return world.inspect(world.chip(with_files(data, EF_SOD=sod)), world.advanced)


def _other_than_com(world: World) -> Seen:
    data = with_files(world.data(PACE), DG3=write_locked_group(3))
    groups = {number: content for number, content in data_groups(data).items() if number != 2}
    sod = write_security_object(
        write_lds_security_object(groups), world.state.signer_key, world.state.signer.certificate
    )
    return world.inspect(world.chip(with_files(data, EF_SOD=sod)))


_HASHES = (2,)
_FAILING: Mapping[int, tuple[str, Spoil]] = {
    17: ("tag 78 instead of 77", lambda _, data: b"\x78" + _sod(data)[1:]),
    18: ("outermost length too small", lambda _, data: with_length(_sod(data), -1)),
    19: ("outermost length too big", lambda _, data: with_length(_sod(data), 1)),
    21: ("SignedData without version", _edit(*SIGNED_DATA, 0, change=removed)),
    23: ("SignedData without the list of digest algorithms", _edit(*DIGESTS, change=removed)),
    24: ("another content type", _content_type(put(object_identifier("2.23.136.1.1.2")))),
    25: ("no content type", _edit(*CONTENT_TYPE, change=removed)),
    27: ("SignerInfo without version", _signer(0, change=removed)),
    30: ("SignerInfo with MD5 as digest algorithm", _signer(2, change=put(_MD5))),
    31: ("SignerInfo without digest algorithm", _signer(2, change=removed)),
    32: ("wrong message digest, signed", _attribute(1, flipped)),
    33: ("no message digest, signed", _attribute(1, removed)),
    37: ("wrong signature", _edit(*SIGNATURE, change=flipped)),
    38: ("no signature", _edit(*SIGNATURE, change=removed)),
    39: ("LDS security object of version 9", _content((0,), put(integer(9)))),
    40: ("LDS security object without version", _content((0,), removed)),
    41: ("LDS security object with MD5", _content((1,), put(_MD5))),
    42: ("LDS security object without digest algorithm", _content((1,), removed)),
    43: ("wrong hash of DG2", _content((*_HASHES, 1, 1), flipped)),
    44: ("no hash of DG1", _content((*_HASHES, 0), removed)),
    46: ("data group number FF instead of DG1's", _content((*_HASHES, 0, 0), valued(b"\xff"))),
    47: ("no number at DG2's hash", _content((*_HASHES, 1, 0), removed)),
}
_BORNE_WITH: Mapping[int, tuple[str, Spoil, str]] = {
    20: ("SignedData of version 9", _edit(*SIGNED_DATA, 0, change=put(integer(9))), _BORNE),
    22: ("MD5 as the listed digest algorithm", _edit(*DIGESTS, change=put(set_of([_MD5]))), _BORNE),
    26: ("SignerInfo of version 9", _signer(0, change=put(integer(9))), _BORNE),
    28: ("SignerInfo names another serial number", _issuer_and_serial, _BORNE),
    29: ("SignerInfo names another key identifier", _identifier(3, flipped), _BORNE),
    45: ("a hash of DG10, which the card does not have", _another_group, "what was signed and not read is no finding"),
    84: ("SignerInfo of version 3 with issuer and serial number", _signer(0, change=put(integer(3))), _BORNE),
    85: ("SignerInfo of version 1 with a key identifier", _identifier(1, lambda own: own), _BORNE),
}
