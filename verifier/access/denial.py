"""Which status words say that a password was wrong, where a protocol proves it to the card."""

from verifier.errors import AccessDenied
from verifier.iso7816.apdu import ResponseApdu
from verifier.iso7816.status import StatusWord, describe

_DENIALS = frozenset(
    {
        StatusWord.SECURITY_STATUS_NOT_SATISFIED,
        StatusWord.AUTHENTICATION_METHOD_BLOCKED,
        StatusWord.SECURE_MESSAGING_OBJECTS_INCORRECT,
        StatusWord.WRONG_PARAMETERS_IN_DATA,
    }
)
_WARNING_WITH_COUNTER = 0x63


def require_access(response: ResponseApdu, doing: str) -> bytes:
    """Return the data of the answer to the last command of an access protocol, which carries our proof.

    ICAO 9303-11 asks for 6300 where the proof is wrong (4.3.4.2, 4.4.4.2); 63Cx counts tries down; 6982, 6983, 6988
    and 6A80 are what chips in the wild say instead.

    Raises:
        AccessDenied: the password does not fit this card. CardRefused: any other error.
    """
    if response.status >> 8 == _WARNING_WITH_COUNTER or response.status in _DENIALS:
        msg = f"the card did not accept the password: {describe(response.status)}"
        raise AccessDenied(msg)
    return response.require_ok(doing)
