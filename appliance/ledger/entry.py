"""One entry of the ledger: what is public of it, what it commits to, what is hashed and signed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from appliance.errors import RuleViolation
from appliance.ledger.canonical_json import JsonValue, canonical_json
from appliance.storage.base import utc_text
from appliance.storage.ledger import EntryKind

Sequence = NewType("Sequence", int)
"""The number of an entry: 1, 2, 3 … without a gap."""

HASH_LENGTH = 32
SALT_LENGTH = 32
MAX_BODY_LENGTH = 8192
ERASED_PER_ENTRY = 500
"""So many numbers an entry of the kind ``erasure`` names at most."""
GENESIS = bytes(HASH_LENGTH)
"""What the first entry has for a previous hash."""

_ENTRY_DOMAIN = b"thechip ledger entry 1\n"
_HEAD_DOMAIN = b"thechip ledger head 1\n"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What somebody wants recorded.

    ``kind``, ``meeting_id`` and ``refers_to`` (the entry that this one corrects) are public and stay for ever, so they
    say nothing of a person. ``body`` and ``subject`` (an opaque name for whom it is about: ``member:7``) are erasable.
    """

    kind: EntryKind
    meeting_id: int | None = None
    refers_to: int | None = None
    subject: str | None = field(default=None, repr=False)
    body: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Raise RuleViolation for a number that is none."""
        _require_numbers(self.meeting_id, self.refers_to)

    def body_bytes(self) -> bytes:
        """Return the canonical body, subject included; RuleViolation over 8,192 bytes."""
        body = canonical_json({**self.body, "subject": self.subject} if self.subject is not None else self.body)
        if len(body) > MAX_BODY_LENGTH:
            msg = f"what is recorded may be {MAX_BODY_LENGTH} bytes long, this is {len(body)}"
            raise RuleViolation(msg)
        return body


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """The public fields, as bytes for bytes they are hashed. ``at`` is ``utc_text``; the hashes are 32 bytes."""

    sequence: int
    at: str
    kind: str
    meeting_id: int | None
    refers_to: int | None
    commitment: bytes
    previous_hash: bytes

    def signed_bytes(self) -> bytes:
        """Return what the device key signs and SHA-256 hashes; RuleViolation for what the store would not hold so."""
        _require_numbers(self.sequence, self.meeting_id, self.refers_to)
        return _ENTRY_DOMAIN + canonical_json(
            {
                "at": self.at,
                "commitment": self.commitment.hex(),
                "kind": self.kind,
                "meeting_id": self.meeting_id,
                "previous_hash": self.previous_hash.hex(),
                "refers_to": self.refers_to,
                "sequence": self.sequence,
            }
        )


def _require_numbers(*numbers: int | None) -> None:
    """``True`` is signed as ``true`` and kept as 1: nobody signs what is not kept."""
    if not all(number is None or type(number) is int for number in numbers):
        msg = "the number of an entry, or of a meeting, is a whole number"
        raise RuleViolation(msg)


def commit_to(salt: bytes, body: bytes) -> bytes:
    """Return the commitment, 32 bytes: without the 32-byte salt nobody can try bodies against it."""
    return hashlib.sha256(salt + body).digest()


def seal(entry: NewEntry, *, sequence: int, at: datetime, salt: bytes, previous_hash: bytes) -> PublicEntry:
    """Give an entry its place in the chain."""
    return PublicEntry(
        sequence=sequence,
        at=utc_text(at),
        kind=entry.kind.value,
        meeting_id=entry.meeting_id,
        refers_to=entry.refers_to,
        commitment=commit_to(salt, entry.body_bytes()),
        previous_hash=previous_hash,
    )


def head_bytes(sequence: int, entry_hash: bytes) -> bytes:
    """Return what is signed to say: the ledger reaches to here."""
    return _HEAD_DOMAIN + canonical_json({"entry_hash": entry_hash.hex(), "sequence": sequence})
