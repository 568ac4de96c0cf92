"""What the station expects of any contactless reader: a card that can be talked to, asked after, and let go."""

from dataclasses import dataclass
from typing import Protocol

from verifier.sdk import CardConnection

DEFAULT_SESSION_S = 30.0
"""How long a session with one card may take when nobody set a deadline."""


@dataclass(slots=True)
class Statistics:
    """What travelled between reader and card since the card was found; APDU bytes without block protocol."""

    apdus: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    frames: int = 0
    """RF frames sent, retries, acknowledgements and waiting time extensions included."""


class CardInField(CardConnection, Protocol):
    """A card in the field: a ``CardConnection`` with a deadline and an end."""

    @property
    def statistics(self) -> Statistics:
        """What has travelled so far."""
        ...

    def set_deadline(self, seconds_from_now: float) -> None:
        """From then on ``transmit`` raises ``DeadlineExceeded``; a running one ends soon after."""
        ...

    def is_present(self) -> bool:
        """Whether a card still answers. Ends the session when this one lost its thread; raises ``ReaderError``."""
        ...

    @property
    def is_unbroken(self) -> bool:
        """Whether it is certainly the card that was talked to: one that lost its thread may be another one by now."""
        ...

    def start_over(self) -> bool:
        """Reset the card by switching the field off and on; return whether one is there to begin a new session with.

        What a second session after a broken one must begin with: no secure channel survives it on the card's side.
        """
        ...

    def release(self) -> None:
        """End the session and switch the field off. Never raises because of the card; calling it again does nothing.

        Raises:
            ReaderError: the reader failed.
        """
        ...


class Reader(Protocol):
    """A contactless reader, owned by one thread."""

    @property
    def name(self) -> str:
        """How this reader is called in logs and on the page."""
        ...

    def open(self) -> None:
        """Open the reader, in place of an earlier opening.

        Raises:
            ReaderGone: it is not there. ReaderFault: it is not usable.
            ReaderUnavailable: this machine lacks what such a reader needs; the sentence says what to do.
        """
        ...

    def wait_for_card(self, timeout_s: float) -> CardInField | None:
        """Return the card in the field, or ``None`` after ``timeout_s`` seconds without one.

        Nothing was asked of the card yet: whatever is wrong with it shows at the first ``transmit``.

        Raises:
            ReaderError: the reader failed or is not open; close it, and open it again.
        """
        ...

    def close(self) -> None:
        """Let go of the reader, in whatever state it is. Never raises."""
        ...
