"""Chip Authentication: the chip proves its private key by answering under new session keys (ICAO 9303-11, 6.2)."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from verifier.access.chip.chip_authentication_offers import (
    ChipAuthenticationOffer,
    choose_chip_authentication,
    material_of,
    offer_of_proof,
)
from verifier.access.cipher_suite import CipherSuite
from verifier.access.pace.general_authenticate import general_authenticate
from verifier.access.proofs import ChipAuthenticationProof
from verifier.access.secure_messaging import SecureMessaging, response_mac_is_valid
from verifier.errors import CardRefused, InvalidInput
from verifier.iso7816.apdu import EXTENDED_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.chaining import in_pieces
from verifier.iso7816.exchange import Channel, Exchange, through
from verifier.iso7816.object_identifier import encode_object_identifier
from verifier.iso7816.status import StatusWord
from verifier.iso7816.tlv import encode
from verifier.lds.security_infos import ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo

__all__ = [
    "ChipAuthenticatedMessaging",
    "ChipAuthenticationOffer",
    "authenticate_chip",
    "choose_chip_authentication",
    "offer_of_proof",
    "read_with_proof",
    "verify_chip_authentication",
]

T = TypeVar("T")
MANAGE_SECURITY_ENVIRONMENT: Final = 0x22
_SET_KEY_AGREEMENT_TEMPLATE, _SET_AUTHENTICATION_TEMPLATE = (0x41, 0xA6), (0x41, 0xA4)
_PROTOCOL, _KEY_REFERENCE, _PUBLIC_KEY_IN_TEMPLATE, _PUBLIC_KEY = 0x80, 0x84, 0x91, 0x80
_FIRST_RESPONSE_COUNTER = 2
_WRONG_LENGTH_WITH_HINT = 0x6C
_ROOM_WITHOUT_CHANNEL = 223


class ChipAuthenticatedMessaging(SecureMessaging):
    """The channel after Chip Authentication. It keeps its first response, which is the chip's proof."""

    def __init__(self, suite: CipherSuite, secret: bytes, info: ChipAuthenticationInfo, terminal_key: bytes) -> None:
        super().__init__(suite, *suite.derive_session_keys(secret))
        self._info = info
        self._terminal_key = terminal_key
        self._first_response: bytes | None = None

    def unprotect(self, response: ResponseApdu) -> ResponseApdu:
        """Open a response; the first is kept even when it is not authentic, as evidence against the chip."""
        if self._first_response is None:
            self._first_response = response.data
        return super().unprotect(response)

    @property
    def proof(self) -> ChipAuthenticationProof:
        """What to put into the evidence. Raises ``InvalidInput`` before the first response in this channel.

        Also to be had after ``unprotect`` raised ``SecureMessagingError``: a clone's proof, which does not verify.
        """
        if self._first_response is None:
            msg = "Chip Authentication is proved by a response in the new channel, and none has come yet"
            raise InvalidInput(msg)
        return ChipAuthenticationProof(self._info.oid, self._info.key_id, self._terminal_key, self._first_response)


def authenticate_chip(
    channel: Channel,
    info: ChipAuthenticationInfo,
    public_key: ChipAuthenticationPublicKeyInfo,
    random: Callable[[int], bytes],
    *,
    extended_length: bool = True,
) -> Exchange[ChipAuthenticatedMessaging]:
    """Run Chip Authentication inside ``channel`` and return the new channel: one command with 3DES, two with AES.

    The chip has proved nothing until a response in the new channel is authentic. Draws one private key: as many bytes
    as the order of the curve or subgroup has. Without ``extended_length`` a Diffie-Hellman key travels in chained
    commands. The old channel is closed.

    Raises:
        CardRefused: the card refused the protocol, its key reference or our key.
        CardProtocolError: the chip's key is our own, so that anybody could answer for it.
        UnsupportedFeature, MalformedData: protocol or key are not carried; nothing was sent.
    """
    suite, static_key = material_of(info, public_key)
    agreement = static_key.agree(random)
    room = None if extended_length else _room_in(channel)
    yield from through(channel, _send_key(suite, info, agreement.public_key, room))
    if isinstance(channel, SecureMessaging):
        channel.retire("Chip Authentication replaced it")
    return ChipAuthenticatedMessaging(suite, agreement.secret, info, agreement.private_key)


