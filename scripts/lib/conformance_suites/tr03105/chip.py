"""Units ISO7816_D and F: Chip Authentication and Active Authentication."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from conformance_suites.tr03105.case import FAILURE, SUCCESS, Case, Seen
from conformance_suites.tr03105.files import resigned
from conformance_suites.tr03105.security_infos import in_infos
from conformance_suites.tr03105.world import BAC, EAC, World
from conformance_suites.tr03105.writing import Change, put
from verifier.iso7816.apdu import ResponseApdu
from verifier.sdk.testing import GROUPS, ActiveAuthenticationKind, ChipOptions, CipherSuite, VirtualChip
from verifier.sdk.testing.arithmetic.groups import draw_scalar
from verifier.sdk.testing.card_side.active_authentication import RsaSigner
from verifier.sdk.testing.card_side.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.writing.der_writing import integer, object_identifier
from verifier.sdk.testing.writing.signing import shared_rsa_key

_EC_KEY, _DH_KEY, _EC_PROTOCOL = (f"0.4.0.127.0.7.2.2.{arc}" for arc in ("1.2", "1.1", "3.2.1"))
_DH = replace(EAC, chip_authentication_curve="MODP-2048-256")
_RSA = replace(BAC, active_authentication=ActiveAuthenticationKind.RSA)
_ECDSA = replace(BAC, active_authentication=ActiveAuthenticationKind.ECDSA)
_POINT = (1, 1)


def chip_authentication_cases() -> Iterator[Case]:
    """Yield ISO7816_D."""
    yield Case("ISO7816_D_01", "Diffie-Hellman in a residue field", SUCCESS, partial(_advanced, _DH))
    yield Case("ISO7816_D_02", "Diffie-Hellman over a curve", SUCCESS, partial(_advanced, EAC))
    for number, count in ((3, 1), (4, 2), (5, 3)):
        about = f"{count} numbered key{'s' if count > 1 else ''} in DG14"
        yield Case(f"ISO7816_D_{number:02}", about, SUCCESS, partial(_several_keys, count))
    yield Case("ISO7816_D_06", "DG14 numbers the key otherwise than the chip", None, _other_number)
    yield Case(
        "ISO7816_D_07", "a residue in DG14 that is not the chip's key", FAILURE, partial(_other_key, _DH, _DH_KEY)
    )
    yield Case("ISO7816_D_08", "a point in DG14 that is not of the curve", FAILURE, partial(_other_key, EAC, _EC_KEY))
    yield Case("ISO7816_D_09", "the chip goes on with the old session keys", FAILURE, _old_keys)
    yield Case("ISO7816_D_10", "each session has an ephemeral key of its own", SUCCESS, _ephemeral_keys)
    yield Case(
        "ISO7816_D_11",
        "a key of a residue field without its parameters",
        FAILURE,
        partial(_no_parameters, _DH, _DH_KEY),
    )
    yield Case("ISO7816_D_12", "a key of an unknown curve", FAILURE, partial(_no_parameters, EAC, _EC_KEY))
    yield Case("ISO7816_D_13", "the protocol's number is not the key's", None, _numbers_differ)
    yield Case(
        "ISO7816_D_14",
        "commands of extended length",
        SUCCESS,
        partial(_advanced, replace(_DH, chip_authentication_cipher=CipherSuite.AES_256)),
    )
    yield Case("ISO7816_D_15", "6A88 to the choice of a key", None, _errors)


def active_authentication_cases() -> Iterator[Case]:
    """Yield ISO7816_F."""
    for number, hash_name in ((1, "SHA-1"), (4, "SHA-224"), (5, "SHA-256"), (6, "SHA-384"), (7, "SHA-512")):
        options = replace(_RSA, active_authentication_hash=hash_name)
        yield Case(f"ISO7816_F_{number:02}", f"RSA with {hash_name}", SUCCESS, partial(_advanced, options))
    yield Case("ISO7816_F_02", "ECDSA", SUCCESS, partial(_advanced, _ECDSA))
    yield Case("ISO7816_F_08", "a trailer that names another digest", FAILURE, _wrong_trailer)
    yield Case("ISO7816_F_09", "an unknown signature algorithm in DG14", FAILURE, _unknown_algorithm)


def _advanced(options: ChipOptions, world: World) -> Seen:
    return world.inspect(world.chip(world.data(options)), world.advanced)


def _several_keys(count: int, world: World) -> Seen:
    random = world.random("more keys")
    names = ("brainpoolP256r1", "P-256")[: count - 1]
    more = tuple(
        ChipAuthenticationKey(GROUPS[name], draw_scalar(GROUPS[name], random), CipherSuite.AES_128, number)
        for number, name in enumerate(names, 2)
    )
    return _advanced(replace(EAC, chip_authentication_key_id=1, more_chip_authentication=more), world)


def _spoilt(options: ChipOptions, oid: str, path: tuple[int, ...], change: Change, world: World) -> Seen:
    data = world.data(options)
    dg14 = in_infos(oid, path, change)(data.files["DG14"])
    return world.inspect(world.chip(resigned(world, "DG14", dg14, data)), world.advanced)


def _other_number(world: World) -> Seen:
    data = world.data(replace(EAC, chip_authentication_key_id=1))
    keys = tuple(replace(key, key_id=9) for key in data.chip_authentication)
    return world.inspect(world.chip(replace(data, chip_authentication=keys)), world.advanced)


def _other_key(options: ChipOptions, oid: str, world: World) -> Seen:
    def other(bits: bytes) -> bytes:
        return bits[:-1] + bytes([bits[-1] ^ 1])

    return _spoilt(options, oid, _POINT, other, world)


def _no_parameters(options: ChipOptions, oid: str, world: World) -> Seen:
    unknown = put(object_identifier("1.3.6.1.4.1.55738.666.1"))
    return _spoilt(options, oid, (1, 0, 1), unknown, world)


def _numbers_differ(world: World) -> Seen:
    options = replace(EAC, chip_authentication_key_id=1)
    return _spoilt(options, _EC_PROTOCOL, (2,), put(integer(2)), world)


class _OldKeys(VirtualChip):
    """Agrees on a key, and goes on with that of Basic Access Control."""

    def _answer(self, encoded: bytes) -> ResponseApdu:
        old = self._applet.session
        response = super()._answer(encoded)
        if old is not None and self._applet.session is not None:
            self._applet.session = old
        return response


def _old_keys(world: World) -> Seen:
    return world.inspect(_OldKeys(world.data(EAC), random=world.random("a chip")), world.advanced)


def _ephemeral_keys(world: World) -> Seen:
    """Two sessions, with randomness that goes on: the keys that the reader sends differ."""
    random, sent = world.random("one reader"), []

    class Watching(ChipAuthenticationKey):
        """Notes the reader's keys."""

        def agree(self, reader_public: bytes):
            sent.append(reader_public)
            return super().agree(reader_public)

    data = world.data(EAC)
    keys = tuple(Watching(key.curve, key.scalar, key.suite, key.key_id) for key in data.chip_authentication)
    seen = [
        world.inspect(world.chip(replace(data, chip_authentication=keys)), world.advanced, random=random) for _ in "12"
    ]
    return seen[0] if len(set(sent)) == len(sent) == 2 else Seen(FAILURE, "the same ephemeral key twice")


