"""Units LDS_F, I, J and K: what the card says of its protocols: DG14, DG15, EF.CardSecurity, EF.ATR/INFO."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from conformance_suites.tr03105.case import FAILURE, SUCCESS, Case, Seen
from conformance_suites.tr03105.files import resigned
from conformance_suites.tr03105.world import EAC, PACE, World, with_files
from conformance_suites.tr03105.writing import Change, edited, members, put, removed, with_length
from verifier.iso7816 import tlv
from verifier.pki.cms import SignedData
from verifier.sdk.testing import (
    CURVES,
    ActiveAuthenticationKind,
    ChipData,
    ChipOptions,
    CipherSuite,
    PaceMapping,
    PaceParameters,
)
from verifier.sdk.testing.writing.der_writing import integer, object_identifier, sequence, set_of
from verifier.sdk.testing.writing.security_object import write_card_security

_KEY, _PROTOCOL, _PACE = "0.4.0.127.0.7.2.2.1.2", "0.4.0.127.0.7.2.2.3.2.1", "0.4.0.127.0.7.2.2.4"
_EAC_AA = replace(EAC, active_authentication=ActiveAuthenticationKind.RSA)
"""CFG.DFLT.EACAA."""
CAM: ChipOptions = replace(PACE, pace_cipher=CipherSuite.AES_128, pace_mapping=PaceMapping.CHIP_AUTHENTICATION)
"""CFG.DFLT.PACE with chip authentication mapping, which brings EF.CardSecurity."""
_ATR = "EF.ATR/INFO tells what the card can carry, and nobody signs it: what it does not tell is found out by trying"


def dg14_cases() -> Iterator[Case]:
    """Yield LDS_F."""
    spoils: dict[int, tuple[str, Callable[[bytes], bytes]]] = {
        1: ("tag 6F instead of 6E", lambda dg14: b"\x6f" + dg14[1:]),
        2: ("outermost length too small", lambda dg14: with_length(dg14, -1)),
        3: ("outermost length too big", lambda dg14: with_length(dg14, 1)),
        4: (
            "a key of a kind that does not exist",
            in_infos(_KEY, (0,), put(object_identifier("0.4.0.127.0.7.2.2.1.3"))),
        ),
        5: ("a key without its object identifier", in_infos(_KEY, (0,), removed)),
        6: ("ChipAuthenticationInfo of version 10", in_infos(_PROTOCOL, (1,), put(integer(10)))),
        7: ("ChipAuthenticationInfo without version", in_infos(_PROTOCOL, (1,), removed)),
    }
    for number, (about, spoil) in spoils.items():
        yield Case(f"LDS_F_{number:02}", about, FAILURE, partial(_file, "DG14", EAC, spoil))


def dg15_cases() -> Iterator[Case]:
    """Yield LDS_I."""
    spoils: dict[int, tuple[str, Callable[[bytes], bytes]]] = {
        1: ("tag 70 instead of 6F", lambda dg15: b"\x70" + dg15[1:]),
        2: ("outermost length too small", lambda dg15: with_length(dg15, -1)),
        3: ("outermost length too big", lambda dg15: with_length(dg15, 1)),
    }
    for number, (about, spoil) in spoils.items():
        yield Case(f"LDS_I_{number:02}", about, FAILURE, partial(_file, "DG15", _EAC_AA, spoil))


def card_security_cases() -> Iterator[Case]:
    """Yield LDS_J."""
    more = sequence(object_identifier("1.3.6.1.4.1.55738.666.1"), integer(1))
    yield Case(
        "LDS_J_01",
        "more in EF.CardSecurity than in EF.CardAccess",
        SUCCESS,
        partial(_card_security, lambda i: [*i, more]),
    )
    yield Case(
        "LDS_J_02", "less in EF.CardSecurity than in EF.CardAccess", FAILURE, partial(_card_security, _without_pace)
    )
    yield Case("LDS_J_03", "other domain parameters in EF.CardSecurity", FAILURE, partial(_card_security, _other_pace))
    yield Case(
        "LDS_J_04", "a key in EF.CardSecurity without its identifier", FAILURE, partial(_card_security, _nameless_key)
    )


def atr_info_cases() -> Iterator[Case]:
    """Yield LDS_K; the file is not read in an inspection, so its decoder is asked beside it."""
    for number, about, content in (
        (1, "lengths of two bytes", "7F660802020780020207 80"),
        (2, "lengths of three bytes", "7F660A 0203010000 0203010000"),
    ):
        yield Case(f"LDS_K_{number:02}", about, SUCCESS, partial(_atr_info, bytes.fromhex(content)))
    for number, about, content in (
        (3, "one length instead of two", "7F660402020780"),
        (4, "tag 7F65 instead of 7F66", "7F65080202078002020780"),
    ):
        yield Case(f"LDS_K_{number:02}", about, FAILURE, partial(_atr_info, bytes.fromhex(content)), deviating=_ATR)


def in_infos(oid: str, path: tuple[int, ...], change: Change) -> Callable[[bytes], bytes]:
    """Return what changes an entry of SecurityInfos inside a file with one tag around them."""

    def spoil(file: bytes) -> bytes:
        entries = members(members(file)[0])
        named = [edited(entry, path, change) if _is(entry, oid) else entry for entry in entries]
        return tlv.encode(tlv.decode_one(file).tag, set_of(named))

    return spoil


def _is(entry: bytes, oid: str) -> bool:
    return members(entry)[0] == object_identifier(oid)


def _file(name: str, options: ChipOptions, spoil: Callable[[bytes], bytes], world: World) -> Seen:
    data = world.data(options)
    return world.inspect(world.chip(resigned(world, name, spoil(data.files[name]), data)), world.advanced)


def with_card_security(
    world: World, change: Callable[[list[bytes]], list[bytes]], options: ChipOptions = CAM
) -> ChipData:
    """Return the data of a card with EF.CardSecurity signed over other entries."""
    data = world.data(options)
    signer = world.state.signer
    infos = set_of(change(members(_content_of(data.files["EF.CardSecurity"]))))
    return with_files(data, **{"EF.CardSecurity": write_card_security(infos, signer.key, signer.certificate)})


def _content_of(card_security: bytes) -> bytes:
    return SignedData.decode(card_security).encap_content


def _card_security(change: Callable[[list[bytes]], list[bytes]], world: World) -> Seen:
    """Two offers of PACE, so that one can be missing, or another, in the signed file."""
    options = replace(CAM, more_pace=(PaceParameters(CURVES["brainpoolP256r1"], CipherSuite.AES_128),))
    return world.inspect(world.chip(with_card_security(world, change, options)), world.advanced)


def _is_pace(entry: bytes) -> bool:
    return members(entry)[0].startswith(object_identifier(_PACE)[2:], 2)


def _without_pace(infos: list[bytes]) -> list[bytes]:
    left_out = next(entry for entry in infos if _is_pace(entry))
    return [entry for entry in infos if entry != left_out]


def _other_pace(infos: list[bytes]) -> list[bytes]:
    return [edited(entry, (2,), put(integer(16))) if _is_pace(entry) else entry for entry in infos]


def _nameless_key(infos: list[bytes]) -> list[bytes]:
    return [edited(entry, (0,), removed) if _is(entry, _KEY) else entry for entry in infos]


def _atr_info(content: bytes, world: World) -> Seen:
    card = world.chip(with_files(world.data(EAC), **{"EF.ATR/INFO": content}))
    return world.inspect(card, world.advanced, beside=["EF.ATR/INFO"])
