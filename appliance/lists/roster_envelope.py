"""The envelope of a published roster: age (age-encryption.org/v1) for the X25519 keys of the chi bộ's appliances.

Who sealed it is not the envelope's to say: the province's signature over the published file does. Bounds come before
decryption, because anybody can seal anything to a public key.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyrage

from appliance.errors import RosterNotForUs, RosterRefused
from appliance.lists.roster_document import LONGEST_PLAIN, RosterDocument

MOST_RECIPIENTS: Final = 64
LONGEST_SEALED: Final = LONGEST_PLAIN + 200_000
"""Bytes; age adds 16 for every 64 KiB, and about a hundred for each recipient."""
_LONGEST_HEADER: Final = 32_768
"""Bytes; each recipient in it costs a multiplication on the curve."""
_MAGIC: Final = b"age-encryption.org/v1\n"
_END_OF_HEADER: Final = b"\n--- "
_LONGEST_RECIPIENT: Final = 100
_NO_KEY_FITS: Final = "No matching keys found"


@dataclass(frozen=True, slots=True)
class OpenedRoster:
    """A roster out of its envelope, and the SHA-256 of its document, 32 bytes."""

    document: RosterDocument
    sha256: bytes = field(repr=False)


def require_recipient(text: str) -> str:
    """Return an appliance's public key, ``age1…``, without blanks around it. Raises ``RosterRefused`` for others."""
    recipient = text.strip()
    _recipient(recipient)
    return recipient


def seal_roster(document: RosterDocument, recipients: Sequence[str]) -> bytes:
    """Return the document, sealed so that each of the recipients (``age1…``) can open it, and nobody else.

    Sealing twice gives two envelopes. Raises ``RosterRefused`` for none or more than 64 recipients, for one that is no
    such key, and for a document that cannot be.
    """
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        msg = f"a roster is sealed to 1 to {MOST_RECIPIENTS} appliances"
        raise RosterRefused(msg)
    keys = [_recipient(recipient) for recipient in recipients]
    sealed: bytes = pyrage.encrypt(document.encode(), keys)
    return sealed


def open_roster(sealed: bytes, identity: str, *, province: str, chi_bo: str) -> OpenedRoster:
    """Open an envelope with this appliance's identity, ``AGE-SECRET-KEY-1…``, and read the roster in it.

    Raises ``RosterNotForUs`` where it is sealed to others, or is not the roster of this chi bộ, and ``RosterRefused``
    where it is damaged or hostile.
    """
    plain = _open(sealed, identity)
    document = RosterDocument.decode(plain)
    if (document.province, document.chi_bo) != (province, chi_bo):
        msg = "the roster is that of another chi bộ than this appliance serves"
        raise RosterNotForUs(msg)
    return OpenedRoster(document, hashlib.sha256(plain).digest())


def _open(sealed: bytes, identity: str) -> bytes:
    if len(sealed) > LONGEST_SEALED:
        msg = f"the sealed roster is longer than {LONGEST_SEALED} bytes"
        raise RosterRefused(msg)
    if not sealed.startswith(_MAGIC) or _END_OF_HEADER not in sealed[:_LONGEST_HEADER]:
        msg = "the sealed roster is no envelope of age, or one with too many recipients"
        raise RosterRefused(msg)
    try:
        key = pyrage.x25519.Identity.from_str(identity)
        plain: bytes = pyrage.decrypt(sealed, [key])
    except pyrage.IdentityError as error:
        msg = "the key that opens rosters is no key of age"
        raise RosterRefused(msg) from error
    except pyrage.DecryptError as error:
        if str(error) == _NO_KEY_FITS:
            msg = "the roster is sealed to another appliance; give the province this one's public key"
            raise RosterNotForUs(msg) from error
        msg = "the sealed roster is damaged"
        raise RosterRefused(msg) from error
    return plain


def _recipient(text: str) -> Any:
    try:
        if len(text) <= _LONGEST_RECIPIENT:
            return pyrage.x25519.Recipient.from_str(text)
        reason: Exception | None = None
    except pyrage.RecipientError as error:
        reason = error
    msg = "an appliance's public key begins with age1 and is printed by thechip-appliance roster recipient"
    raise RosterRefused(msg) from reason
