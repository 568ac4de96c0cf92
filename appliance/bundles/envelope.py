"""The envelope of a bundle: age (age-encryption.org/v1), sealed to one appliance; bounds come before decryption."""

from typing import Any, Final

import pyrage

from appliance.errors import BundleNotForUs, BundleRefused

LONGEST_SEALED: Final = 16 * 1024 * 1024
"""Bytes: about twenty thousand check-ins."""
_LONGEST_HEADER: Final = 4096
_MAGIC: Final = b"age-encryption.org/v1\n"
_END_OF_HEADER: Final = b"\n--- "
_LONGEST_RECIPIENT: Final = 100
_NO_KEY_FITS: Final = "No matching keys found"


def require_recipient(text: str) -> str:
    """Return an appliance's key of age, ``age1…``. Raises ``BundleRefused`` for anything else."""
    _recipient(text)
    return text


def seal_bundle(content: bytes, recipient: str) -> bytes:
    """Seal to one appliance; ``BundleRefused`` for what would be longer than anybody takes."""
    sealed: bytes = pyrage.encrypt(content, [_recipient(recipient)])
    if len(sealed) > LONGEST_SEALED:
        msg = f"the bundle would be longer than {LONGEST_SEALED} bytes; take one since a later entry"
        raise BundleRefused(msg)
    return sealed


def open_bundle(sealed: bytes, identity: str) -> bytes:
    """Open with this appliance's identity, ``AGE-SECRET-KEY-1…``.

    Raises ``BundleNotForUs`` where it is sealed to others, and ``BundleRefused`` where it is damaged or hostile.
    """
    if len(sealed) > LONGEST_SEALED:
        msg = f"the bundle is longer than {LONGEST_SEALED} bytes"
        raise BundleRefused(msg)
    if not sealed.startswith(_MAGIC) or _END_OF_HEADER not in sealed[:_LONGEST_HEADER]:
        msg = "this is no bundle of an appliance"
        raise BundleRefused(msg)
    try:
        opened: bytes = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)])
    except pyrage.DecryptError as error:
        if str(error) == _NO_KEY_FITS:
            msg = "the bundle is sealed to another appliance"
            raise BundleNotForUs(msg) from error
        msg = "the bundle is damaged; take another copy"
        raise BundleRefused(msg) from error
    return opened


def _recipient(text: str) -> Any:
    try:
        if len(text) <= _LONGEST_RECIPIENT:
            return pyrage.x25519.Recipient.from_str(text)
        reason: Exception | None = None
    except pyrage.RecipientError as error:
        reason = error
    msg = "an appliance's key of age begins with age1"
    raise BundleRefused(msg) from reason
