"""Every error that the SDK raises on purpose; ``except VerifierError`` catches them all.

Each carries ``reason``, a stable code for programs, and ``sentence``, a text for people that never holds a key, a
password or a person's data.
"""

from verifier.errors import (
    AccessDenied,
    CardError,
    CardProtocolError,
    CardRefused,
    CardRemoved,
    DeadlineExceeded,
    EvidenceError,
    ExtendedLengthRefused,
    FaultyTable,
    InvalidInput,
    MalformedData,
    PolicyError,
    ReaderBusy,
    ReaderError,
    ReaderFault,
    ReaderGone,
    ReaderUnavailable,
    SecureMessagingError,
    SeveralCards,
    TrustMaterialError,
    UnsupportedFeature,
    VerifierError,
)

__all__ = [
    "AccessDenied",
    "CardError",
    "CardProtocolError",
    "CardRefused",
    "CardRemoved",
    "DeadlineExceeded",
    "EvidenceError",
    "ExtendedLengthRefused",
    "FaultyTable",
    "InvalidInput",
    "MalformedData",
    "PolicyError",
    "ReaderBusy",
    "ReaderError",
    "ReaderFault",
    "ReaderGone",
    "ReaderUnavailable",
    "SecureMessagingError",
    "SeveralCards",
    "TrustMaterialError",
    "UnsupportedFeature",
    "VerifierError",
]
