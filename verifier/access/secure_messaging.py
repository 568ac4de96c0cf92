"""Secure messaging: every command and response encrypted and authenticated (ICAO 9303-11, 9.8).

A channel counts each message in both directions, so one that is lost, altered or repeated is noticed. After that, or
once the chip answers in the clear, nothing more can be believed: the channel is dead, stays dead, and says so.
"""

import hmac

from verifier.access.cipher_suite import MAC_LENGTH, CipherSuite
from verifier.errors import InvalidInput, MalformedData, SecureMessagingError
from verifier.iso7816.apdu import (
    EXTENDED_MAX_LE,
    SECURE_MESSAGING_CLA,
    SHORT_MAX_DATA,
    SHORT_MAX_LE,
    CommandApdu,
    ResponseApdu,
)
from verifier.iso7816.status import describe
from verifier.iso7816.tlv import Tlv, decode_all, encode

_ENCRYPTED_ODD, _ENCRYPTED, _EXPECTED_LENGTH, _STATUS, _MAC = 0x85, 0x87, 0x97, 0x99, 0x8E
_PADDING_INDICATOR = b"\x01"
_STATUS_OBJECT_LENGTH, _MAC_OBJECT_LENGTH = 4, 10
_CHAINING_AND_CHANNEL = 0x13


