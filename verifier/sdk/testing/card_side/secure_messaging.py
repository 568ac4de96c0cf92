"""The chip's end of secure messaging (ICAO 9303-11, 9.8): commands are unwrapped, responses wrapped."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from verifier.iso7816.apdu import EXTENDED_MAX_LE, SHORT_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.status import StatusWord
from verifier.iso7816.tlv import encode
from verifier.sdk.testing.card_side.ciphers import ENCRYPTION_COUNTER, MAC_COUNTER, CipherSuite, pad, unpad
from verifier.sdk.testing.card_side.refusal import Refusal, data_objects, require

_MISSING = StatusWord.SECURE_MESSAGING_OBJECTS_MISSING
_INCORRECT = StatusWord.SECURE_MESSAGING_OBJECTS_INCORRECT
_ENCRYPTED, _ENCRYPTED_ODD, _LE, _STATUS, _MAC = 0x87, 0x85, 0x97, 0x99, 0x8E
_KNOWN_TAGS = {_ENCRYPTED, _ENCRYPTED_ODD, _LE, _MAC}


class SecureSession:
    """Session keys and send sequence counter of one session.

    ``secret`` is the seed or shared secret that both keys are derived from, ``counter`` the counter's start: RND.IC
    and RND.IFD's halves after BAC, zero after PACE and Chip Authentication.
    """

    def __init__(self, suite: CipherSuite, secret: bytes, *, counter: int = 0) -> None:
        self._suite = suite
        self._encryption_key = suite.derive_key(secret, ENCRYPTION_COUNTER)
        self._mac_key = suite.derive_key(secret, MAC_COUNTER)
        self._counter = counter

    def unwrap(self, command: CommandApdu) -> CommandApdu:
        """Return the command inside. Raises ``Refusal`` with 6987 or 6988, after which the session is dead."""
        self._counter += 1
        objects = data_objects(command.data, _INCORRECT)
        require(_MAC in objects, _MISSING)
        require(objects.keys() <= _KNOWN_TAGS, _INCORRECT)
        self._check_mac(command.header, command.data, objects)
        plain = self._decrypted(command.ins, objects)
        return CommandApdu(command.cla & 0xF3, command.ins, command.p1, command.p2, plain, _decode_le(objects))

    def wrap(self, response: ResponseApdu, ins: int) -> ResponseApdu:
        """Return the response as it travels; ``ins`` decides between DO'87' and, where odd, DO'85'."""
        self._counter += 1
        body = b""
        if response.data:
            encrypted = self._suite.encrypt(self._encryption_key, self._iv(), pad(response.data, self._suite.block))
            body = encode(_ENCRYPTED_ODD, encrypted) if ins & 1 else encode(_ENCRYPTED, b"\x01" + encrypted)
        body += encode(_STATUS, response.status.to_bytes(2))
        return ResponseApdu(body + encode(_MAC, self._mac(b"", body)), response.status)

    def wrapped_length(self, length: int) -> int:
        """Return how many bytes a response of ``length`` plain bytes has inside the channel (even instruction)."""
        padded = length + self._suite.block - length % self._suite.block
        return len(encode(_ENCRYPTED, bytes(1 + padded))) + 14 if length else 14

    def _check_mac(self, header: bytes, data: bytes, objects: dict[int, bytes]) -> None:
        mac_object = encode(_MAC, objects[_MAC])
        require(len(objects[_MAC]) == 8 and data.endswith(mac_object), _INCORRECT)
        require(self._mac(header, data[: -len(mac_object)]) == objects[_MAC], _INCORRECT)

    def _mac(self, header: bytes, body: bytes) -> bytes:
        """MAC over the counter, the padded header (commands only) and the padded data objects."""
        block = self._suite.block
        message = self._counter_block() + (pad(header, block) if header else b"")
        return self._suite.mac(self._mac_key, message + (pad(body, block) if body else b""))

    def _decrypted(self, ins: int, objects: dict[int, bytes]) -> bytes:
        tag = _ENCRYPTED_ODD if ins & 1 else _ENCRYPTED
        require(not objects.keys() & ({_ENCRYPTED, _ENCRYPTED_ODD} - {tag}), _INCORRECT)
        if tag not in objects:
            return b""
        encrypted = objects[tag]
        if tag == _ENCRYPTED:
            require(encrypted[:1] == b"\x01", _INCORRECT)
            encrypted = encrypted[1:]
        require(bool(encrypted) and len(encrypted) % self._suite.block == 0, _INCORRECT)
        plain = unpad(self._suite.decrypt(self._encryption_key, self._iv(), encrypted))
        if plain is None:
            raise Refusal(_INCORRECT)
        return plain

    def _counter_block(self) -> bytes:
        size = self._suite.block
        return (self._counter % (1 << 8 * size)).to_bytes(size)

    def _iv(self) -> bytes:
        """Zero for 3DES; for AES the counter, encrypted (ICAO 9303-11, 9.8.6.3)."""
        if self._suite is CipherSuite.TRIPLE_DES:
            return bytes(8)
        encryptor = Cipher(algorithms.AES(self._encryption_key), modes.ECB()).encryptor()
        return encryptor.update(self._counter_block()) + encryptor.finalize()


def _decode_le(objects: dict[int, bytes]) -> int | None:
    if _LE not in objects:
        return None
    value = objects[_LE]
    require(len(value) in {1, 2}, _INCORRECT)
    return int.from_bytes(value) or (SHORT_MAX_LE if len(value) == 1 else EXTENDED_MAX_LE)
