"""PACE: a channel from a short password, safe against guessing afterwards (ICAO 9303-11, 4.4)."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TypeVar

from verifier.access.cipher_suite import KEY_PASSWORD, CipherSuite
from verifier.access.denial import require_access
from verifier.access.groups.domain_parameters import Random
from verifier.access.groups.group import AnyGroup, Group
from verifier.access.pace.chip_authentication_data import chip_authentication_data
from verifier.access.pace.general_authenticate import answer_of, general_authenticate
from verifier.access.pace.protocols import choose_pace, describe_pace, protocol_of
from verifier.access.password import CanPassword, MrzPassword, Password
from verifier.access.proofs import PaceChipAuthenticationProof
from verifier.access.secure_messaging import SecureMessaging
from verifier.errors import AccessDenied, CardProtocolError, CardRefused
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.object_identifier import encode_object_identifier
from verifier.iso7816.status import StatusWord, describe
from verifier.iso7816.tlv import encode
from verifier.lds.security_infos import PaceInfo

__all__ = ["PaceSession", "choose_pace", "describe_pace", "establish_pace"]

MANAGE_SECURITY_ENVIRONMENT = 0x22
_SET_AUTHENTICATION_TEMPLATE = (0xC1, 0xA4)
_PROTOCOL, _PASSWORD, _PARAMETERS = 0x80, 0x83, 0x84
_MRZ_REFERENCE, _CAN_REFERENCE = 1, 2
_NONCE, _KEY_TERMINAL, _KEY_CHIP, _TOKEN_TERMINAL, _TOKEN_CHIP = 0x80, 0x83, 0x84, 0x85, 0x86
_PUBLIC_KEY_TEMPLATE, _OBJECT_IDENTIFIER = 0x7F49, 0x06
_MAX_NONCE = 64
_TRIES_LEFT = range(0x63C1, 0x63D0)
_INCOMPLETE = frozenset({0x6A80, 0x6A87, 0x6A88})
"""What a card may answer that misses the domain parameters in MSE:Set AT."""
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class PaceSession:
    """What PACE leads to: the channel, and with chip authentication mapping what the chip said of its static key."""

    channel: SecureMessaging = field(repr=False)
    chip_authentication: PaceChipAuthenticationProof | None = None


@dataclass(frozen=True, slots=True)
class _Agreement:
    """Both public keys as they travelled, and the secret."""

    public_key: bytes
    chip_key: bytes
    secret: bytes = field(repr=False)


def establish_pace(info: PaceInfo, password: Password, random: Random) -> Exchange[PaceSession]:
    """Run PACE in five commands and return the channel.

    ``info`` is one of the card's offers (``choose_pace``). Draws what the mapping draws – a key, or with integrated
    mapping a nonce –, then the key agreement key: as many bytes as the group's order has, more where a draw is out of
    range.

    Raises:
        AccessDenied: the password does not fit this card; never retried here.
        CardProtocolError: the card broke the protocol. CardRefused: any other error status.
        UnsupportedFeature: the offer is of a kind that is not carried; nothing was sent.
    """
    protocol = protocol_of(info)
    group, suite = protocol.group, protocol.suite
    yield from _select_protocol(info, password)
    nonce = yield from _get_nonce(suite, password)
    mapped = yield from protocol.mapping(group, suite, nonce, random)
    agreement = yield from _agree(group, mapped.generator, random)
    channel_keys = suite.derive_session_keys(agreement.secret)
    answer = yield from _exchange_tokens(
        suite,
        channel_keys[1],
        ours=_token_input(info, group, agreement.public_key),
        its=_token_input(info, group, agreement.chip_key),
    )
    channel = SecureMessaging(suite, *channel_keys)
    if not protocol.chip_authentication or info.parameter_id is None:
        return PaceSession(channel)
    data = chip_authentication_data(answer, suite, channel_keys[0])
    return PaceSession(channel, PaceChipAuthenticationProof(info.oid, info.parameter_id, mapped.chip_key, data))


def _select_protocol(info: PaceInfo, password: Password) -> Exchange[None]:
    """MSE:Set AT (ICAO 9303-11, 4.4.4.1); the parameters are named where the card offers several sets.

    Older Ukrainian passports want them named though there is one set only, and answer 6A87 else (gmrtd, issue 108): so
    a card that refuses is asked once more that way. No password has been used up by then.
    """
    reference = _CAN_REFERENCE if isinstance(password, CanPassword) else _MRZ_REFERENCE
    data = encode(_PROTOCOL, encode_object_identifier(info.oid)) + encode(_PASSWORD, bytes([reference]))
    named = data if info.parameter_id is None else data + encode(_PARAMETERS, info.parameter_id.to_bytes())
    first = named if info.parameters_ambiguous else data
    response = yield CommandApdu(0x00, MANAGE_SECURITY_ENVIRONMENT, *_SET_AUTHENTICATION_TEMPLATE, data=first)
    if response.status in _INCOMPLETE and named != first:
        response = yield CommandApdu(0x00, MANAGE_SECURITY_ENVIRONMENT, *_SET_AUTHENTICATION_TEMPLATE, data=named)
    _require_selected(response, "card access number" if reference == _CAN_REFERENCE else "MRZ password")


def _require_selected(response: ResponseApdu, password: str) -> None:
    """63Cx warns of the tries that are left and goes on; none left, or blocked, is a denial (TR-03110-3, B.14.1).

    6A88 says that the card has no such password (4.4.4.1): cards made for PIN and PUK alone are told apart so.
    """
    if response.status in _TRIES_LEFT:
        return
    if response.status in {0x63C0, StatusWord.AUTHENTICATION_METHOD_BLOCKED}:
        msg = f"the card no longer accepts this kind of password: {describe(response.status)}"
        raise AccessDenied(msg)
    if response.status == StatusWord.REFERENCED_DATA_NOT_FOUND:
        msg = (
            f"the card refused PACE: it has no {password} or not these domain parameters, {describe(response.status)}; "
            "cards that have a PIN and a PUK only are not supported"
        )
        raise CardRefused(msg, response.status)
    response.require_ok("the choice of PACE")


def _get_nonce(suite: CipherSuite, password: Password) -> Exchange[bytes]:
    """Fetch the encrypted nonce and decrypt it with the key of the password (ICAO 9303-11, 4.4.3.3, 9.7.3).

    It is made of whole blocks, and may be a single one: Italian identity cards send eight bytes with 3DES.
    """
    response = yield general_authenticate(b"", more_to_come=True)
    encrypted = answer_of(response, _NONCE, "the request for a nonce")
    if not 0 < len(encrypted) <= _MAX_NONCE or len(encrypted) % suite.block_length:
        msg = f"the card sent an encrypted nonce of {len(encrypted)} bytes"
        raise CardProtocolError(msg)
    return suite.decrypt(suite.derive_key(_shared_password(password), KEY_PASSWORD), encrypted)


def _shared_password(password: Password) -> bytes:
    match password:
        case MrzPassword():
            return hashlib.sha1(password.mrz_information(), usedforsecurity=False).digest()
        case CanPassword():
            return password.digits.encode("ascii")


def _agree(group: Group[E], generator: E, random: Random) -> Exchange[_Agreement]:
    """Draw a key on the mapped generator, exchange the public ones and agree on a secret (ICAO 9303-11, 4.4.1)."""
    key = group.draw_key(random)
    public = key.multiply(generator)
    encoded = group.encode(public)
    response = yield general_authenticate(
        encode(_KEY_TERMINAL, encoded), more_to_come=True, longest_answer=group.longest_public_key
    )
    chip_encoded = answer_of(response, _KEY_CHIP, "the key agreement")
    chip_public = group.decode(chip_encoded)
    if chip_public == public:  # The two keys must differ, or our token would serve as the card's
        msg = "the card sent the reader's own public key back"
        raise CardProtocolError(msg)
    return _Agreement(encoded, chip_encoded, key.shared_secret(chip_public))


def _exchange_tokens(suite: CipherSuite, mac_key: bytes, *, ours: bytes, its: bytes) -> Exchange[ResponseApdu]:
    """Prove the session keys to each other (ICAO 9303-11, 4.4.3.4): each side authenticates the other's public key.

    Returns the card's answer, which may hold more than its token.
    """
    response = yield general_authenticate(encode(_TOKEN_TERMINAL, suite.mac_padded(mac_key, its)))
    require_access(response, "the mutual authentication of PACE")
    token = answer_of(response, _TOKEN_CHIP, "the mutual authentication of PACE")
    if not hmac.compare_digest(suite.mac_padded(mac_key, ours), token):
        msg = "the card does not know the password: its authentication token is wrong"
        raise AccessDenied(msg)
    return response


def _token_input(info: PaceInfo, group: AnyGroup, public: bytes) -> bytes:
    """The public key data object (ICAO 9303-11, 9.4.5): protocol and public key, without domain parameters."""
    oid = encode(_OBJECT_IDENTIFIER, encode_object_identifier(info.oid))
    return encode(_PUBLIC_KEY_TEMPLATE, oid + encode(group.public_key_tag, public))