class SecureMessaging:
    """A channel to the chip under a pair of session keys; satisfies ``iso7816.exchange.Channel``.

    Args:
        suite: 3DES or AES; keys of ``suite.key_length`` bytes.
        encryption_key: KS.Enc.
        mac_key: KS.MAC.
        counter: the send sequence counter to start from, ``suite.block_length`` bytes; zero where absent (PACE, CA).
    """

    def __init__(self, suite: CipherSuite, encryption_key: bytes, mac_key: bytes, counter: bytes | None = None) -> None:
        if not len(encryption_key) == len(mac_key) == suite.key_length:
            msg = f"keys for {suite.value} have {suite.key_length} bytes"
            raise InvalidInput(msg)
        self.suite = suite
        self._encryption_key = encryption_key
        self._mac_key = mac_key
        self._counter = int.from_bytes(counter or b"")
        self._awaiting_response = False
        self._dead_because: str | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the channel still carries commands."""
        return self._dead_because is None

    def retire(self, sentence: str) -> None:
        """Close the channel for good, for the reason that ``sentence`` tells whoever still uses it."""
        self._dead_because = self._dead_because or sentence

    def max_plain_chunk(self) -> int:
        """Return how many bytes fit into a response of short length: 223 for AES, 231 for 3DES."""
        room = SHORT_MAX_LE - _STATUS_OBJECT_LENGTH - _MAC_OBJECT_LENGTH
        cryptogram = room - len(b"\x87\x81\x00" + _PADDING_INDICATOR)
        return cryptogram // self.suite.block_length * self.suite.block_length - 1

    def protect(self, command: CommandApdu) -> CommandApdu:
        """Return the command encrypted and authenticated (ICAO 9303-11, 9.8.4).

        Raises ``SecureMessagingError`` where the channel is dead, also because the last response never came, and
        ``InvalidInput`` for a class byte that already says secure messaging or is not of the first interindustry kind.
        """
        if self._awaiting_response:
            self.retire("a command was sent and its response never came")
        self._require_alive()
        if command.cla & ~_CHAINING_AND_CHANNEL:
            msg = f"a command of class {command.cla:02X} cannot be protected"
            raise InvalidInput(msg)
        header = bytes([command.cla | SECURE_MESSAGING_CLA]) + command.header[1:]
        counter = self._next_counter()
        body = self._command_body(command, counter)
        message = counter + self.suite.pad(header) + (self.suite.pad(body) if body else b"")
        body += encode(_MAC, self.suite.mac(self._mac_key, message))
        extended = len(body) > SHORT_MAX_DATA or (command.le or 0) > SHORT_MAX_LE
        self._awaiting_response = True
        return CommandApdu(
            header[0], header[1], header[2], header[3], body, le=EXTENDED_MAX_LE if extended else SHORT_MAX_LE
        )

    def unprotect(self, response: ResponseApdu) -> ResponseApdu:
        """Check and decrypt a response (ICAO 9303-11, 9.8.5); its status is the authentic one of DO'99'.

        Raises ``SecureMessagingError``, and kills the channel, where the response is in the clear, not authentic, or
        not of the form that it must have.
        """
        self._require_alive()
        if not self._awaiting_response:
            self._fail("a response came without a command")
        self._awaiting_response = False
        if not response.data:
            self._fail(f"the chip left the secure channel with {describe(response.status)}")
        try:
            return self._open(response.data)
        except MalformedData as error:
            self.retire(f"a response inside the secure channel was malformed: {error.sentence}")
            raise SecureMessagingError(self._dead_because or "") from error

    def _command_body(self, command: CommandApdu, counter: bytes) -> bytes:
        body = b""
        if command.data:
            cryptogram = self.suite.encrypt(self._encryption_key, self.suite.pad(command.data), counter)
            odd = command.ins & 1
            body = encode(_ENCRYPTED_ODD, cryptogram) if odd else encode(_ENCRYPTED, _PADDING_INDICATOR + cryptogram)
        if command.le is not None:
            short = command.le <= SHORT_MAX_LE
            length = (command.le % SHORT_MAX_LE).to_bytes(1) if short else (command.le % EXTENDED_MAX_LE).to_bytes(2)
            body += encode(_EXPECTED_LENGTH, length)
        return body

    def _open(self, protected: bytes) -> ResponseApdu:
        elements = {element.tag: element for element in _response_objects(protected)}
        counter = self._next_counter()
        authenticated = protected[: -elements[_MAC].size]
        mac = self.suite.mac(self._mac_key, counter + self.suite.pad(authenticated))
        if not hmac.compare_digest(mac, elements[_MAC].value):
            self._fail("a response inside the secure channel is not authentic")
        return ResponseApdu(self._decrypt(elements, counter), int.from_bytes(elements[_STATUS].value))

    def _decrypt(self, elements: dict[int, Tlv], counter: bytes) -> bytes:
        if _ENCRYPTED in elements:
            indicator, cryptogram = elements[_ENCRYPTED].value[:1], elements[_ENCRYPTED].value[1:]
            if indicator != _PADDING_INDICATOR:
                msg = "the padding indicator is not 01"
                raise MalformedData(msg)
        elif _ENCRYPTED_ODD in elements:
            cryptogram = elements[_ENCRYPTED_ODD].value
        else:
            return b""
        if not cryptogram or len(cryptogram) % self.suite.block_length:
            msg = "the encrypted data is not made of whole blocks"
            raise MalformedData(msg)
        return self.suite.unpad(self.suite.decrypt(self._encryption_key, cryptogram, counter))

    def _next_counter(self) -> bytes:
        self._counter = (self._counter + 1) % (1 << 8 * self.suite.block_length)
        return self._counter.to_bytes(self.suite.block_length)

    def _require_alive(self) -> None:
        if self._dead_because is not None:
            msg = f"the secure channel is closed: {self._dead_because}"
            raise SecureMessagingError(msg)

    def _fail(self, sentence: str) -> None:
        self.retire(sentence)
        raise SecureMessagingError(sentence)


def response_mac_is_valid(suite: CipherSuite, mac_key: bytes, protected: bytes, counter: int) -> bool:
    """Tell whether a protected response (without its status word) carries the MAC that this key and counter give."""
    try:
        objects = _response_objects(protected)
    except MalformedData:
        return False
    mac = objects[-1]
    message = counter.to_bytes(suite.block_length) + suite.pad(protected[: -mac.size])
    return hmac.compare_digest(suite.mac(mac_key, message), mac.value)


def _response_objects(protected: bytes) -> list[Tlv]:
    """Return the data objects of a response: DO'87' or DO'85' if there is data, DO'99', DO'8E', in this order."""
    objects = list(decode_all(protected))
    tags = [element.tag for element in objects]
    if tags[-2:] != [_STATUS, _MAC] or tags[:-2] not in ([], [_ENCRYPTED], [_ENCRYPTED_ODD]):
        msg = "its data objects are not those of a protected response"
        raise MalformedData(msg)
    if len(objects[-2].value) != 2 or len(objects[-1].value) != MAC_LENGTH:
        msg = "its status or its MAC has the wrong length"
        raise MalformedData(msg)
    return objects
