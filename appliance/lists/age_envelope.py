"""Envelopes of age (age-encryption.org/v1) for the X25519 keys of appliances: rosters come in them, and bundles.

Anybody can seal anything to a public key, so bounds come before decryption, and who sealed it is not the envelope's to
say. What is wrong with one is a ``Flaw``; its error and sentence are those of whoever opens it.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any, Final

import pyrage

from appliance.errors import ListRefused

_MAGIC: Final = b"age-encryption.org/v1\n"
_END_OF_HEADER: Final = b"\n--- "
_LONGEST_RECIPIENT: Final = 100
_NO_KEY_FITS: Final = "No matching keys found"


class Flaw(Enum):
    """Why an envelope is not opened, or not sealed."""

    TOO_LONG = auto()
    NO_ENVELOPE = auto()
    """It does not begin as one, or its header is longer than it may be."""
    NOT_FOR_US = auto()
    NO_IDENTITY = auto()
    """What should open it is no key of age."""
    DAMAGED = auto()
    NO_RECIPIENT = auto()
    """Whom it is sealed to is no key of age."""


Refusal = Callable[[Flaw], ListRefused]


def require_recipient(text: str, refusal: Refusal) -> str:
    """Return an appliance's public key, ``age1…``; what ``refusal`` makes of ``NO_RECIPIENT`` is raised for others."""
    _recipient(text, refusal)
    return text


def seal_envelope(content: bytes, recipients: Sequence[str], refusal: Refusal) -> bytes:
    """Seal so that each of the recipients can open it, and nobody else; sealing twice gives two envelopes.

    Age adds 16 bytes for every 64 KiB, and about a hundred for each recipient. Raises as ``require_recipient``.
    """
    sealed: bytes = pyrage.encrypt(content, [_recipient(recipient, refusal) for recipient in recipients])
    return sealed


def open_envelope(sealed: bytes, identity: str, refusal: Refusal, *, longest: int, longest_header: int) -> bytes:
    """Open with an identity, ``AGE-SECRET-KEY-1…``; bounds are bytes. What ``refusal`` makes of a flaw is raised.

    Each recipient in a header costs a multiplication on the curve, whomever it names.
    """
    if len(sealed) > longest:
        raise refusal(Flaw.TOO_LONG)
    if not sealed.startswith(_MAGIC) or _END_OF_HEADER not in sealed[:longest_header]:
        raise refusal(Flaw.NO_ENVELOPE)
    try:
        opened: bytes = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)])
    except pyrage.IdentityError as error:
        raise refusal(Flaw.NO_IDENTITY) from error
    except pyrage.DecryptError as error:
        raise refusal(Flaw.NOT_FOR_US if str(error) == _NO_KEY_FITS else Flaw.DAMAGED) from error
    return opened


def _recipient(text: str, refusal: Refusal) -> Any:
    try:
        if len(text) <= _LONGEST_RECIPIENT:
            return pyrage.x25519.Recipient.from_str(text)
        reason: Exception | None = None
    except pyrage.RecipientError as error:
        reason = error
    raise refusal(Flaw.NO_RECIPIENT) from reason
