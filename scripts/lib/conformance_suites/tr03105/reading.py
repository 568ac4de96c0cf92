"""Units ISO7816_A, B and C: selecting the application, Basic Access Control, secure messaging, reading."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from conformance_suites.tr03105.case import FAILURE, SUCCESS, Case, Seen
from conformance_suites.tr03105.files import resigned
from conformance_suites.tr03105.world import BAC, EAC, PLAIN, World, usual_state
from verifier.access.proofs import AccessProtocol
from verifier.iso7816 import tlv
from verifier.reading.options import ReadingOptions
from verifier.reading.purpose import ReadingPurpose
from verifier.sdk.testing import Behaviour, CipherSuite
from verifier.sdk.testing.card_side.ciphers import ENCRYPTION_COUNTER, MAC_COUNTER, pad
from verifier.sdk.testing.card_side.pace import hashed_mrz_information
from verifier.sdk.testing.faults import Tamper, files_removed, tampered
from verifier.sdk.testing.writing.optional_groups import placeholder_image, write_dg2

_SELECT, _AUTHENTICATE, _PROTECTED = b"\x00\xa4\x04", b"\x00\x82", b"\x0c"
_CRYPTOGRAM, _STATUS, _MAC = (0x85, 0x87), (0x99,), (0x8E,)
_OPEN = frozenset(AccessProtocol)


def selection_cases() -> Iterator[Case]:
    """Yield ISO7816_A."""
    yield Case("ISO7816_A_01", "a document without protection", SUCCESS, _unprotected)
    yield Case("ISO7816_A_02", "a document with BAC", SUCCESS, lambda world: world.inspect(world.chip(world.data(BAC))))
    yield Case("ISO7816_A_03", "no such application", FAILURE, partial(_tampered, _answering(_SELECT, b"\x6a\x82")))


def access_cases() -> Iterator[Case]:
    """Yield ISO7816_B."""
    yield Case("ISO7816_B_01", "the chip's MAC is wrong", FAILURE, partial(_tampered, _wrong_authentication_mac))
    yield Case("ISO7816_B_02", "the chip's cryptogram is wrong under a right MAC", FAILURE, _wrong_cryptogram)
    yield Case(
        "ISO7816_B_03",
        "the chip refuses the authentication",
        FAILURE,
        partial(_tampered, _answering(_AUTHENTICATE, b"\x63\x00")),
    )
    yield Case(
        "ISO7816_B_04",
        "the chip reports a secure messaging error",
        FAILURE,
        partial(_tampered, _answering(_PROTECTED, b"\x69\x88")),
    )
    spoilt: tuple[tuple[int, str, Tamper], ...] = (
        (5, "responses without MAC", _without(_MAC)),
        (6, "responses without cryptogram", _without(_CRYPTOGRAM)),
        (7, "responses without protected status bytes", _without(_STATUS)),
        (8, "responses with a wrong MAC", _flipped(_MAC)),
        (9, "responses with a wrong cryptogram", _flipped(_CRYPTOGRAM)),
    )
    for number, about, tamper in spoilt:
        yield Case(f"ISO7816_B_{number:02}", about, FAILURE, partial(_tampered, tamper))
    yield Case("ISO7816_B_10", "the signer stands on its authority's CRL", None, _revoked)


def file_cases() -> Iterator[Case]:
    """Yield ISO7816_C."""
    yield Case("ISO7816_C_01", "DG1 cannot be selected", FAILURE, _without_dg1)
    yield Case("ISO7816_C_02", "a DG2 of 30,000 bytes", SUCCESS, partial(_large, 30_000, Behaviour()))
    yield Case(
        "ISO7816_C_03",
        "reads beyond the end are answered with what there is",
        None,
        partial(_at_end, Behaviour(warn_at_end=False)),
    )
    yield Case(
        "ISO7816_C_04",
        "the end of a file told by 6B00",
        None,
        partial(_at_end, Behaviour(warn_at_end=False, extended_length=False)),
    )
    yield Case("ISO7816_C_05", "the end of a file told by 6282", None, partial(_at_end, Behaviour(warn_at_end=True)))
    yield Case(
        "ISO7816_C_06",
        "the end of a file told by 6Cxx",
        None,
        partial(_at_end, Behaviour(corrects_le=True, extended_length=False)),
    )
    yield Case(
        "ISO7816_C_07",
        "a DG2 of 40,000 bytes, read by READ BINARY with odd instruction",
        SUCCESS,
        partial(_large, 40_000, Behaviour(extended_length=False)),
    )
    yield Case("ISO7816_C_08", "a face without any bytes", None, _empty_image)


def _unprotected(world: World) -> Seen:
    """A reader that is told that there are such documents, and a policy that takes them."""
    options = ReadingOptions(access=(AccessProtocol.OPEN,), purpose=ReadingPurpose.FULL)
    policy = replace(world.standard, allowed_access=_OPEN)
    return world.inspect(world.chip(world.data(PLAIN)), policy, options=options)


def _tampered(tamper: Tamper, world: World) -> Seen:
    return world.inspect(world.chip(world.data(BAC), [tampered(tamper)]))


def _answering(begin: bytes, answer: bytes) -> Tamper:
    """Answer commands that begin like that with a status word alone."""
    return lambda _count, command, response: answer if command.startswith(begin) else response


def _wrong_authentication_mac(_count: int, command: bytes, response: bytes) -> bytes:
    if not command.startswith(_AUTHENTICATE):
        return response
    return response[:-3] + bytes([response[-3] ^ 1]) + response[-2:]


def _wrong_cryptogram(world: World) -> Seen:
    """The chip knows the password, and returns another RND.IFD than it was sent."""
    data, suite = world.data(BAC), CipherSuite.TRIPLE_DES
    seed = hashed_mrz_information(data.mrz_information)[:16]
    key, mac_key = suite.derive_key(seed, ENCRYPTION_COUNTER), suite.derive_key(seed, MAC_COUNTER)

    def tamper(_count: int, command: bytes, response: bytes) -> bytes:
        if not command.startswith(_AUTHENTICATE):
            return response
        plain = suite.decrypt(key, bytes(8), response[:32])
        other = suite.encrypt(key, bytes(8), plain[:8] + bytes(8) + plain[16:])
        return other + suite.mac(mac_key, pad(other, suite.block)) + response[-2:]

    return world.inspect(world.chip(data, [tampered(tamper)]))


def _objects(change: Callable[[tlv.Tlv], bytes]) -> Tamper:
    """Change the data objects of every protected response."""

    def tamper(_count: int, command: bytes, response: bytes) -> bytes:
        if not command.startswith(_PROTECTED):
            return response
        return b"".join(change(element) for element in tlv.decode_all(response[:-2])) + response[-2:]

    return tamper


def _without(tags: tuple[int, ...]) -> Tamper:
    return _objects(lambda element: b"" if element.tag in tags else tlv.encode(element.tag, element.value))


def _flipped(tags: tuple[int, ...]) -> Tamper:
    def change(element: tlv.Tlv) -> bytes:
        wrong = element.value[:-1] + bytes([element.value[-1] ^ 1])
        return tlv.encode(element.tag, wrong if element.tag in tags else element.value)

    return _objects(change)


def _revoked(world: World) -> Seen:
    return world.inspect(world.chip(world.data(BAC)), trust=usual_state(revoked=True).trust)


def _without_dg1(world: World) -> Seen:
    return world.inspect(world.chip(world.data(BAC), [files_removed("DG1")]))


def _large(size: int, behaviour: Behaviour, world: World) -> Seen:
    data = replace(world.data(BAC), behaviour=behaviour)
    return world.inspect(world.chip(resigned(world, "DG2", write_dg2(placeholder_image(length=size)), data)))


def _at_end(behaviour: Behaviour, world: World) -> Seen:
    return world.inspect(world.chip(replace(world.data(EAC), behaviour=behaviour)), world.advanced)


def _empty_image(world: World) -> Seen:
    return world.inspect(world.chip(resigned(world, "DG2", write_dg2(b""))))
