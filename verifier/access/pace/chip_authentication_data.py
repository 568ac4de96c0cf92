"""What a chip adds to the end of PACE with chip authentication mapping (ICAO 9303-11, 4.4.3.5).

CA_IC, the quotient of its ephemeral mapping key and its static key, travels encrypted. Whether it fits the static key
that the issuer signed is for ``verification`` to say, when EF.CardSecurity has been read.
"""

from verifier.access.cipher_suite import CipherSuite
from verifier.access.pace.general_authenticate import answer_of
from verifier.errors import MalformedData
from verifier.iso7816.apdu import ResponseApdu

_ENCRYPTED_CHIP_AUTHENTICATION_DATA = 0x8A


def chip_authentication_data(answer: ResponseApdu, suite: CipherSuite, encryption_key: bytes) -> bytes:
    """Return CA_IC from the last answer of PACE, decrypted under KS.Enc with the IV E(KS.Enc, -1) (4.4.3.5.4).

    What does not decrypt to padded data is returned empty: a chip that sends such a thing has proved nothing, and the
    proof that is made of it says so. Raises ``CardProtocolError`` where the answer has no such data object.
    """
    encrypted = answer_of(answer, _ENCRYPTED_CHIP_AUTHENTICATION_DATA, "chip authentication mapping")
    if len(encrypted) % suite.block_length:
        return b""
    minus_one = b"\xff" * suite.block_length
    try:
        return suite.unpad(suite.decrypt(encryption_key, encrypted, minus_one))
    except MalformedData:
        return b""