def _errors(world: World) -> Seen:
    """The chip has no such key (6A88)."""
    return world.inspect(world.chip(replace(world.data(EAC), chip_authentication=())), world.advanced)


def _wrong_trailer(world: World) -> Seen:
    """The digest is SHA-256, the trailer says SHA-512."""
    data = world.data(_RSA)
    lying = _Lying(shared_rsa_key("active authentication", _RSA.active_authentication_rsa_bits))
    return world.inspect(world.chip(replace(data, active_authentication=lying)), world.advanced)


class _Lying(RsaSigner):
    def sign(self, challenge: bytes, random: Callable[[int], bytes]) -> bytes:
        """Return a signature by SHA-256 whose trailer was altered before the root was taken."""
        numbers = self.key.private_numbers()
        modulus = numbers.public_numbers.n
        right = pow(int.from_bytes(super().sign(challenge, random)), numbers.public_numbers.e, modulus)
        right = right if right & 0xFF == 0xCC else modulus - right
        wrong = right - 0x34CC + 0x35CC
        return pow(wrong, numbers.d, modulus).to_bytes((modulus.bit_length() + 7) // 8)


def _unknown_algorithm(world: World) -> Seen:
    unknown = put(object_identifier("1.3.6.1.4.1.55738.666.1"))
    return _spoilt(_ECDSA, "2.23.136.1.1.5", (2,), unknown, world)
