"""The envelope of a bundle: age, sealed to one appliance."""

from typing import Final

from appliance.errors import BundleNotForUs, BundleRefused
from appliance.lists import age_envelope
from appliance.lists.age_envelope import Flaw

LONGEST_SEALED: Final = 16 * 1024 * 1024
"""Bytes: about twenty thousand check-ins."""
_LONGEST_HEADER: Final = 4096
_SENTENCES: Final = {
    Flaw.TOO_LONG: f"the bundle is longer than {LONGEST_SEALED} bytes",
    Flaw.NO_ENVELOPE: "this is no bundle of an appliance",
    Flaw.NOT_FOR_US: "the bundle is sealed to another appliance",
    Flaw.NO_IDENTITY: "the key that opens bundles is no key of age",
    Flaw.DAMAGED: "the bundle is damaged; take another copy",
    Flaw.NO_RECIPIENT: "an appliance's key of age begins with age1",
}


def require_recipient(text: str) -> str:
    """Return an appliance's key of age, ``age1…``. Raises ``BundleRefused`` for anything else."""
    return age_envelope.require_recipient(text, _refusal)


def seal_bundle(content: bytes, recipient: str) -> bytes:
    """Seal to one appliance; ``BundleRefused`` for what would be longer than anybody takes."""
    sealed = age_envelope.seal_envelope(content, [recipient], _refusal)
    if len(sealed) > LONGEST_SEALED:
        msg = f"the bundle would be longer than {LONGEST_SEALED} bytes; take one since a later entry"
        raise BundleRefused(msg)
    return sealed


def open_bundle(sealed: bytes, identity: str) -> bytes:
    """Open with this appliance's identity, ``AGE-SECRET-KEY-1…``.

    Raises ``BundleNotForUs`` where it is sealed to others, and ``BundleRefused`` where it is damaged or hostile.
    """
    return age_envelope.open_envelope(
        sealed, identity, _refusal, longest=LONGEST_SEALED, longest_header=_LONGEST_HEADER
    )


def _refusal(flaw: Flaw) -> BundleRefused:
    refused = BundleNotForUs if flaw is Flaw.NOT_FOR_US else BundleRefused
    return refused(_SENTENCES[flaw])
