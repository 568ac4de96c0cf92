"""PACE: a channel from a short password, safe against guessing afterwards (ICAO 9303-11, 4.4)."""

import hashlib
import hmac
from dataclasses import dataclass, field

from verifier.access.cipher_suite import KEY_PASSWORD, CipherSuite
from verifier.access.denial import require_access
from verifier.access.domain_parameters import Random, standardised_curve
from verifier.access.general_authenticate import answer_of, general_authenticate
from verifier.access.pace_protocols import choose_pace, describe_pace, protocol_of
from verifier.access.password import CanPassword, MrzPassword, Password
from verifier.access.point_arithmetic import Point, PrivateKey, decode_card_point
from verifier.access.proofs import PaceChipAuthenticationProof
from verifier.access.secure_messaging import SecureMessaging
from verifier.errors import AccessDenied, CardProtocolError
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.object_identifier import encode_object_identifier
from verifier.iso7816.status import StatusWord, describe
from verifier.iso7816.tlv import encode
from verifier.lds.security_infos import PaceInfo
from verifier.pki.curves import NamedCurve

__all__ = ["PaceSession", "choose_pace", "describe_pace", "establish_pace"]

MANAGE_SECURITY_ENVIRONMENT = 0x22
_SET_AUTHENTICATION_TEMPLATE = (0xC1, 0xA4)
_PROTOCOL, _PASSWORD, _PARAMETERS = 0x80, 0x83, 0x84
_MRZ_REFERENCE, _CAN_REFERENCE = 1, 2
_NONCE, _KEY_TERMINAL, _KEY_CHIP, _TOKEN_TERMINAL, _TOKEN_CHIP = 0x80, 0x83, 0x84, 0x85, 0x86
_PUBLIC_KEY_TEMPLATE, _OBJECT_IDENTIFIER, _PUBLIC_POINT = 0x7F49, 0x06, 0x86
_MIN_NONCE, _MAX_NONCE = 16, 64
_TRIES_LEFT = range(0x63C1, 0x63D0)


@dataclass(frozen=True, slots=True)
class PaceSession:
    """What PACE leads to: the channel, and with chip authentication mapping what the chip said of its static key."""

    channel: SecureMessaging = field(repr=False)
    chip_authentication: PaceChipAuthenticationProof | None = None


def establish_pace(info: PaceInfo, password: Password, random: Random) -> Exchange[PaceSession]:
    """Run PACE in five commands and return the channel.

    ``info`` is one of the card's offers (``choose_pace``). Draws the mapping key, then the key agreement key: as many
    bytes as the curve's order has for each, more where a draw is out of range.

    Raises:
        AccessDenied: the password does not fit this card; never retried here.
        CardProtocolError: the card broke the protocol. CardRefused: any other error status.
        UnsupportedFeature: the offer is of a kind that is not carried; nothing was sent.
    """
    protocol, curve = protocol_of(info), standardised_curve(info.parameter_id)
    yield from _select_protocol(info, password)
    nonce = yield from _get_nonce(protocol.suite, password)
    generator = yield from protocol.mapping(curve, nonce, random)
    key = PrivateKey.draw(curve, random)
    public, chip_public = yield from _agree(curve, key, generator)
    channel_keys = protocol.suite.derive_session_keys(key.shared_secret(chip_public))
    yield from _exchange_tokens(
        protocol.suite,
        channel_keys[1],
        ours=_token_input(info, curve, public),
        its=_token_input(info, curve, chip_public),
    )
    return PaceSession(SecureMessaging(protocol.suite, *channel_keys))


def _select_protocol(info: PaceInfo, password: Password) -> Exchange[None]:
    """MSE:Set AT (ICAO 9303-11, 4.4.4.1); the parameters are named where the card offers several sets."""
    reference = _CAN_REFERENCE if isinstance(password, CanPassword) else _MRZ_REFERENCE
    data = encode(_PROTOCOL, encode_object_identifier(info.oid)) + encode(_PASSWORD, bytes([reference]))
    if info.parameters_ambiguous and info.parameter_id is not None:
        data += encode(_PARAMETERS, info.parameter_id.to_bytes())
    response = yield CommandApdu(0x00, MANAGE_SECURITY_ENVIRONMENT, *_SET_AUTHENTICATION_TEMPLATE, data=data)
    _require_selected(response)


def _require_selected(response: ResponseApdu) -> None:
    """63Cx warns of the tries that are left and goes on; none left, or blocked, is a denial (TR-03110-3, B.14.1)."""
    if response.status in _TRIES_LEFT:
        return
    if response.status in {0x63C0, StatusWord.AUTHENTICATION_METHOD_BLOCKED}:
        msg = f"the card no longer accepts this kind of password: {describe(response.status)}"
        raise AccessDenied(msg)
    response.require_ok("the choice of PACE")


def _get_nonce(suite: CipherSuite, password: Password) -> Exchange[bytes]:
    """Fetch the encrypted nonce and decrypt it with the key of the password (ICAO 9303-11, 4.4.3.3, 9.7.3)."""
    response = yield general_authenticate(b"", more_to_come=True)
    encrypted = answer_of(response, _NONCE, "the request for a nonce")
    if not _MIN_NONCE <= len(encrypted) <= _MAX_NONCE or len(encrypted) % suite.block_length:
        msg = f"the card sent an encrypted nonce of {len(encrypted)} bytes"
        raise CardProtocolError(msg)
    return suite.decrypt(suite.derive_key(_shared_password(password), KEY_PASSWORD), encrypted)


def _shared_password(password: Password) -> bytes:
    match password:
        case MrzPassword():
            return hashlib.sha1(password.mrz_information(), usedforsecurity=False).digest()
        case CanPassword():
            return password.digits.encode("ascii")


def _agree(curve: NamedCurve, key: PrivateKey, generator: Point) -> Exchange[tuple[Point, Point]]:
    """Exchange the keys on the mapped generator; return ours and the card's."""
    public = key.multiply(generator)
    response = yield general_authenticate(encode(_KEY_TERMINAL, public.encode(curve)), more_to_come=True)
    chip_public = decode_card_point(answer_of(response, _KEY_CHIP, "the key agreement"), curve)
    if chip_public == public:  # ICAO 9303-11, 4.4.1: the two keys must differ, or our token would serve as the card's
        msg = "the card sent the reader's own public key back"
        raise CardProtocolError(msg)
    return public, chip_public


def _exchange_tokens(suite: CipherSuite, mac_key: bytes, *, ours: bytes, its: bytes) -> Exchange[None]:
    """Prove the session keys to each other (ICAO 9303-11, 4.4.3.4): each side authenticates the other's public key."""
    response = yield general_authenticate(encode(_TOKEN_TERMINAL, suite.mac_padded(mac_key, its)))
    require_access(response, "the mutual authentication of PACE")
    token = answer_of(response, _TOKEN_CHIP, "the mutual authentication of PACE")
    if not hmac.compare_digest(suite.mac_padded(mac_key, ours), token):
        msg = "the card does not know the password: its authentication token is wrong"
        raise AccessDenied(msg)


def _token_input(info: PaceInfo, curve: NamedCurve, public: Point) -> bytes:
    """The public key data object (ICAO 9303-11, 9.4.5): protocol and point, without domain parameters."""
    oid = encode(_OBJECT_IDENTIFIER, encode_object_identifier(info.oid))
    return encode(_PUBLIC_KEY_TEMPLATE, oid + encode(_PUBLIC_POINT, public.encode(curve)))
