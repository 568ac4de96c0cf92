"""Basic Access Control: a channel from the MRZ, by two nonces and 3DES (ICAO 9303-11, 4.3)."""

import hashlib
import hmac

from verifier.access.cipher_suite import KEY_ENC, KEY_MAC, MAC_LENGTH, CipherSuite
from verifier.access.denial import require_access
from verifier.access.groups.domain_parameters import Random
from verifier.access.password import MrzPassword
from verifier.access.secure_messaging import SecureMessaging
from verifier.errors import AccessDenied, CardProtocolError
from verifier.iso7816.apdu import CommandApdu
from verifier.iso7816.exchange import Exchange

GET_CHALLENGE, EXTERNAL_AUTHENTICATE = 0x84, 0x82
CHALLENGE_LENGTH = 8
_NONCE_LENGTH, _KEY_LENGTH = CHALLENGE_LENGTH, 16
_ANSWER_LENGTH = 2 * _NONCE_LENGTH + _KEY_LENGTH
_SUITE = CipherSuite.TRIPLE_DES


def establish_bac(password: MrzPassword, random: Random) -> Exchange[SecureMessaging]:
    """Run BAC in two commands and return the channel (3DES). Draws RND.IFD (8 bytes), then K.IFD (16 bytes).

    Raises:
        AccessDenied: the MRZ does not fit this card; never retried here.
        CardProtocolError: the card broke the protocol. CardRefused: any other error status.
    """
    encryption_key, mac_key = _document_access_keys(password)
    response = yield CommandApdu(0x00, GET_CHALLENGE, 0x00, 0x00, le=_NONCE_LENGTH)
    card_nonce = response.require_ok("GET CHALLENGE")
    if len(card_nonce) != _NONCE_LENGTH:
        msg = f"the card's challenge has {len(card_nonce)} bytes instead of {_NONCE_LENGTH}"
        raise CardProtocolError(msg)
    nonce = random(_NONCE_LENGTH)
    key_half = random(_KEY_LENGTH)
    cryptogram = _SUITE.encrypt(encryption_key, nonce + card_nonce + key_half)
    proof = cryptogram + _SUITE.mac_padded(mac_key, cryptogram)
    response = yield CommandApdu(0x00, EXTERNAL_AUTHENTICATE, 0x00, 0x00, data=proof, le=len(proof))
    answer = _open_answer(require_access(response, "EXTERNAL AUTHENTICATE"), encryption_key, mac_key)
    if not hmac.compare_digest(answer[: 2 * _NONCE_LENGTH], card_nonce + nonce):
        msg = "the card's answer does not repeat the nonces of this session"
        raise CardProtocolError(msg)
    card_key_half = answer[2 * _NONCE_LENGTH :]
    seed = bytes(ours ^ theirs for ours, theirs in zip(key_half, card_key_half, strict=True))
    counter = card_nonce[_NONCE_LENGTH // 2 :] + nonce[_NONCE_LENGTH // 2 :]
    return SecureMessaging(_SUITE, *_SUITE.derive_session_keys(seed), counter)


def _document_access_keys(password: MrzPassword) -> tuple[bytes, bytes]:
    """Return K.Enc and K.MAC (ICAO 9303-11, 9.7.2)."""
    seed = hashlib.sha1(password.mrz_information(), usedforsecurity=False).digest()[:_KEY_LENGTH]
    return _SUITE.derive_key(seed, KEY_ENC), _SUITE.derive_key(seed, KEY_MAC)


def _open_answer(answer: bytes, encryption_key: bytes, mac_key: bytes) -> bytes:
    """Return RND.IC, RND.IFD and K.IC: 32 bytes."""
    if len(answer) != _ANSWER_LENGTH + MAC_LENGTH:
        msg = f"the card's answer to EXTERNAL AUTHENTICATE has {len(answer)} bytes instead of 40"
        raise CardProtocolError(msg)
    cryptogram, mac = answer[:_ANSWER_LENGTH], answer[_ANSWER_LENGTH:]
    if not hmac.compare_digest(_SUITE.mac_padded(mac_key, cryptogram), mac):
        # A chip that checks nothing answers under the keys of its own MRZ: to us that is a password that does not fit.
        msg = "the card's answer was made with other keys than those of this MRZ"
        raise AccessDenied(msg)
    return _SUITE.decrypt(encryption_key, cryptogram)
