"""The whole error tree on one screen.

Every error carries a stable ``reason`` code for programs and a sentence for people. Codes never change their meaning;
sentences may. No sentence ever contains a key, a password, or a person's data.

We raise when we could not look (card gone, reader gone, bytes that are no such structure) and *report* what we saw
(a forged signature is a failed check, not an exception).
"""

from typing import ClassVar


class VerifierError(Exception):
    """Base of everything that ``verifier`` raises on purpose."""

    reason: ClassVar[str] = "error"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


# --- bytes that are not what they should be -----------------------------------------------------------------------


class MalformedData(VerifierError):
    """The bytes do not decode as the structure that they claim to be."""

    reason = "malformed-data"


class UnsupportedFeature(VerifierError):
    """Well-formed, but of a kind that this version does not carry; the sentence names it."""

    reason = "unsupported-feature"


# --- what the caller handed in ------------------------------------------------------------------------------------


class InvalidInput(VerifierError):
    """An argument from a person or an integrator is not usable: a CAN with letters, an impossible date."""

    reason = "invalid-input"


class FaultyTable(InvalidInput):
    """A table that was handed in cannot be used; ``faults`` has the line, from 1, and a sentence for each fault."""

    reason = "faulty-table"

    def __init__(self, sentence: str, faults: tuple[tuple[int, str], ...] = ()) -> None:
        super().__init__(sentence)
        self.faults = faults

    def __reduce__(self) -> tuple[type["FaultyTable"], tuple[str, tuple[tuple[int, str], ...]], dict[str, object]]:
        """Pickle with both arguments: an error crosses to the process that asked."""
        return type(self), (self.sentence, self.faults), self.__dict__


class PolicyError(VerifierError):
    """The policy or profile contradicts itself, or requires nothing."""

    reason = "policy-error"


class TrustMaterialError(VerifierError):
    """A certificate, CRL or list for the trust store is unusable or not signed by whom it must be."""

    reason = "trust-material-error"


class EvidenceError(VerifierError):
    """An evidence file is damaged or of a version that this release does not know."""

    reason = "evidence-error"


# --- the card -----------------------------------------------------------------------------------------------------


class CardError(VerifierError):
    """Something about this card or this tap; the reader is fine."""

    reason = "card-error"


class CardRemoved(CardError):
    """The card left the field before it was read."""

    reason = "card-removed"


class CardProtocolError(CardError):
    """The card broke a protocol rule: ISO 14443-4 block, APDU structure, access protocol message."""

    reason = "card-protocol-error"


class SeveralCards(CardProtocolError):
    """More than one card lies in the field, and nobody can tell which one is meant."""

    reason = "several-cards"


class CardRefused(CardError):
    """The card answered a command with an error status word."""

    reason = "card-refused"

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status

    def __reduce__(self) -> tuple[type["CardRefused"], tuple[str, int], dict[str, object]]:
        """Pickle with both arguments: an error crosses to the process that asked."""
        return type(self), (self.sentence, self.status), self.__dict__


class ExtendedLengthRefused(CardRefused):
    """The card does not carry extended length. Its session is over; a new one may read in short commands."""

    reason = "extended-length-refused"


class AccessDenied(CardError):
    """The card did not accept the password (MRZ, CAN). Never retried by itself: chips slow down or lock."""

    reason = "access-denied"


class SecureMessagingError(CardError):
    """A response was not authentic, or the chip left the channel; the channel is dead (ICAO 9303-11, 9.8)."""

    reason = "secure-messaging-failed"


# --- the reader and the time --------------------------------------------------------------------------------------


class ReaderError(VerifierError):
    """Something about the reader; no statement about any card."""

    reason = "reader-error"


class ReaderGone(ReaderError):
    """The reader was unplugged or its line is dead."""

    reason = "reader-gone"


class ReaderFault(ReaderError):
    """The reader is there but answers nonsense or reports an internal error."""

    reason = "reader-fault"


class ReaderBusy(ReaderError):
    """Another program has the reader or the card in it, or interfered with the session; try again later."""

    reason = "reader-busy"


class ReaderUnavailable(ReaderError):
    """This machine lacks what such a reader needs: a package, a service, permission. The sentence says what to do."""

    reason = "reader-unavailable"


class DeadlineExceeded(VerifierError):
    """The time for this session is over."""

    reason = "deadline-exceeded"
