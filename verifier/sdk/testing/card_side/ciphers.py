"""The four cipher suites of ICAO 9303-11 and their key derivation, as the chip computes them (9.7.1, 9.8)."""

import hashlib
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

ENCRYPTION_COUNTER = 1
MAC_COUNTER = 2
PASSWORD_COUNTER = 3
"""The counters of the key derivation function (ICAO 9303-11, 9.7.1.1 and 9.7.3)."""


@dataclass(frozen=True)
class _Traits:
    key_length: int
    block: int
    arc: int


class CipherSuite(Enum):
    """A block cipher in CBC mode with its MAC: retail MAC for 3DES, CMAC for AES; MACs have 8 bytes."""

    TRIPLE_DES = _Traits(16, 8, 1)
    AES_128 = _Traits(16, 16, 2)
    AES_192 = _Traits(24, 16, 3)
    AES_256 = _Traits(32, 16, 4)

    @property
    def arc(self) -> int:
        """Last arc of the protocol's object identifier (ICAO 9303-11, 9.2.1 and 9.2.5)."""
        return self.value.arc

    @property
    def key_length(self) -> int:
        """Bytes of a key: 16, 24 or 32."""
        return self.value.key_length

    @property
    def block(self) -> int:
        """Bytes of one block: 8 or 16."""
        return self.value.block

    def derive_key(self, secret: bytes, counter: int) -> bytes:
        """Return the session key for the counter: 16, 24 or 32 bytes (ICAO 9303-11, 9.7.1)."""
        digest = hashlib.sha256 if self.value.key_length > 16 else hashlib.sha1
        key = digest(secret + counter.to_bytes(4)).digest()[: self.value.key_length]
        return _with_odd_parity(key) if self is CipherSuite.TRIPLE_DES else key

    def encrypt(self, key: bytes, iv: bytes, plain: bytes) -> bytes:
        """Encrypt whole blocks in CBC mode."""
        encryptor = self._cbc(key, iv).encryptor()
        return encryptor.update(plain) + encryptor.finalize()

    def decrypt(self, key: bytes, iv: bytes, encrypted: bytes) -> bytes:
        """Decrypt whole blocks in CBC mode."""
        decryptor = self._cbc(key, iv).decryptor()
        return decryptor.update(encrypted) + decryptor.finalize()

    def mac(self, key: bytes, message: bytes) -> bytes:
        """Return the MAC: 8 bytes. For 3DES the message must be padded to whole blocks; CMAC takes any length."""
        if self is CipherSuite.TRIPLE_DES:
            return _retail_mac(key, message)
        cmac = CMAC(algorithms.AES(key))
        cmac.update(message)
        return cmac.finalize()[:8]

    def _cbc(self, key: bytes, iv: bytes) -> Cipher[modes.CBC]:
        if self is CipherSuite.TRIPLE_DES:
            return Cipher(TripleDES(key + key[:8]), modes.CBC(iv))
        return Cipher(algorithms.AES(key), modes.CBC(iv))


def pad(data: bytes, block: int) -> bytes:
    """Append 80 and zeros up to whole blocks (ISO/IEC 9797-1, padding method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes) -> bytes | None:
    """Remove that padding, or return ``None`` where it is none."""
    stripped = data.rstrip(b"\x00")
    return stripped[:-1] if stripped[-1:] == b"\x80" else None


def _retail_mac(key: bytes, message: bytes) -> bytes:
    """ISO/IEC 9797-1, MAC algorithm 3 over whole blocks: single DES, and two-key 3DES for the last block."""
    iv = bytes(8)
    if len(message) > 8:
        chain = Cipher(TripleDES(key[:8] * 3), modes.CBC(iv)).encryptor()
        iv = chain.update(message[:-8])[-8:]
    return CipherSuite.TRIPLE_DES.encrypt(key, iv, message[-8:])


def _with_odd_parity(key: bytes) -> bytes:
    return bytes(byte & 0xFE | (byte >> 1).bit_count() & 1 ^ 1 for byte in key)
