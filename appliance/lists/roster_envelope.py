"""The envelope of a published roster: age, for the X25519 keys of the chi bộ's appliances.

Who sealed it the province's signature over the published file says.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from appliance.errors import RosterNotForUs, RosterRefused
from appliance.lists import age_envelope
from appliance.lists.age_envelope import Flaw
from appliance.lists.roster_document import LONGEST_PLAIN, RosterDocument

MOST_RECIPIENTS: Final = 64
LONGEST_SEALED: Final = LONGEST_PLAIN + 200_000
"""Bytes; enough for the envelope of so many recipients."""
_LONGEST_HEADER: Final = 32_768
"""Bytes."""
_SENTENCES: Final = {
    Flaw.TOO_LONG: f"the sealed roster is longer than {LONGEST_SEALED} bytes",
    Flaw.NO_ENVELOPE: "the sealed roster is no envelope of age, or one with too many recipients",
    Flaw.NOT_FOR_US: "the roster is sealed to another appliance; give the province this one's public key",
    Flaw.NO_IDENTITY: "the key that opens rosters is no key of age",
    Flaw.DAMAGED: "the sealed roster is damaged",
    Flaw.NO_RECIPIENT: (
        "an appliance's public key begins with age1 and is printed by thechip-appliance roster recipient"
    ),
}


@dataclass(frozen=True, slots=True)
class OpenedRoster:
    """A roster out of its envelope, and the SHA-256 of its document, 32 bytes."""

    document: RosterDocument
    sha256: bytes = field(repr=False)


def require_recipient(text: str) -> str:
    """Return an appliance's public key, ``age1…``, without blanks around it. Raises ``RosterRefused`` for others."""
    return age_envelope.require_recipient(text.strip(), _refusal)


def seal_roster(document: RosterDocument, recipients: Sequence[str]) -> bytes:
    """Return the document, sealed so that each of the recipients (``age1…``) can open it, and nobody else.

    Sealing twice gives two envelopes. Raises ``RosterRefused`` for none or more than 64 recipients, for one that is no
    such key, and for a document that cannot be.
    """
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        msg = f"a roster is sealed to 1 to {MOST_RECIPIENTS} appliances"
        raise RosterRefused(msg)
    return age_envelope.seal_envelope(document.encode(), recipients, _refusal)


def open_roster(sealed: bytes, identity: str, *, province: str, chi_bo: str) -> OpenedRoster:
    """Open an envelope with this appliance's identity, ``AGE-SECRET-KEY-1…``, and read the roster in it.

    Raises ``RosterNotForUs`` where it is sealed to others, or is not the roster of this chi bộ, and ``RosterRefused``
    where it is damaged or hostile.
    """
    plain = age_envelope.open_envelope(
        sealed, identity, _refusal, longest=LONGEST_SEALED, longest_header=_LONGEST_HEADER
    )
    document = RosterDocument.decode(plain)
    if (document.province, document.chi_bo) != (province, chi_bo):
        msg = "the roster is that of another chi bộ than this appliance serves"
        raise RosterNotForUs(msg)
    return OpenedRoster(document, hashlib.sha256(plain).digest())


def _refusal(flaw: Flaw) -> RosterRefused:
    refused = RosterNotForUs if flaw is Flaw.NOT_FOR_US else RosterRefused
    return refused(_SENTENCES[flaw])
