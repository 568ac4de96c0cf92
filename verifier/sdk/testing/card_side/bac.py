"""The chip's side of Basic Access Control (ICAO 9303-11, 4.3)."""

import hashlib

from verifier.iso7816.status import StatusWord
from verifier.sdk.testing.arithmetic.curves import Random
from verifier.sdk.testing.card_side.ciphers import ENCRYPTION_COUNTER, MAC_COUNTER, CipherSuite, pad
from verifier.sdk.testing.card_side.refusal import Refusal, require
from verifier.sdk.testing.card_side.secure_messaging import SecureSession

_SUITE = CipherSuite.TRIPLE_DES


class BacResponder:
    """Answers GET CHALLENGE and EXTERNAL AUTHENTICATE. ``mrz_information`` is the password with its check digits.

    Draws RND.IC (8 bytes), then K.IC (16 bytes) from ``random``.
    """

    def __init__(self, mrz_information: bytes, random: Random) -> None:
        seed = hashlib.sha1(mrz_information).digest()[:16]
        self._encryption_key = _SUITE.derive_key(seed, ENCRYPTION_COUNTER)
        self._mac_key = _SUITE.derive_key(seed, MAC_COUNTER)
        self._random = random
        self._challenge: bytes | None = None

    def get_challenge(self) -> bytes:
        """Return RND.IC: 8 bytes, good for one authentication."""
        self._challenge = self._random(8)
        return self._challenge

    def external_authenticate(self, cryptogram: bytes) -> tuple[bytes, SecureSession]:
        """Return E.IC ‖ M.IC (40 bytes) and the session. Refuses with 6985, 6700 or 6300."""
        challenge, self._challenge = self._challenge, None
        require(len(cryptogram) == 40, StatusWord.WRONG_LENGTH)
        if challenge is None:
            raise Refusal(StatusWord.CONDITIONS_NOT_SATISFIED)
        encrypted, mac = cryptogram[:32], cryptogram[32:]
        require(self._mac(encrypted) == mac, StatusWord.AUTHENTICATION_FAILED)
        plain = _SUITE.decrypt(self._encryption_key, bytes(8), encrypted)
        reader_challenge, echoed, reader_key = plain[:8], plain[8:16], plain[16:]
        require(echoed == challenge, StatusWord.AUTHENTICATION_FAILED)
        own_key = self._random(16)
        answer = _SUITE.encrypt(self._encryption_key, bytes(8), challenge + reader_challenge + own_key)
        secret = bytes(mine ^ theirs for mine, theirs in zip(own_key, reader_key, strict=True))
        counter = int.from_bytes(challenge[4:] + reader_challenge[4:])
        return answer + self._mac(answer), SecureSession(_SUITE, secret, counter=counter)

    def _mac(self, encrypted: bytes) -> bytes:
        return _SUITE.mac(self._mac_key, pad(encrypted, _SUITE.block))