def read_with_proof(
    channel: ChipAuthenticatedMessaging, exchange: Exchange[T]
) -> Exchange[tuple[T, ChipAuthenticationProof]]:
    """Run an exchange in the new channel; return its result and the proof that its first response is."""
    result = yield from through(channel, exchange)
    return result, channel.proof


def verify_chip_authentication(
    proof: ChipAuthenticationProof, info: ChipAuthenticationInfo, public_key: ChipAuthenticationPublicKeyInfo
) -> bool:
    """Tell whether the chip that answered holds the private key to ``public_key``.

    ``info`` and ``public_key`` come from an authentic DG14 (``offer_of_proof``). The session keys are derived anew,
    and the MAC of the first response in the new channel is checked.

    Raises ``UnsupportedFeature`` or ``MalformedData`` for the chip's key; a proof that is none is ``False``.
    """
    suite, static_key = material_of(info, public_key)
    if (proof.oid, proof.key_id) != (info.oid, info.key_id) or len(proof.protected_response) > EXTENDED_MAX_LE:
        return False
    secret = static_key.agree_again(proof.terminal_private_key)
    if secret is None:
        return False
    _, mac_key = suite.derive_session_keys(secret)
    return response_mac_is_valid(suite, mac_key, proof.protected_response, _FIRST_RESPONSE_COUNTER)


def _send_key(suite: CipherSuite, info: ChipAuthenticationInfo, public_key: bytes, room: int | None) -> Exchange[None]:
    """MSE:Set KAT for 3DES, MSE:Set AT and GENERAL AUTHENTICATE for AES (ICAO 9303-11, 6.2.4).

    The second way is in the standard for 3DES too, and it is the card that decides which one it has. So a card that
    refuses the first inside the old channel is asked by the second: same protocol, same keys, same cipher, and nothing
    less to prove. An attacker who provokes it gains a command.
    """
    reference = b"" if info.key_id is None else encode(_KEY_REFERENCE, _key_identifier(info.key_id))
    if suite is not CipherSuite.TRIPLE_DES:
        yield from _set_template_and_authenticate(info, reference, public_key, room)
        return
    data = encode(_PUBLIC_KEY_IN_TEMPLATE, public_key) + reference
    command = CommandApdu(0x00, MANAGE_SECURITY_ENVIRONMENT, *_SET_KEY_AGREEMENT_TEMPLATE, data=data)
    response = yield from in_pieces(command, room)
    if response.is_ok:
        return
    if not _complains_of_length(response):
        with suppress(CardRefused):  # the first refusal says more: MSE:Set KAT is what 3DES chips have
            yield from _set_template_and_authenticate(info, reference, public_key, room)
            return
    response.require_ok("Chip Authentication")


def _set_template_and_authenticate(
    info: ChipAuthenticationInfo, reference: bytes, public_key: bytes, room: int | None
) -> Exchange[None]:
    data = encode(_PROTOCOL, encode_object_identifier(info.oid)) + reference
    response = yield CommandApdu(0x00, MANAGE_SECURITY_ENVIRONMENT, *_SET_AUTHENTICATION_TEMPLATE, data=data)
    response.require_ok("the choice of Chip Authentication")
    response = yield from in_pieces(general_authenticate(encode(_PUBLIC_KEY, public_key)), room)
    response.require_ok("Chip Authentication")


def _complains_of_length(response: ResponseApdu) -> bool:
    return response.status == StatusWord.WRONG_LENGTH or response.status >> 8 == _WRONG_LENGTH_WITH_HINT


def _room_in(channel: Channel) -> int:
    """Return how many data bytes fit into a protected command of short length."""
    return channel.max_plain_chunk() if isinstance(channel, SecureMessaging) else _ROOM_WITHOUT_CHANNEL


def _key_identifier(key_id: int) -> bytes:
    return key_id.to_bytes((key_id.bit_length() + 7) // 8 or 1)
