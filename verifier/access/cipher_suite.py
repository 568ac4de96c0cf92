"""The symmetric side of every access protocol: key derivation, encryption and MAC (ICAO 9303-11, 9.7.1, 9.8.6, 9.8.7).

Two families with one face. 3DES: CBC with a zero IV, retail MAC (ISO/IEC 9797-1, algorithm 3), 8-byte blocks. AES: CBC
with an encrypted counter for IV, CMAC cut to eight bytes, 16-byte blocks.
"""

import hashlib
from enum import Enum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from verifier.errors import MalformedData

MAC_LENGTH = 8
KEY_ENC, KEY_MAC, KEY_PASSWORD = 1, 2, 3
"""The counters of the key derivation function (ICAO 9303-11, 9.7.1)."""
_DES_BLOCK, _AES_BLOCK = 8, 16


class CipherSuite(Enum):
    """One of the four suites; the value is the name that people read."""

    TRIPLE_DES = "3DES"
    AES_128 = "AES-128"
    AES_192 = "AES-192"
    AES_256 = "AES-256"

    @property
    def key_length(self) -> int:
        """Bytes of a key: 16 (3DES with two keys, AES-128), 24 or 32."""
        return {CipherSuite.AES_192: 24, CipherSuite.AES_256: 32}.get(self, 16)

    @property
    def block_length(self) -> int:
        """Bytes of a block, and of the send sequence counter: 8 or 16."""
        return _DES_BLOCK if self is CipherSuite.TRIPLE_DES else _AES_BLOCK

    @property
    def strength(self) -> int:
        """Bits of security, for choosing the strongest offer."""
        return 112 if self is CipherSuite.TRIPLE_DES else 8 * self.key_length

    def derive_key(self, secret: bytes, counter: int) -> bytes:
        """Derive a key from a shared secret or password: ``KDF(K, c)``; DES keys get their parity bits."""
        material = secret + counter.to_bytes(4)
        if self.key_length == 16:
            digest = hashlib.sha1(material, usedforsecurity=False).digest()
        else:
            digest = hashlib.sha256(material).digest()
        key = digest[: self.key_length]
        return _with_odd_parity(key) if self is CipherSuite.TRIPLE_DES else key

    def derive_session_keys(self, secret: bytes) -> tuple[bytes, bytes]:
        """Return ``KS.Enc`` and ``KS.MAC`` for a shared secret."""
        return self.derive_key(secret, KEY_ENC), self.derive_key(secret, KEY_MAC)

    def encrypt(self, key: bytes, plain: bytes, counter: bytes | None = None) -> bytes:
        """Encrypt whole blocks in CBC mode. ``counter`` is the send sequence counter; ``None``: the IV is zero."""
        encryptor = self._cbc(key, counter).encryptor()
        return encryptor.update(plain) + encryptor.finalize()

    def decrypt(self, key: bytes, cryptogram: bytes, counter: bytes | None = None) -> bytes:
        """Decrypt whole blocks; the reverse of ``encrypt``."""
        decryptor = self._cbc(key, counter).decryptor()
        return decryptor.update(cryptogram) + decryptor.finalize()

    def mac(self, key: bytes, message: bytes) -> bytes:
        """Return the eight-byte MAC of a message; the retail MAC wants it padded to whole blocks."""
        if self is CipherSuite.TRIPLE_DES:
            return _retail_mac(key, message)
        cmac = CMAC(AES(key))
        cmac.update(message)
        return cmac.finalize()[:MAC_LENGTH]

    def mac_padded(self, key: bytes, message: bytes) -> bytes:
        """Return the MAC of a message, padded first where the retail MAC asks for it (BAC, authentication tokens)."""
        return self.mac(key, self.pad(message) if self is CipherSuite.TRIPLE_DES else message)

    def pad(self, message: bytes) -> bytes:
        """Append 80 and as many 00 as fill the last block (ISO/IEC 9797-1, padding method 2)."""
        return message + b"\x80" + bytes(-(len(message) + 1) % self.block_length)

    def unpad(self, padded: bytes) -> bytes:
        """Take the padding away; raise ``MalformedData`` where there is none, or more than a block of it."""
        message = padded.rstrip(b"\x00")
        if not message.endswith(b"\x80") or len(padded) - len(message) >= self.block_length:
            msg = "the decrypted data does not end with a padding"
            raise MalformedData(msg)
        return message[:-1]

    def _cbc(self, key: bytes, counter: bytes | None) -> Cipher[modes.CBC]:
        if self is CipherSuite.TRIPLE_DES:
            return Cipher(TripleDES(key + key[:_DES_BLOCK]), modes.CBC(bytes(_DES_BLOCK)))
        initial = bytes(_AES_BLOCK)
        if counter is not None:
            encryptor = Cipher(AES(key), modes.ECB()).encryptor()
            initial = encryptor.update(counter) + encryptor.finalize()
        return Cipher(AES(key), modes.CBC(initial))


def _retail_mac(key: bytes, message: bytes) -> bytes:
    """Single DES in CBC mode over all blocks but the last, two-key 3DES over the last."""
    first, last = message[:-_DES_BLOCK], message[-_DES_BLOCK:]
    chained = bytes(_DES_BLOCK)
    if first:
        single = Cipher(TripleDES(key[:_DES_BLOCK] * 3), modes.CBC(chained)).encryptor()
        chained = (single.update(first) + single.finalize())[-_DES_BLOCK:]
    double = Cipher(TripleDES(key + key[:_DES_BLOCK]), modes.CBC(chained)).encryptor()
    return double.update(last) + double.finalize()


def _with_odd_parity(key: bytes) -> bytes:
    return bytes(octet & 0xFE | (octet >> 1).bit_count() + 1 & 1 for octet in key)
