"""StatusWord: the two bytes that end every response (ISO/IEC 7816-4, 5.1.3)."""

from enum import IntEnum


class StatusWord(IntEnum):
    """The status words that the protocols of ICAO 9303 give a meaning of their own."""

    OK = 0x9000
    END_OF_FILE = 0x6282
    AUTHENTICATION_FAILED = 0x6300
    EXECUTION_ERROR = 0x6400
    MEMORY_FAILURE = 0x6581
    WRONG_LENGTH = 0x6700
    SECURE_MESSAGING_NOT_SUPPORTED = 0x6882
    SECURITY_STATUS_NOT_SATISFIED = 0x6982
    AUTHENTICATION_METHOD_BLOCKED = 0x6983
    CONDITIONS_NOT_SATISFIED = 0x6985
    SECURE_MESSAGING_OBJECTS_MISSING = 0x6987
    SECURE_MESSAGING_OBJECTS_INCORRECT = 0x6988
    WRONG_PARAMETERS_IN_DATA = 0x6A80
    FUNCTION_NOT_SUPPORTED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    INCORRECT_P1_P2 = 0x6A86
    REFERENCED_DATA_NOT_FOUND = 0x6A88
    OFFSET_OUTSIDE_FILE = 0x6B00
    INS_NOT_SUPPORTED = 0x6D00
    CLA_NOT_SUPPORTED = 0x6E00
    NO_PRECISE_DIAGNOSIS = 0x6F00


def is_success(status: int) -> bool:
    """Tell whether the command was carried out: 9000, or 6282 (data shorter than asked for)."""
    return status in {StatusWord.OK, StatusWord.END_OF_FILE}


def describe(status: int) -> str:
    """Return the status word as text for people: ``6982 (security status not satisfied)``."""
    try:
        name = StatusWord(status).name.replace("_", " ").lower()
    except ValueError:
        return f"{status:04X}"
    return f"{status:04X} ({name})"
